//! What nodes share in Redis, and what becomes of them when it is dead, hung, slow, flushed or talks nonsense.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../support/servers.rs"]
#[expect(dead_code, reason = "other tests need PostgreSQL too")]
mod servers;

mod limits;
mod nodes;
mod trouble;
mod wake_ups;
