//! Several nodes on one PostgreSQL, with and without Redis: raced, killed, cut off and started again, as the binary.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../support/postgres.rs"]
mod postgres_server;
#[path = "../process/process.rs"]
#[expect(dead_code, reason = "the other tests of the binary need more of it")]
mod process;
#[path = "../support/proxy.rs"]
#[expect(dead_code, reason = "the store's tests need more of it")]
mod proxy;
#[path = "../support/servers.rs"]
mod servers;

mod clocks;
mod cut_off;
mod killed;
mod load;
mod nodes;
mod races;
mod redis;
mod refusals;
mod revoked;
mod rotated;
mod start;
mod without_database;
