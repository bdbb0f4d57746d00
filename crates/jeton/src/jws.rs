//! Signed content of any kind (RFC 7515): bytes that are no JWT, payloads that travel apart, JSON with
//! several signatures.
//!
//! ```
//! use jeton::{Algorithm, KeySet, SigningKey, jws};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A document signed twice, so that it stays safe when one of the two algorithms falls.
//! let classical = SigningKey::generate(Algorithm::Es256)?.with_kid("c");
//! let quantum = SigningKey::generate(Algorithm::MlDsa44)?.with_kid("q");
//! let keys = KeySet::new([classical.verifying_key(), quantum.verifying_key()])?;
//!
//! let signers = [jws::Signer::new(classical), jws::Signer::new(quantum)];
//! let signed = jws::sign_general(&signers, b"the contract")?;
//!
//! let content = jws::Verifier::new(keys).policy(jws::Policy::All).verify_json(&signed)?;
//! assert_eq!(content.payload(), b"the contract");
//! # Ok(())
//! # }
//! ```

mod compact;
mod header;
mod json;
mod sign;
mod verify;

pub use self::json::sign_general;
pub use self::sign::Signer;
pub use self::verify::{Policy, Signature, Verified, Verifier};

pub(crate) use self::compact::{Compact, Header, MAX_HEADER, same_type};
