//! Who takes part in a test: a server of its own, and the people who talk to it.

mod admin;
mod application;
mod browser;
mod call;
mod clock;
mod contract;
mod person;
mod port;
mod program;
mod receiver;
mod reply;
mod server;
mod signed_in;
mod visitor;

pub(crate) use admin::Admin;
pub(crate) use application::{Answered, Application, Asking, CALLBACK, VERIFIER};
pub(crate) use browser::Browser;
pub(crate) use call::{Actor, Call};
pub(crate) use contract::DOCUMENT;
pub(crate) use person::{Page, Person};
pub(crate) use port::{Answer, Connection, Port, limits, with_proxies};
pub(crate) use program::{Program, form_to};
pub(crate) use receiver::{Manner, Receiver};
pub(crate) use reply::{ANY, Reply};
pub(crate) use server::{Server, on_postgres};
pub(crate) use signed_in::{SignedIn, claims_of, header_of};
pub(crate) use visitor::Visitor;
