use crate::Algorithm;

/// Why a key was refused.
///
/// ```
/// use jeton::{KeyError, SigningKey};
///
/// match SigningKey::hs256("secret") {
///     Err(KeyError::SecretTooShort { minimum, .. }) => assert_eq!(minimum, 32),
///     other => panic!("{other:?}"),
/// }
/// let refused = SigningKey::hs256("secret").unwrap_err();
/// assert!(refused.to_string().ends_with("make one with `openssl rand -base64 32`"));
/// ```
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
        /// The kind of key that the algorithm needs.
        needed: &'static str,
        /// The kind of key that was offered.
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
        /// The rule that the key breaks.
        reason: &'static str,
    },
    /// A JWK names no `alg`, and its type admits several.
    #[error(
        "the JWK names no `alg`: say which it is for, with `from_jwk_as` or, for a set, `KeySet::from_jwks_as`"
    )]
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
    /// Two keys of one set have the same `kid` and algorithm.
    #[error("two keys of the set have the same `kid` and algorithm: give every key its own `kid`")]
    DuplicateKid,
    /// The cryptographic library failed, for want of randomness or memory.
    #[error("the cryptographic library failed while it made or wrote a key")]
    Crypto,
}
