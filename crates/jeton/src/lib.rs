//! JSON Web Tokens, strict and fast.
//!
//! `jeton` signs and verifies tokens (RFC 7519, RFC 7515), holds the keys they need (RFC 7517, RFC 7518) and
//! publishes them. The easy way is the safe way: a key has one algorithm, a verifier is built once and
//! cannot be built without saying from whom and for whom tokens are, and claims are readable once they were
//! verified.
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use jeton::{Algorithm, Claims, Issuer, SigningKey, Verified, Verifier};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Access { roles: Vec<String> }
//! impl Claims for Access { const TYP: &'static str = "at+jwt"; }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let now = SystemTime::now();
//! let key = SigningKey::generate(Algorithm::Es256)?.with_kid("2026-11");
//! let issuer = Issuer::<Access>::new(key.clone(), "https://id.example", Duration::from_mins(15));
//! let token = issuer.issue_at("user-1", "api", Access { roles: vec!["editor".into()] }, now)?;
//!
//! let keys = key.verifying_key(); // or a KeySet, from JWKS
//! let verifier = Verifier::builder(keys).issuer("https://id.example").audience("api").build();
//! let token: Verified<Access> = verifier.verify_at(&token, now)?;
//! assert_eq!((token.subject(), &*token.claims().roles[0]), (Some("user-1"), "editor"));
//! # Ok(())
//! # }
//! ```
//!
//! # Where to read first
//!
//! [`Claims`], then [`Issuer`] and [`Verifier`], then [`SigningKey`] and [`KeySet`]. [`Verifier::explain`]
//! answers "why was this refused?". [`jws`] signs what is no token. The feature `testkit` has what tests
//! need: a clock to move, an issuer in the same process, a writer of bad tokens. [`coming_from`] puts the calls of
//! PyJWT and jsonwebtoken beside those of this crate.
//!
//! # What a verifier promises
//!
//! - Exactly one spelling of a token is accepted: canonical base64url, three parts, nothing around them.
//! - No member stands twice in any object of header or claims, at any depth; nothing nests deeper than
//!   [`MAX_DEPTH`]; no name means anything to the parser ([`json`] says which could); what nobody asked for is
//!   parsed as strictly as what somebody did.
//! - `exp` is required, and so is whatever the verifier was told to check. A claim of the wrong type is an
//!   error and never an absent claim.
//! - `typ` is that of the claims type, unless a [`Profile`] says otherwise.
//! - The key decides the algorithm. A token brings no key of its own.
//! - Size is checked before anything is decoded, and the header before any signature.
//! - No error and no `Debug` shows key material or a token. Secrets are wiped, and compared in constant time.
//!
//! # What it will not do
//!
//! - No `none`, no JWE, no compression.
//! - No clock and no network of its own: time is an argument, and remote key sets are `jeton-axum`'s.
//! - No async: signing and verifying take microseconds. Keys in hardware are not supported.
//! - It does not know whether a token was revoked; see [`VerifierBuilder::not_before`] for whole subjects.
//!
//! # Algorithms
//!
//! | `alg` | keys |
//! |---|---|
//! | `HS256` `HS384` `HS512` | shared secrets of 32, 48, 64 bytes or more |
//! | `RS256` `RS384` `RS512` `PS256` `PS384` `PS512` | RSA, 2048 to 8192 bits |
//! | `ES256` `ES384` `ES512` `ES256K` | P-256, P-384, P-521, secp256k1 |
//! | `EdDSA`, `Ed25519` (RFC 9864) | Ed25519 |
//! | `ML-DSA-44` `ML-DSA-65` `ML-DSA-87` (RFC 9964) | ML-DSA; tokens above 3, 4 and 6 KB |
//!
//! Keys come from PEM (PKCS#8, PKCS#1, SEC 1, SPKI, X.509 certificates), DER and JWK, and go out again. All
//! primitives are AWS-LC's.

#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod algorithm;
mod claims;
#[doc = include_str!("../docs/coming-from.md")]
pub mod coming_from {}
pub mod danger;
mod encoding;
mod error;
mod issuer;
pub mod json;
mod jwk;
pub mod jws;
mod key;
mod scan;
mod strict;
#[cfg(feature = "testkit")]
pub mod testkit;
mod token;
mod unverified;
mod verifier;

pub use self::algorithm::{Algorithm, UnknownAlgorithm};
pub use self::claims::{Claims, Registered};
pub use self::error::{IssueError, JsonError, KeyError, Malformed, VerifyError};
pub use self::issuer::{Draft, Issuer};
pub use self::jwk::{Jwk, JwkSet};
pub use self::key::{KeySet, SigningKey, Skipped, VerifyingKey};
pub use self::strict::MAX_DEPTH;
pub use self::token::{Scratch, Verified, VerifiedRef};
pub use self::unverified::Unverified;
pub use self::verifier::{
    AudienceDecided, Check, DEFAULT_LEEWAY, Decided, Explanation, IssuerDecided, MAX_CANDIDATES, Outcome,
    Profile, Undecided, Verifier, VerifierBuilder,
};

/// The README's example runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The longest token that is looked at unless a verifier says otherwise, in bytes: an ML-DSA-87 signature
/// takes 6,170 of them.
///
/// ```
/// use jeton::{DEFAULT_MAX_SIZE, Unverified, VerifyError};
///
/// let refused = Unverified::parse(&"x".repeat(20_000)).err();
/// assert_eq!(refused, Some(VerifyError::TooLarge { limit: DEFAULT_MAX_SIZE }));
/// ```
pub const DEFAULT_MAX_SIZE: usize = 16 * 1024;
