//! One binary for all tests against the public interface: it links once.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod allocations;
mod common;
mod forgeries;
mod jws;
mod keys;
mod mistakes;
mod properties;
mod rules;
mod tokens;
mod vectors;
