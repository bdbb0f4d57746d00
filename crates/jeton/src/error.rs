//! One error per verb. None of them ever holds key material or a token's text.

use std::time::Duration;

use crate::Algorithm;

/// Why a key was refused.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// An HMAC secret is shorter than the hash it is used with (RFC 7518 §3.2).
    #[error(
        "the secret has {actual} bytes; {algorithm} needs at least {minimum}: make one with `openssl rand -base64 {minimum}`"
    )]
    SecretTooShort {
        /// The algorithm the secret was offered for.
        algorithm: Algorithm,
        /// Bytes needed.
        minimum: usize,
        /// Bytes offered.
        actual: usize,
    },
    /// An HMAC secret of few different bytes, or of one block repeated.
    #[error("the secret is no random one: make one with `openssl rand -base64 48`")]
    WeakSecret,
    /// Text that is itself a key file was offered as an HMAC secret.
    #[error("the secret is a key file ({0}), most likely a public key: import it as the key it is")]
    SecretLooksLikeKey(&'static str),
    /// The text or bytes are not in the format they were offered as.
    #[error("{0}")]
    Malformed(&'static str),
    /// The text or bytes are longer than any key; nothing of it was parsed.
    #[error("no key or set is longer than {limit} bytes")]
    TooLarge {
        /// The limit that was passed, in bytes.
        limit: usize,
    },
    /// The private key is encrypted.
    #[error("the private key is encrypted: decrypt it first with `openssl pkcs8 -in key.pem -out plain.pem`")]
    Encrypted,
    /// A private key was asked for and a public one offered.
    #[error("this is not a private key")]
    NotPrivate,
    /// A public key was asked for and another thing offered.
    #[error("this is not a public key: import a private one as `SigningKey` and take its `verifying_key`")]
    NotPublic,
    /// The key is of another kind or on another curve than the algorithm's.
    #[error("{algorithm} needs {needed}, and this is {found}")]
    WrongKind {
        /// The algorithm asked for.
        algorithm: Algorithm,
        /// What it needs.
        needed: &'static str,
        /// What was offered.
        found: &'static str,
    },
    /// An RSA key of fewer than 2048 bits (RFC 7518 §3.3).
    #[error("the RSA key has {bits} bits; at least 2048 are needed")]
    RsaTooSmall {
        /// Bits of the modulus.
        bits: usize,
    },
    /// The key is not sound.
    #[error("this is not a key for {algorithm}: {reason}")]
    Rejected {
        /// The algorithm asked for.
        algorithm: Algorithm,
        /// What was wrong.
        reason: &'static str,
    },
    /// A JWK names no `alg`, and its type admits several.
    #[error("the JWK names no `alg`: say which it is for")]
    NoAlgorithm,
    /// A JWK's `alg` is none of [`Algorithm::ALL`].
    #[error("the JWK's `alg` is not supported")]
    UnsupportedAlgorithm,
    /// A JWK's `alg` is another than the one asked for.
    #[error("the JWK is for {named}, not {asked}")]
    OtherAlgorithm {
        /// The algorithm asked for.
        asked: Algorithm,
        /// The algorithm in the JWK.
        named: Algorithm,
    },
    /// A JWK's `kty` is unknown.
    #[error("the JWK's `kty` is not supported")]
    UnsupportedType,
    /// A JWK's `use` or `key_ops` is not for what was asked.
    #[error("the JWK's `use` or `key_ops` does not allow this signature operation")]
    NotForSignatures,
    /// Symmetric and public keys in one JWK set.
    #[error("the set mixes shared secrets with public keys: keep them apart")]
    MixedSet,
    /// A symmetric key has no public half, so it is never published and never written as PKCS#8.
    #[error("{0} keys are shared secrets: they have no public half and are never published")]
    Symmetric(Algorithm),
    /// Two keys of one set have the same `kid`.
    #[error("two keys of the set have the same `kid`: give every key its own")]
    DuplicateKid,
    /// The cryptographic library failed, for want of randomness or memory.
    #[error("the cryptographic library failed while it made or wrote a key")]
    Crypto,
}

/// Why a token was not issued.
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
    /// The claims' own `Serialize` failed.
    #[error("the claims do not serialise: {0}")]
    Claims(String),
    /// A time lies before 1970 or beyond what a token can carry.
    #[error("a time of the token lies before 1970 or too far ahead")]
    TimeOutOfRange,
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

/// Why a token was not accepted.
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
    /// The header's algorithm is not the one of the key.
    #[error("the token's algorithm is not the key's")]
    WrongAlgorithm,
    /// `crit` lists an extension, and a JWT here has none (RFC 7515 §4.1.11).
    #[error("the token demands an extension that is not understood")]
    Critical,
    /// The signature is not the key's over these bytes.
    #[error("the signature is not valid")]
    InvalidSignature,
    /// `typ` is absent or another (RFC 8725 §3.11).
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
    Refused(&'static str),
    /// A key of the set made none of the document's signatures, and all were asked for.
    #[error("a signature is missing: not every key of the set has signed")]
    MissingSignature,
    /// A member stands twice in one JSON object, at any depth.
    #[error("a member stands twice in one object of the token")]
    DuplicateMember,
    /// The cryptographic library failed.
    #[error("the cryptographic library failed")]
    Crypto,
}

/// What about a text makes it no JWT.
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
}

impl From<Malformed> for VerifyError {
    fn from(defect: Malformed) -> Self {
        Self::Malformed(defect)
    }
}
