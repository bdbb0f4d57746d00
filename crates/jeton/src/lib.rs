//! JSON Web Tokens, strict and fast: signing, verifying, keys and key sets.
//!
//! Read [`Claims`] first, then [`Issuer`] and [`Verifier`]; [`SigningKey`] and [`KeySet`] are what they work
//! with. No async, no HTTP, no clock of its own: time is an argument.

#![deny(missing_docs)]

mod algorithm;
mod claims;
pub mod danger;
mod encoding;
mod error;
mod issuer;
mod jwk;
pub mod jws;
mod key;
mod strict;
#[cfg(feature = "testkit")]
pub mod testkit;
mod token;
mod verifier;

pub use self::algorithm::{Algorithm, UnknownAlgorithm};
pub use self::claims::{Claims, Registered};
pub use self::error::{IssueError, KeyError, Malformed, VerifyError};
pub use self::issuer::{Draft, Issuer};
pub use self::jwk::{Jwk, JwkSet};
pub use self::key::{KeySet, SigningKey, Skipped, VerifyingKey};
pub use self::strict::MAX_DEPTH;
pub use self::token::{Scratch, Unverified, Verified, VerifiedRef};
pub use self::verifier::{
    Check, Decided, Explanation, Outcome, Profile, Undecided, Verifier, VerifierBuilder,
};

/// The longest token that is looked at unless a verifier says otherwise, in bytes: an ML-DSA-87 signature
/// takes 6,170 of them.
pub const DEFAULT_MAX_SIZE: usize = 16 * 1024;
