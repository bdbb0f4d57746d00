//! Keys: each carries exactly one algorithm and, if it has one, its `kid`.

mod ec;
mod hmac;
mod set;

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest;
use zeroize::Zeroizing;

pub use self::set::KeySet;
use crate::encoding::{encode, encode_onto};
use crate::jwk::Jwk;
use crate::{Algorithm, KeyError};

/// A key that signs. Cheap to clone; its material is shared, wiped when the last clone goes, and never shown.
#[derive(Clone)]
pub struct SigningKey {
    secret: Arc<Secret>,
    verifying: VerifyingKey,
}

enum Secret {
    Hmac(Arc<hmac::Secret>),
    Ec(ec::Pair),
}

/// A key that verifies. For the HMAC algorithms it holds the shared secret, and is as secret as that.
#[derive(Clone)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    kid: Option<Arc<str>>,
    material: Arc<Material>,
}

enum Material {
    Hmac(Arc<hmac::Secret>),
    Ec(ec::Public),
}

/// The signature is not the key's, or the cryptographic library failed: to a caller the same.
#[derive(Debug)]
pub(crate) struct BadSignature;

impl SigningKey {
    /// Makes a new key from the cryptographic library's random source.
    ///
    /// HMAC secrets get the length of their hash: 32, 48 or 64 bytes.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        if algorithm.is_symmetric() {
            return Ok(Self::from_hmac(algorithm, hmac::Secret::generate(algorithm)?));
        }
        Ok(Self::from_ec(algorithm, ec::Pair::generate(algorithm)?))
    }

    /// A key for `HS256` from a shared secret of at least 32 random bytes (RFC 7518 §3.2).
    ///
    /// Text that is itself a PEM, JWK, DER or SSH key is refused: a public key used as a secret is how
    /// algorithm confusion begins.
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::hmac(Algorithm::Hs256, secret)
    }

    /// A key for `HS256`, `HS384` or `HS512` from a shared secret at least as long as the hash: 32, 48 or
    /// 64 bytes.
    pub fn hmac(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Ok(Self::from_hmac(
            algorithm,
            hmac::Secret::new(algorithm, secret.as_ref())?,
        ))
    }

    /// A private key from unencrypted PKCS#8 in DER (RFC 5208).
    pub fn from_pkcs8_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        if algorithm.is_symmetric() {
            return Err(KeyError::Symmetric(algorithm));
        }
        Ok(Self::from_ec(algorithm, ec::Pair::from_pkcs8(algorithm, der)?))
    }

    /// The private key as unencrypted PKCS#8 in DER; wiped when dropped. HMAC keys refuse.
    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        match &*self.secret {
            Secret::Hmac(_) => Err(KeyError::Symmetric(self.algorithm())),
            Secret::Ec(pair) => pair.to_pkcs8(),
        }
    }

    /// The same key under a key id, which goes into every header it signs.
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
            Algorithm::Es512 => 176,
            _ => 128,
        }
    }

    /// Appends a dot and the signature over everything that stood before it.
    pub(crate) fn sign_onto(&self, token: &mut String) -> Result<(), BadSignature> {
        match &*self.secret {
            Secret::Hmac(secret) => {
                let tag = secret.sign(token.as_bytes());
                append_signature(token, tag.as_ref());
            }
            Secret::Ec(pair) => {
                let signature = pair.sign(token.as_bytes())?;
                append_signature(token, signature.as_ref());
            }
        }
        Ok(())
    }

    fn from_hmac(algorithm: Algorithm, secret: hmac::Secret) -> Self {
        let secret = Arc::new(secret);
        let verifying = VerifyingKey::new(algorithm, Material::Hmac(Arc::clone(&secret)));
        Self {
            secret: Arc::new(Secret::Hmac(secret)),
            verifying,
        }
    }

    fn from_ec(algorithm: Algorithm, pair: ec::Pair) -> Self {
        let verifying = VerifyingKey::new(algorithm, Material::Ec(pair.public().clone()));
        Self {
            secret: Arc::new(Secret::Ec(pair)),
            verifying,
        }
    }
}

fn append_signature(token: &mut String, signature: &[u8]) {
    token.push('.');
    encode_onto(token, signature);
}

impl VerifyingKey {
    fn new(algorithm: Algorithm, material: Material) -> Self {
        Self {
            algorithm,
            kid: None,
            material: Arc::new(material),
        }
    }

    /// The same key under a key id, by which a [`KeySet`] chooses it.
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
        match &*self.material {
            Material::Hmac(_) => Err(KeyError::Symmetric(self.algorithm)),
            Material::Ec(public) => Ok(public.to_jwk().named(self.algorithm, self.kid())),
        }
    }

    /// The SHA-256 thumbprint of the public key in base64url (RFC 7638). HMAC keys refuse.
    pub fn thumbprint(&self) -> Result<String, KeyError> {
        let members = self.to_jwk()?.thumbprint_input();
        Ok(encode(
            digest::digest(&digest::SHA256, members.as_bytes()).as_ref(),
        ))
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        match &*self.material {
            Material::Hmac(secret) => secret.verify(message, signature),
            Material::Ec(public) => public.verify(message, signature),
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
