use std::borrow::Cow;
use std::time::Duration;

use crate::strict::Fault;

/// Why a token was not accepted.
///
/// ```
/// # use jeton::{Claims, Verified, testkit::TestIssuer};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Access { roles: Vec<String> }
/// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
/// let issuer = TestIssuer::new("https://id.example")?;
/// let text = issuer.token("user-1", "api", &Access { roles: vec!["editor".into()] })?;
///
/// use jeton::VerifyError;
///
/// let refused = issuer.verifier("shop").verify_at::<Access>(&text, issuer.clock().now()).err();
/// assert_eq!(refused, Some(VerifyError::WrongAudience));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The text is not a JWT.
    #[error("malformed token: {0}")]
    Malformed(Malformed),
    /// The token, or its header, is longer than allowed; nothing of it was decoded.
    #[error("the token is longer than {limit} bytes")]
    TooLarge {
        /// The limit that was passed, in bytes.
        limit: usize,
    },
    /// `alg` names an algorithm this library does not have, `none` included.
    #[error("the token's algorithm is not supported")]
    UnsupportedAlgorithm,
    /// No key of the set fits the token's `kid`.
    #[error("no key of the set fits the token: if keys were rotated, load the set again")]
    UnknownKey,
    /// The token names no key by its `kid`, and more keys of its algorithm would have to be tried than
    /// [`MAX_CANDIDATES`](crate::MAX_CANDIDATES).
    #[error(
        "the token does not say which key signed it, and more than {limit} could have: give every key a `kid`"
    )]
    AmbiguousKey {
        /// How many keys are tried at most.
        limit: usize,
    },
    /// The header's algorithm is not the one of the key.
    #[error("the token's algorithm is not the key's")]
    WrongAlgorithm,
    /// `crit` lists an extension, and a JWT here has none (RFC 7515 §4.1.11).
    #[error("the token demands an extension that is not understood")]
    Critical,
    /// The signature is not the key's over these bytes.
    #[error("the signature is not valid")]
    InvalidSignature,
    /// The header has no `typ`, and this kind of token needs one (RFC 8725 §3.11).
    #[error(
        "the token names no type, and `{expected}` is asked for: `.profile(Profile::Jwt)` takes those without"
    )]
    MissingType {
        /// The `typ` asked for.
        expected: &'static str,
    },
    /// `typ` is another than the one asked for (RFC 8725 §3.11).
    #[error("the token's type is not `{expected}`")]
    WrongType {
        /// The `typ` asked for.
        expected: &'static str,
    },
    /// `exp` has passed, leeway included.
    #[error("the token expired {} s ago", ago.as_secs())]
    Expired {
        /// Time since `exp`.
        ago: Duration,
    },
    /// `nbf` has not come yet, leeway included.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// `iat` lies ahead of now, leeway included.
    #[error("the token was issued in the future: compare the clocks")]
    IssuedInFuture,
    /// `iat` lies further back than the maximum age.
    #[error("the token is older than allowed")]
    TooOld,
    /// `iss` is not one of those asked for.
    #[error("the token is from another issuer")]
    WrongIssuer,
    /// `aud` holds none of those asked for.
    #[error("the token is for another audience")]
    WrongAudience,
    /// A claim that is required is absent.
    #[error("the claim `{0}` is missing")]
    MissingClaim(String),
    /// A claim has the wrong type or a value its type does not admit.
    #[error("the claim `{0}` has a wrong type or value")]
    InvalidClaim(&'static str),
    /// The claims do not fit the type they are read into, and its declaration has no name for what does not.
    #[error("the claims do not fit the type they are read into")]
    UnfitClaims,
    /// The claims type has a field for a registered claim. These are read from the verified token, not from the
    /// type; see [`Claims`](crate::Claims).
    #[error(
        "the claims type has a field `{0}`, a registered claim: take the field out, and read the claim from the token"
    )]
    RegisteredField(&'static str),
    /// The subject's tokens from before a certain time are no longer accepted.
    #[error("the token is from before the time its subject's tokens are accepted from")]
    Superseded,
    /// `sub` is not the one asked for.
    #[error("the token is about another subject")]
    WrongSubject,
    /// `jti` is not the one asked for.
    #[error("the token is not the one asked for: its `jti` differs")]
    WrongId,
    /// A claim has not the value asked for.
    #[error("the claim `{0}` has not the value asked for")]
    WrongClaim(String),
    /// A check of the application's own failed.
    #[error("the token is refused: {0}")]
    Refused(Cow<'static, str>),
    /// A key of the set made none of the document's signatures, and all were asked for.
    #[error("a signature is missing: not every key of the set has signed")]
    MissingSignature,
    /// A member stands twice in one JSON object, at any depth.
    #[error("a member stands twice in one object of the token")]
    DuplicateMember,
    /// A member's name, at any depth, begins with `$serde_json::private::`: a JSON parser keeps it for itself.
    #[error("a member of the token has a name that a JSON parser keeps for itself")]
    ReservedName,
    /// The cryptographic library failed.
    #[error("the cryptographic library failed")]
    Crypto,
}

/// The reason why a text is no JWT.
///
/// ```
/// use jeton::{Malformed, Unverified, VerifyError};
///
/// let refused = Unverified::parse("not a token").err();
/// assert_eq!(refused, Some(VerifyError::Malformed(Malformed::Parts)));
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Not three parts between dots.
    #[error("it is not three parts between dots")]
    Parts,
    /// Five parts: an encrypted token (RFC 7516).
    #[error("it has five parts: it is encrypted, and this library only verifies signatures")]
    Encrypted,
    /// A part is not canonical base64url without padding.
    #[error("a part is not canonical base64url without padding")]
    Base64,
    /// A part is not UTF-8.
    #[error("a part is not UTF-8")]
    Utf8,
    /// The header is not a JSON object with the members a header may have.
    #[error("the header is not the JSON object it has to be")]
    Header,
    /// The claims are not a JSON object.
    #[error("the claims are not a JSON object")]
    Claims,
    /// Not a JWS in one of its JSON forms (RFC 7515 §7.2).
    #[error("it is not a JWS in flattened or general JSON form")]
    Document,
    /// The payload is not in the text.
    #[error("its payload is detached: give it to the verifier beside the text")]
    Detached,
    /// The payload is in the text, and another was given beside.
    #[error("it brings a payload of its own, and a detached one was given")]
    Attached,
    /// JSON nested more deeply than [`MAX_DEPTH`](crate::MAX_DEPTH).
    #[error("it nests more deeply than allowed")]
    TooDeep,
    /// A number beyond what a 64-bit float holds, such as `1e400`.
    #[error("a number in it is out of range")]
    Number,
}

impl From<Fault> for VerifyError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Duplicate => Self::DuplicateMember,
            Fault::TooDeep => Malformed::TooDeep.into(),
            Fault::ReservedName => Self::ReservedName,
            Fault::Number => Malformed::Number.into(),
        }
    }
}

impl From<Malformed> for VerifyError {
    fn from(defect: Malformed) -> Self {
        Self::Malformed(defect)
    }
}
