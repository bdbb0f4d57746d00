//! One binary for all tests against the public interface: it links once.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod keys;
mod tokens;
