use super::JsonError;

/// Why a token was not issued.
///
/// ```
/// # use std::time::{Duration, SystemTime};
/// # use jeton::{Algorithm, Claims, Issuer, SigningKey};
/// # #[derive(serde::Serialize)] struct Access { roles: Vec<String> }
/// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
/// # let key = SigningKey::generate(Algorithm::Hs256)?;
/// # let issuer = Issuer::<Access>::new(key, "https://id.example", Duration::from_mins(15));
/// # let now = SystemTime::now();
///
/// let deep = (0..40).fold(serde_json::json!(1), |inner, _| serde_json::json!([inner]));
/// let signer = jeton::jws::Signer::new(SigningKey::generate(Algorithm::Hs256)?).member("deep", deep);
/// let refused = signer.sign(b"").unwrap_err();
/// assert_eq!(refused, jeton::IssueError::Unreadable(jeton::JsonError::TooDeep));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// A claim of the user's has a name that belongs to the library or that was written already.
    #[error(
        "the claim `{0}` is set twice: registered claims are set through the draft, every other name once"
    )]
    DuplicateClaim(String),
    /// The claims are not a JSON object.
    #[error("the claims must serialise as an object: a struct, a map or nothing")]
    NotAnObject,
    /// The claims, or a header's members, are JSON that no verifier reads: a member twice in one object, a name
    /// that a JSON parser keeps for itself, objects and arrays nested too deeply, a number out of range.
    #[error("no verifier would read what was to be signed: {0}")]
    Unreadable(JsonError),
    /// The token, or its header, would be longer than verifiers take.
    #[error(
        "no verifier would take more than {limit} bytes: put less into the token, or set `max_size` on both sides"
    )]
    TooLarge {
        /// The limit that would be passed, in bytes.
        limit: usize,
    },
    /// More signers than a verifier checks signatures of one document.
    #[error("no verifier checks more than {limit} signatures of one document")]
    TooManySigners {
        /// How many there may be.
        limit: usize,
    },
    /// The claims' own `Serialize` failed.
    #[error("the claims do not serialise: {0}")]
    Claims(String),
    /// A time lies before 1970 or beyond what a token can carry.
    #[error("a time of the token lies before 1970 or too far ahead")]
    TimeOutOfRange,
    /// The token would expire as it is issued.
    #[error("a token has to live for a second at least")]
    NoLifetime,
    /// A header member that the library sets itself, that is set twice, or that a compact form cannot carry
    /// unprotected.
    #[error(
        "the header member `{0}` cannot be set so: the library sets it, it is there twice, or it is unprotected"
    )]
    HeaderMember(String),
    /// A document was to be signed by nobody.
    #[error("no signer was given")]
    NoSigner,
    /// A payload that cannot stand unencoded where it is to stand (RFC 7797 §5), or signers that disagree.
    #[error("the payload cannot stand unencoded here: detach it, or let all signers encode it")]
    UnencodedPayload,
    /// The cryptographic library failed.
    #[error("the cryptographic library failed to sign")]
    Crypto,
}
