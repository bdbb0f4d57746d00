//! Arguments of pages: who reads, in which language, who is signed in, and which form was sent.

mod reader;
mod signed_in;

pub(super) use {
    reader::Reader,
    signed_in::{SignedForm, SignedIn, Visitor},
};
