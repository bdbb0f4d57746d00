//! One binary for all tests against the public interface: it links once.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod allocations;
mod coming_from;
mod common;
mod examples;
mod forgeries;
mod issuing;
mod jws;
mod keys;
mod mistakes;
mod package;
mod properties;
mod reasons;
mod rules;
mod selection;
mod small_stack;
mod spellings;
mod times;
mod tokens;
mod unverified;
mod vectors;
