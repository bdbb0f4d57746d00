//! Arguments of pages: who reads, in which language, who is signed in, and which form was sent.

mod administrator;
mod reader;
mod recent;
mod signed_in;

pub(super) use {
    administrator::{AdminForm, AdminPage},
    reader::Reader,
    recent::RecentForm,
    signed_in::{SignedForm, SignedIn, Visitor},
};
