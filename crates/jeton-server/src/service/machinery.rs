//! The tools that use-cases work with: each does one thing, and is called from above.
//!
//! No use-case lives here, no rule about who may do what, and nothing here names a use-case.

pub mod addresses;
pub mod claims;
pub mod clock;
pub mod derived;
pub mod fingerprints;
pub mod hasher;
pub mod id_tokens;
pub mod keys;
pub mod playground;
pub mod random;
pub(in crate::service) mod refusals;
pub mod revoked;
pub mod rules;
pub mod seal;
pub(crate) mod streams;
pub mod tokens;
pub(in crate::service) mod turned_away;
pub mod watch;
