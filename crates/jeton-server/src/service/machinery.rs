//! The tools that use-cases work with: each does one thing, and is called from above.
//!
//! No use-case lives here, no rule about who may do what, and nothing here names a use-case.

pub mod addresses;
pub mod claims;
pub mod clock;
pub mod hasher;
pub mod keys;
pub mod random;
pub mod revoked;
pub mod seal;
pub mod tokens;
pub mod watch;
