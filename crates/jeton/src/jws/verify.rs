use serde_json::{Map, Value};

use super::Compact;
use super::compact::{Header, MAX_HEADER};
use super::header::Joint;
use super::json::Document;
use super::sign::message;
use crate::encoding::decode;
use crate::verifier::{Keys, check_signature};
use crate::{Algorithm, KeySet, Malformed, VerifyError, VerifyingKey};

/// Which of several signatures have to be valid.
///
/// ```
/// # use jeton::{Algorithm, SigningKey, jws};
/// # let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
///
/// let both = jws::Verifier::new(key.verifying_key()).policy(jws::Policy::All);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// At least one is valid under a key of the set.
    #[default]
    Any,
    /// Every one is valid, and every key of the set made one: none can be stripped unnoticed.
    All,
}

/// Checks signatures over bytes of any kind.
///
/// ```
/// # use jeton::{Algorithm, SigningKey, jws};
/// # let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
/// # let signer = jws::Signer::new(key.clone());
/// # let verifier = jws::Verifier::new(key.verifying_key());
///
/// let verifier = jws::Verifier::new(key.verifying_key()).max_size(1024 * 1024);
/// let content = verifier.verify(&signer.sign(b"the contract")?)?;
/// assert_eq!(content.payload(), b"the contract");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    keys: Keys,
    policy: Policy,
    max_size: usize,
}

/// Content whose signature has been checked. What else its header demands is for the caller to check.
///
/// ```
/// # use jeton::{Algorithm, SigningKey, jws};
/// # let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
/// # let signer = jws::Signer::new(key.clone());
/// # let verifier = jws::Verifier::new(key.verifying_key());
///
/// let content: jws::Verified = verifier.verify(&signer.sign(b"the contract")?)?;
/// assert_eq!(content.signatures()[0].kid(), Some("2026-11"));
/// assert_eq!(content.into_payload(), b"the contract");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Verified {
    payload: Vec<u8>,
    signatures: Vec<Signature>,
}

/// A signature that was found valid.
///
/// ```
/// # use jeton::{Algorithm, SigningKey, jws};
/// # let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
/// # let signer = jws::Signer::new(key.clone());
/// # let verifier = jws::Verifier::new(key.verifying_key());
///
/// let content = verifier.verify(&signer.member("cty", "text/plain").sign(b"the contract")?)?;
/// let signature: &jws::Signature = &content.signatures()[0];
/// assert_eq!(signature.algorithm(), Algorithm::EdDsa);
/// assert_eq!(signature.protected()["cty"], "text/plain");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Signature {
    key: VerifyingKey,
    header: Joint,
}

impl Verified {
    /// The bytes that were signed.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The bytes that were signed, taken out.
    #[must_use]
    pub fn into_payload(self) -> Vec<u8> {
        self.payload
    }

    /// The signatures that are valid; there is at least one.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }
}

impl Signature {
    /// The `kid` of the key that verified.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.key.kid()
    }

    /// The algorithm of the key that verified.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    /// The header the signature covers.
    #[must_use]
    pub fn protected(&self) -> &Map<String, Value> {
        &self.header.protected
    }

    /// The header the signature does not cover: anyone on the way can have changed it.
    #[must_use]
    pub fn unprotected(&self) -> &Map<String, Value> {
        &self.header.unprotected
    }
}

impl Verifier {
    /// A verifier of documents up to a mebibyte.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, jws};
    /// # let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
    ///
    /// let verifier = jws::Verifier::new(key.verifying_key()); // or a KeySet
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(keys: impl Into<KeySet>) -> Self {
        Self {
            keys: Keys::new(keys.into()),
            policy: Policy::Any,
            max_size: 1024 * 1024,
        }
    }

    /// Which of several signatures have to be valid.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, jws};
    /// # let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
    ///
    /// let verifier = jws::Verifier::new(key.verifying_key()).policy(jws::Policy::All);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// The longest document and payload that are looked at, in bytes.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, jws};
    /// # let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
    /// # let signer = jws::Signer::new(key.clone());
    /// # let verifier = jws::Verifier::new(key.verifying_key());
    ///
    /// let signed = signer.sign(&[0; 1_000])?;
    /// assert!(verifier.verify(&signed).is_ok());
    /// assert!(verifier.max_size(1_000).verify(&signed).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes;
        self
    }

    /// Verifies the compact form. A payload of no bytes is one like any other; where it is not what was signed,
    /// the error is [`Malformed::Detached`].
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, jws};
    /// # let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
    /// # let signer = jws::Signer::new(key.clone());
    /// # let verifier = jws::Verifier::new(key.verifying_key());
    ///
    /// let signed = signer.sign(b"the contract")?;
    /// assert_eq!(verifier.verify(&signed)?.payload(), b"the contract");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify(&self, text: &str) -> Result<Verified, VerifyError> {
        let parts = Compact::split(text, self.max_size)?;
        let header = Joint::new(parts.header, Map::new())?;
        let key = self
            .check(&header, parts.message.as_bytes(), parts.signature)
            .map_err(|error| match error {
                VerifyError::InvalidSignature if parts.payload.is_empty() => Malformed::Detached.into(),
                other => other,
            })?;
        let payload = if header.is_unencoded() {
            parts.payload.as_bytes().to_vec()
        } else {
            decode(parts.payload).ok_or(Malformed::Base64)?
        };
        self.accept(payload, vec![Signature { key, header }])
    }

    /// Verifies the compact form of a payload that came by another way. A text that brings a payload of its
    /// own is refused, so that nobody can believe in the other one.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, jws};
    /// # let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
    /// # let signer = jws::Signer::new(key.clone());
    /// # let verifier = jws::Verifier::new(key.verifying_key());
    ///
    /// let signature = signer.sign_detached(b"the contract")?;
    /// assert!(verifier.verify_detached(&signature, b"the contract").is_ok());
    /// assert!(verifier.verify_detached(&signature, b"another").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify_detached(&self, text: &str, payload: &[u8]) -> Result<Verified, VerifyError> {
        let parts = Compact::split(text, self.max_size)?;
        if !parts.payload.is_empty() {
            return Err(Malformed::Attached.into());
        }
        self.check_payload(payload)?;
        let header = Joint::new(parts.header, Map::new())?;
        let message = message(parts.header, payload, header.is_unencoded());
        let key = self.check(&header, &message, parts.signature)?;
        self.accept(payload.to_vec(), vec![Signature { key, header }])
    }

    /// Verifies the flattened or the general JSON form.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, jws};
    /// # let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
    /// # let signer = jws::Signer::new(key.clone());
    /// # let verifier = jws::Verifier::new(key.verifying_key());
    ///
    /// let document = signer.sign_flattened(b"the contract")?;
    /// assert_eq!(verifier.verify_json(&document)?.payload(), b"the contract");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify_json(&self, json: &str) -> Result<Verified, VerifyError> {
        let document = self.read(json)?;
        let payload = document.payload.as_deref().ok_or(Malformed::Detached)?;
        let headers = headers(&document)?;
        let payload = if headers.first().is_some_and(Joint::is_unencoded) {
            payload.as_bytes().to_vec()
        } else {
            decode(payload).ok_or(Malformed::Base64)?
        };
        self.check_document(&document, headers, payload)
    }

    /// Verifies a JSON form of a payload that came by another way; one that brings its own is refused.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, jws};
    /// # let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
    /// # let signer = jws::Signer::new(key.clone());
    /// # let verifier = jws::Verifier::new(key.verifying_key());
    ///
    /// let document = signer.sign_flattened_detached(b"the contract")?;
    /// assert!(verifier.verify_json_detached(&document, b"the contract").is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify_json_detached(&self, json: &str, payload: &[u8]) -> Result<Verified, VerifyError> {
        let document = self.read(json)?;
        if document.payload.is_some() {
            return Err(Malformed::Attached.into());
        }
        self.check_payload(payload)?;
        let headers = headers(&document)?;
        self.check_document(&document, headers, payload.to_vec())
    }

    fn read(&self, json: &str) -> Result<Document, VerifyError> {
        if json.len() > self.max_size {
            return Err(VerifyError::TooLarge { limit: self.max_size });
        }
        Document::read(json)
    }

    fn check_payload(&self, payload: &[u8]) -> Result<(), VerifyError> {
        let fits = payload.len() <= self.max_size;
        if fits {
            Ok(())
        } else {
            Err(VerifyError::TooLarge { limit: self.max_size })
        }
    }

    fn check_document(
        &self,
        document: &Document,
        headers: Vec<Joint>,
        payload: Vec<u8>,
    ) -> Result<Verified, VerifyError> {
        let (mut signatures, mut failure) = (Vec::new(), None);
        for (entry, header) in document.signatures.iter().zip(headers) {
            let message = entry.message(&payload, header.is_unencoded());
            match self.check(&header, &message, &entry.signature) {
                Ok(key) => signatures.push(Signature { key, header }),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        match failure {
            Some(error) if self.policy == Policy::All || signatures.is_empty() => Err(error),
            _ => self.accept(payload, signatures),
        }
    }

    fn check(&self, header: &Joint, message: &[u8], signature: &str) -> Result<VerifyingKey, VerifyError> {
        let header = Header {
            alg: header.text("alg")?.ok_or(Malformed::Header)?.into(),
            kid: header.text("kid")?.map(Into::into),
            ..Header::default()
        };
        check_signature(self.keys.candidates(&header)?, message, signature).cloned()
    }

    fn accept(&self, payload: Vec<u8>, signatures: Vec<Signature>) -> Result<Verified, VerifyError> {
        let signed = |key: &VerifyingKey| signatures.iter().any(|signature| signature.key.is(key));
        if self.policy == Policy::All && !self.keys.iter().all(signed) {
            return Err(VerifyError::MissingSignature);
        }
        Ok(Verified { payload, signatures })
    }
}

/// The headers of all signatures; all encode the payload or none does (RFC 7797 §3).
fn headers(document: &Document) -> Result<Vec<Joint>, VerifyError> {
    let headers = document.signatures.iter().map(|entry| {
        if entry.protected.len() > MAX_HEADER {
            return Err(VerifyError::TooLarge { limit: MAX_HEADER });
        }
        Joint::new(&entry.protected, entry.unprotected.clone())
    });
    let headers: Vec<_> = headers.collect::<Result<_, _>>()?;
    let unencoded = headers.iter().filter(|header| header.is_unencoded()).count();
    if unencoded != 0 && unencoded != headers.len() {
        return Err(VerifyError::Critical);
    }
    Ok(headers)
}
