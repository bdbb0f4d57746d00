//! Keys: each carries exactly one algorithm and, if it has one, its `kid`.

mod asn1;
mod bad_signature;
mod der;
mod ec;
mod ed25519;
mod export;
mod format;
mod hmac;
mod import;
mod ml_dsa;
mod openssh;
mod pem;
mod public;
mod rsa;
mod set;
#[cfg(test)]
mod wycheproof;

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use aws_lc_rs::digest;
use zeroize::Zeroizing;

pub(crate) use self::bad_signature::BadSignature;
use self::public::Public;
pub use self::set::{KeySet, Skipped};
use crate::algorithm::Family;
use crate::encoding::{encode, encode_onto};
use crate::jwk::Jwk;
use crate::{Algorithm, KeyError};

/// A key that signs. Cheap to clone; its material is shared, wiped when the last clone goes, and never shown.
///
/// ```
/// use jeton::{Algorithm, SigningKey};
///
/// let key = SigningKey::generate(Algorithm::Es256)?.with_kid("2026-11");
/// assert_eq!((key.algorithm(), key.kid()), (Algorithm::Es256, Some("2026-11")));
/// assert_eq!(format!("{key:?}"), r#"SigningKey { algorithm: Es256, kid: Some("2026-11"), .. }"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SigningKey {
    secret: Arc<Secret>,
    verifying: VerifyingKey,
}

enum Secret {
    Hmac(Arc<hmac::Secret>),
    Rsa(rsa::Pair),
    Ec(ec::Pair),
    Ed25519(ed25519::Pair),
    MlDsa(ml_dsa::Pair),
}

/// Random bytes for the keys that AWS-LC does not generate as such, from the source it generates all others from.
#[expect(
    clippy::disallowed_methods,
    reason = "a key is generated from the machine's source and from no other"
)]
fn random(length: usize) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut bytes = Zeroizing::new(vec![0; length]);
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| KeyError::Crypto)?;
    Ok(bytes)
}

// Keys are made once and never changed, so no panic leaves one half-changed; the cryptographic library's types
// only do not say so.
impl UnwindSafe for Secret {}
impl RefUnwindSafe for Secret {}
impl UnwindSafe for Public {}
impl RefUnwindSafe for Public {}
impl UnwindSafe for hmac::Secret {}
impl RefUnwindSafe for hmac::Secret {}

/// A key that verifies. For the HMAC algorithms it holds the shared secret, and is as secret as that.
///
/// ```
/// use jeton::{Algorithm, SigningKey, VerifyingKey};
///
/// let key: VerifyingKey = SigningKey::generate(Algorithm::Es256)?.with_kid("2026-11").verifying_key();
/// let again = VerifyingKey::from_pem(Algorithm::Es256, key.to_pem()?)?;
/// assert_eq!(again.thumbprint(), key.thumbprint());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    kid: Option<Arc<str>>,
    material: Material,
}

#[derive(Clone)]
enum Material {
    Hmac(Arc<hmac::Secret>),
    Public(Arc<Public>),
}

impl SigningKey {
    /// Makes a new key from the cryptographic library's random source.
    ///
    /// HMAC secrets get the length of their hash (32, 48 or 64 bytes), RSA keys 3072 bits.
    ///
    /// ```
    /// use jeton::{Algorithm, SigningKey};
    ///
    /// let key = SigningKey::generate(Algorithm::EdDsa)?;
    /// assert_eq!(key.algorithm(), Algorithm::EdDsa);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let secret = match algorithm.family() {
            Family::Hmac => Secret::Hmac(Arc::new(hmac::Secret::generate(algorithm)?)),
            Family::Rsa => Secret::Rsa(rsa::Pair::generate(algorithm)?),
            Family::Ec => Secret::Ec(ec::Pair::generate(algorithm)?),
            Family::Ed25519 => Secret::Ed25519(ed25519::Pair::generate()?),
            Family::MlDsa => Secret::MlDsa(ml_dsa::Pair::generate(algorithm)?),
        };
        Self::new(algorithm, secret)
    }

    /// A key for `HS256` from a shared secret of at least 32 random bytes (RFC 7518 §3.2).
    ///
    /// Refused is what is itself a key: PEM, JWK, DER, SSH, XML or a point of a curve, bare or in base64,
    /// hexadecimal, escapes or UTF-16. A public key used as a secret is how algorithm confusion begins. Refused
    /// too are secrets of few different bytes or of one block repeated.
    ///
    /// ```
    /// use jeton::{KeyError, SigningKey};
    ///
    /// assert!(SigningKey::hs256("8c5f0d1e9b7a43c2a6f8e1d09b3c7a52").is_ok());
    /// assert!(matches!(SigningKey::hs256("secret"), Err(KeyError::SecretTooShort { .. })));
    /// ```
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::hmac(Algorithm::Hs256, secret)
    }

    /// A key for `HS256`, `HS384` or `HS512` from a shared secret at least as long as the hash: 32, 48 or
    /// 64 bytes.
    ///
    /// ```
    /// use jeton::{Algorithm, SigningKey};
    ///
    /// let secret = "uV6ZzGkDpJ0b2qWcE8nXy4LrTf7HsAo1mQiK3vBg9RtNwYxCeSdUj5PhMlFaOZ8G";
    /// let key = SigningKey::hmac(Algorithm::Hs512, secret)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn hmac(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::new(
            algorithm,
            Secret::Hmac(Arc::new(hmac::Secret::new(algorithm, secret.as_ref())?)),
        )
    }

    fn new(algorithm: Algorithm, secret: Secret) -> Result<Self, KeyError> {
        let parameters = match &secret {
            Secret::Hmac(shared) => {
                let verifying = VerifyingKey::new(algorithm, Material::Hmac(Arc::clone(shared)));
                return Ok(Self {
                    secret: Arc::new(secret),
                    verifying,
                });
            }
            Secret::Rsa(pair) => pair.parameters()?,
            Secret::Ec(pair) => pair.parameters(algorithm)?,
            Secret::Ed25519(pair) => pair.parameters(),
            Secret::MlDsa(pair) => pair.parameters(),
        };
        let public = Public::new(algorithm, parameters)?;
        let verifying = VerifyingKey::new(algorithm, Material::Public(Arc::new(public)));
        Ok(Self {
            secret: Arc::new(secret),
            verifying,
        })
    }

    /// Gives the key a key id, which goes into every header it signs.
    ///
    /// ```
    /// use jeton::{Algorithm, SigningKey};
    ///
    /// let key = SigningKey::generate(Algorithm::EdDsa)?;
    /// let thumbprint = key.verifying_key().thumbprint()?;
    /// let key = key.with_kid(&thumbprint); // a name that follows from the key
    /// assert_eq!(key.kid(), Some(&*thumbprint));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_kid(self, kid: impl Into<String>) -> Self {
        Self {
            verifying: self.verifying.with_kid(kid),
            ..self
        }
    }

    /// The key id.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.verifying.kid()
    }

    /// The one algorithm of this key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.verifying.algorithm
    }

    /// The half that verifies, with the same `kid`.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        self.verifying.clone()
    }

    /// How many characters a signature takes at most.
    pub(crate) fn signature_room(&self) -> usize {
        match self.algorithm() {
            Algorithm::Hs256 => 43,
            Algorithm::Hs384 => 64,
            Algorithm::Es384 => 128,
            Algorithm::Es512 => 176,
            Algorithm::MlDsa44 => 3227,
            Algorithm::MlDsa65 => 4412,
            Algorithm::MlDsa87 => 6170,
            algorithm if algorithm.family() == Family::Rsa => 512,
            _ => 86,
        }
    }

    /// The signature over `message` in base64url.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<String, BadSignature> {
        Ok(match &*self.secret {
            Secret::Hmac(secret) => encode(secret.sign(message).as_ref()),
            Secret::Ec(pair) => encode(pair.sign(message)?.as_ref()),
            Secret::Ed25519(pair) => encode(pair.sign(message)?.as_ref()),
            Secret::Rsa(pair) => encode(&pair.sign(message)?),
            Secret::MlDsa(pair) => encode(&pair.sign(message)?),
        })
    }

    /// Appends a dot and the signature over everything that stood before it.
    pub(crate) fn finish(&self, token: &mut String) -> Result<(), BadSignature> {
        if let Secret::Hmac(secret) = &*self.secret {
            // The one family fast enough for an allocation to show.
            let tag = secret.sign(token.as_bytes());
            token.push('.');
            encode_onto(token, tag.as_ref());
            return Ok(());
        }
        let signature = self.sign(token.as_bytes())?;
        token.push('.');
        token.push_str(&signature);
        Ok(())
    }
}

impl VerifyingKey {
    fn new(algorithm: Algorithm, material: Material) -> Self {
        Self {
            algorithm,
            kid: None,
            material,
        }
    }

    /// Gives the key a key id, by which a [`KeySet`] chooses it.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, VerifyingKey};
    /// # let key = SigningKey::generate(Algorithm::Es256)?;
    ///
    /// let key = key.verifying_key().with_kid("2026-11");
    /// assert_eq!(key.kid(), Some("2026-11"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_kid(self, kid: impl Into<String>) -> Self {
        Self {
            kid: Some(kid.into().into()),
            ..self
        }
    }

    /// The key id.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The one algorithm of this key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public key as a JWK (RFC 7517), with `alg`, `use` = `sig` and the `kid`. HMAC keys refuse: they
    /// are never published.
    pub fn to_jwk(&self) -> Result<Jwk, KeyError> {
        Ok(Jwk::new(
            self.public()?.parameters().clone(),
            self.algorithm,
            self.kid(),
        ))
    }

    /// The SHA-256 thumbprint of the public key in base64url (RFC 7638). HMAC keys refuse.
    pub fn thumbprint(&self) -> Result<String, KeyError> {
        let members = self.to_jwk()?.thumbprint_input();
        Ok(encode(
            digest::digest(&digest::SHA256, members.as_bytes()).as_ref(),
        ))
    }

    /// Whether both are one key in memory, not merely equal ones.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (&self.material, &other.material) {
            (Material::Hmac(one), Material::Hmac(other)) => Arc::ptr_eq(one, other),
            (Material::Public(one), Material::Public(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        match &self.material {
            Material::Hmac(secret) => secret.verify(message, signature),
            Material::Public(public) => public.verify(message, signature),
        }
    }

    fn public(&self) -> Result<&Public, KeyError> {
        match &self.material {
            Material::Hmac(_) => Err(KeyError::Symmetric(self.algorithm)),
            Material::Public(public) => Ok(public),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (algorithm, kid) = (self.algorithm(), self.kid());
        f.debug_struct("SigningKey")
            .field("algorithm", &algorithm)
            .field("kid", &kid)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid())
            .finish_non_exhaustive()
    }
}
