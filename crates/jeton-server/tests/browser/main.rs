//! The pages as a person meets them, in a real browser.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod axe;
mod browser;
mod driver;
#[expect(dead_code, reason = "the walks of the pages need the rest")]
mod element;
mod harness;
#[expect(dead_code, reason = "the walks of the pages need the rest")]
mod keyboard;
mod lost;
mod network;
#[path = "../support/packages.rs"]
mod packages;
mod pages;
mod pictures;
#[path = "../process/process.rs"]
#[expect(dead_code, reason = "the tests of the process need more of it")]
mod process;
mod screens;
mod site;
mod typed;
mod walker;
mod walks;
