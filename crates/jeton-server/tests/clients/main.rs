//! Other people's clients, as they are published, against a running service.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod applications;
mod discovered;
mod generated;
mod impostor;
mod installed;
mod libraries;
#[path = "../support/packages.rs"]
mod packages;
#[path = "../process/process.rs"]
#[expect(dead_code, reason = "the tests of the process need more of it")]
mod process;
mod service;
