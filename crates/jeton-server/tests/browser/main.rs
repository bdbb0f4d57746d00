//! The pages as a person meets them, in a real browser.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod axe;
#[expect(dead_code, reason = "the walks of the pages need the rest")]
mod browser;
mod driver;
#[expect(dead_code, reason = "the walks of the pages need the rest")]
mod element;
mod harness;
#[expect(dead_code, reason = "the walks of the pages need the rest")]
mod keyboard;
#[expect(dead_code, reason = "the walks of the pages need the rest")]
mod network;
#[path = "../support/packages.rs"]
mod packages;
#[path = "../process/process.rs"]
#[expect(dead_code, reason = "the tests of the process need more of it")]
mod process;
