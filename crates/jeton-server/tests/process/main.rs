//! The binary as its owner runs it: started, refused, killed and started again.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod audit;
mod back_ups;
mod calibrate;
mod databases;
mod durability;
mod import;
mod keys;
mod killed;
#[path = "../support/postgres.rs"]
mod postgres_server;
#[expect(dead_code, reason = "the cluster's tests need more of it")]
mod process;
mod readme;
mod refusals;
mod resource_server;
mod service_accounts;
mod start_and_stop;
mod token;
mod transfer;
mod users;
