use std::marker::PhantomData;

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::compact::MAX_HEADER;
use crate::encoding::{encode, encode_onto};
use crate::strict;
use crate::{IssueError, SigningKey};

/// Signs bytes of any kind with one key. A header that no verifier would read is refused; how long a payload may
/// be is the verifier's to say, by its [`max_size`](super::Verifier::max_size).
///
/// ```
/// use jeton::{Algorithm, SigningKey, jws};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
/// let signer = jws::Signer::new(key.clone()).member("cty", "text/plain");
/// let verifier = jws::Verifier::new(key.verifying_key());
///
/// let signed = signer.sign(b"the contract")?;
/// assert_eq!(verifier.verify(&signed)?.payload(), b"the contract");
///
/// // The payload as it is, travelling apart (RFC 7797).
/// let signature = signer.unencoded().sign_detached(b"the contract")?;
/// assert!(verifier.verify_detached(&signature, b"the contract").is_ok());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Signer {
    pub(super) key: SigningKey,
    members: Map<String, Value>,
    pub(super) unprotected: Map<String, Value>,
    pub(super) unencoded: bool,
}

/// Members a signer sets itself.
const OWN: [&str; 4] = ["alg", "kid", "crit", "b64"];

impl Signer {
    /// A signer whose header says `alg` and, if the key has one, `kid`.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, jws};
    /// # let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
    ///
    /// let signed = jws::Signer::new(key).sign(b"the contract")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(key: SigningKey) -> Self {
        Self {
            key,
            members: Map::new(),
            unprotected: Map::new(),
            unencoded: false,
        }
    }

    /// Adds a member to the protected header, such as `typ`, `cty` or one of the application's own.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, jws};
    /// # let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
    ///
    /// let signed = jws::Signer::new(key).member("cty", "text/plain").member("version", 2).sign(b"the contract")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn member(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.members.insert(name.into(), value.into());
        self
    }

    /// Adds a member to the header that the signature does not cover; only the JSON forms have one.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, jws};
    /// # let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
    ///
    /// let signer = jws::Signer::new(key).unprotected("note", "not covered");
    /// assert!(signer.sign(b"the contract").is_err()); // the compact form has no such header
    /// assert!(signer.sign_flattened(b"the contract").is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn unprotected(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.unprotected.insert(name.into(), value.into());
        self
    }

    /// Signs the payload as it is, not in base64url (RFC 7797): `b64` is false, and critical.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, jws};
    /// # let key = SigningKey::generate(Algorithm::EdDsa)?;
    /// let text = jws::Signer::new(key.clone()).unencoded().sign_detached(b"the contract")?;
    /// assert!(text.contains(".."));           // the payload stands elsewhere, as it is
    /// assert!(jws::Verifier::new(key.verifying_key()).verify_detached(&text, b"the contract").is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn unencoded(mut self) -> Self {
        self.unencoded = true;
        self
    }

    /// The compact form (RFC 7515 §7.1). An unencoded payload must be printable ASCII without a dot here
    /// (RFC 7797 §5.2); any other travels detached.
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
    pub fn sign(&self, payload: &[u8]) -> Result<String, IssueError> {
        let mut text = self.compact_header()?;
        if self.unencoded {
            let plain = payload
                .iter()
                .all(|byte| matches!(byte, b' '..=b'~') && *byte != b'.');
            let payload = std::str::from_utf8(payload).ok().filter(|_| plain);
            text.push_str(payload.ok_or(IssueError::UnencodedPayload)?);
        } else {
            encode_onto(&mut text, payload);
        }
        self.key.finish(&mut text).map_err(|_| IssueError::Crypto)?;
        Ok(text)
    }

    /// The compact form without its payload, which the verifier gets by another way (RFC 7515 appendix F).
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, jws};
    /// # let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
    /// # let signer = jws::Signer::new(key.clone());
    /// # let verifier = jws::Verifier::new(key.verifying_key());
    ///
    /// let signature = signer.sign_detached(b"the contract")?;
    /// assert!(signature.contains(".."));
    /// assert!(verifier.verify_detached(&signature, b"the contract").is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sign_detached(&self, payload: &[u8]) -> Result<String, IssueError> {
        let mut text = self.compact_header()?;
        let signature = self.signature(text.trim_end_matches('.'), payload)?;
        text.push('.');
        text.push_str(&signature);
        Ok(text)
    }

    /// The encoded header and a dot.
    fn compact_header(&self) -> Result<String, IssueError> {
        if let Some(name) = self.unprotected.keys().next() {
            return Err(IssueError::HeaderMember(name.clone()));
        }
        let mut text = self.protected()?;
        text.push('.');
        Ok(text)
    }

    /// The protected header in base64url.
    pub(super) fn protected(&self) -> Result<String, IssueError> {
        let twice = |name: &&String| self.members.contains_key(*name);
        let own = self
            .members
            .keys()
            .chain(self.unprotected.keys())
            .find(|name| OWN.contains(&name.as_str()));
        if let Some(name) = own.or_else(|| self.unprotected.keys().find(twice)) {
            return Err(IssueError::HeaderMember(name.clone()));
        }
        let mut header = Map::new();
        header.insert("alg".to_owned(), self.key.algorithm().name().into());
        header.extend(self.key.kid().map(|kid| ("kid".to_owned(), kid.into())));
        header.extend(self.members.clone());
        if self.unencoded {
            header.insert("b64".to_owned(), false.into());
            header.insert("crit".to_owned(), vec!["b64"].into());
        }
        let json = serde_json::to_string(&header).map_err(|_| IssueError::NotAnObject)?;
        check_readable(&json)?;
        let header = encode(json.as_bytes());
        if header.len() > MAX_HEADER {
            return Err(IssueError::TooLarge { limit: MAX_HEADER });
        }
        Ok(header)
    }

    /// The signature over `protected.payload`, in base64url.
    pub(super) fn signature(&self, protected: &str, payload: &[u8]) -> Result<String, IssueError> {
        let message = message(protected, payload, self.unencoded);
        self.key.sign(&message).map_err(|_| IssueError::Crypto)
    }
}

/// Whether a verifier would read this JSON.
pub(super) fn check_readable(json: &str) -> Result<(), IssueError> {
    strict::read(PhantomData::<IgnoredAny>, json, 0)
        .map(|_| ())
        .map_err(|failure| IssueError::Unreadable(failure.into()))
}

/// The text that is signed: the protected header, a dot, and the payload in base64url or as it is.
pub(super) fn message(protected: &str, payload: &[u8], unencoded: bool) -> Vec<u8> {
    let mut message = format!("{protected}.").into_bytes();
    if unencoded {
        message.extend_from_slice(payload);
    } else {
        message.extend_from_slice(encode(payload).as_bytes());
    }
    message
}
