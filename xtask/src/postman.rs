//! `cargo xtask postman`: the Postman collection, made anew.

use crate::run::{self, Stop, cargo};

/// What writes it: a test that is ignored elsewhere.
const WRITE: &str =
    "test --package jeton-server --test api -- --ignored --exact postman::write_the_postman_collection";

pub(crate) fn run() -> Result<(), Stop> {
    run::run(&mut cargo(WRITE))
}
