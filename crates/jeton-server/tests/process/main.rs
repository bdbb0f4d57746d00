//! The binary as its owner runs it: started, refused, killed and started again.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod audit;
mod calibrate;
mod durability;
mod import;
mod killed;
#[expect(dead_code, reason = "the cluster's tests need more of it")]
mod process;
mod readme;
mod refusals;
mod resource_server;
mod service_accounts;
mod start_and_stop;
mod token;
mod users;
