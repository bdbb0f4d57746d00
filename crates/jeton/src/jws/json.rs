use serde_json::{Map, Value};

use super::Signer;
use super::header::read_object;
use super::sign::{check_readable, message};
use crate::encoding::encode;
use crate::{IssueError, Malformed, VerifyError};

/// The most signatures one document may carry: verifying costs as much as there are.
const MAX_SIGNATURES: usize = 16;

impl Signer {
    /// The flattened JSON form (RFC 7515 §7.2.2): one signature, and a header it does not cover if there is
    /// one. An unencoded payload must be text.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, jws};
    /// # let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
    /// # let signer = jws::Signer::new(key.clone());
    /// # let verifier = jws::Verifier::new(key.verifying_key());
    ///
    /// let document = signer.unprotected("note", "not covered").sign_flattened(b"the contract")?;
    /// assert_eq!(verifier.verify_json(&document)?.payload(), b"the contract");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sign_flattened(&self, payload: &[u8]) -> Result<String, IssueError> {
        let mut object = self.json_signature(payload)?;
        object.insert("payload".to_owned(), json_payload(payload, self.unencoded)?);
        document(object)
    }

    /// The flattened JSON form without its payload.
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
    pub fn sign_flattened_detached(&self, payload: &[u8]) -> Result<String, IssueError> {
        self.json_signature(payload).and_then(document)
    }

    fn json_signature(&self, payload: &[u8]) -> Result<Map<String, Value>, IssueError> {
        let protected = self.protected()?;
        let signature = self.signature(&protected, payload)?;
        let mut object = Map::new();
        object.insert("protected".to_owned(), protected.into());
        if !self.unprotected.is_empty() {
            object.insert("header".to_owned(), self.unprotected.clone().into());
        }
        object.insert("signature".to_owned(), signature.into());
        Ok(object)
    }
}

/// The general JSON form (RFC 7515 §7.2.1): several signatures over one payload. Either all signers encode
/// the payload or none does.
///
/// ```
/// # use jeton::{Algorithm, SigningKey, jws};
/// # let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
///
/// let other = SigningKey::generate(Algorithm::Es256)?.with_kid("c");
/// let document = jws::sign_general(&[jws::Signer::new(key), jws::Signer::new(other)], b"the contract")?;
/// assert!(document.contains(r#""signatures":[{"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sign_general(signers: &[Signer], payload: &[u8]) -> Result<String, IssueError> {
    let unencoded = signers.first().ok_or(IssueError::NoSigner)?.unencoded;
    if signers.len() > MAX_SIGNATURES {
        return Err(IssueError::TooManySigners {
            limit: MAX_SIGNATURES,
        });
    }
    if signers.iter().any(|signer| signer.unencoded != unencoded) {
        return Err(IssueError::UnencodedPayload);
    }
    let signatures: Result<Vec<_>, _> = signers
        .iter()
        .map(|signer| signer.json_signature(payload))
        .collect();
    let mut object = Map::new();
    object.insert("payload".to_owned(), json_payload(payload, unencoded)?);
    object.insert("signatures".to_owned(), signatures?.into());
    document(object)
}

/// The text of a document that a verifier would read.
fn document(object: Map<String, Value>) -> Result<String, IssueError> {
    let text = Value::Object(object).to_string();
    check_readable(&text)?;
    Ok(text)
}

fn json_payload(payload: &[u8], unencoded: bool) -> Result<Value, IssueError> {
    if !unencoded {
        return Ok(encode(payload).into());
    }
    let text = std::str::from_utf8(payload).map_err(|_| IssueError::UnencodedPayload)?;
    Ok(text.into())
}

/// A JWS in either JSON form, nothing checked but its shape.
pub(super) struct Document {
    /// The payload; `None` when it travels apart.
    pub(super) payload: Option<String>,
    pub(super) signatures: Vec<Entry>,
}

pub(super) struct Entry {
    pub(super) protected: String,
    pub(super) unprotected: Map<String, Value>,
    pub(super) signature: String,
}

impl Entry {
    /// The bytes that this entry's signature is over, given the payload's.
    pub(super) fn message(&self, payload: &[u8], unencoded: bool) -> Vec<u8> {
        message(&self.protected, payload, unencoded)
    }

    fn take(object: &mut Map<String, Value>) -> Result<Self, VerifyError> {
        let protected = take_text(object, "protected")?;
        let unprotected = match object.remove("header") {
            None => Map::new(),
            Some(Value::Object(header)) => header,
            Some(_) => return Err(Malformed::Document.into()),
        };
        if protected.is_none() && unprotected.is_empty() {
            return Err(Malformed::Header.into());
        }
        let signature = take_text(object, "signature")?.ok_or(Malformed::Document)?;
        Ok(Self {
            protected: protected.unwrap_or_default(),
            unprotected,
            signature,
        })
    }
}

impl Document {
    pub(super) fn read(json: &str) -> Result<Self, VerifyError> {
        let mut object = read_object(json, Malformed::Document)?;
        let payload = take_text(&mut object, "payload")?;
        let signatures = match object.remove("signatures") {
            None => vec![Entry::take(&mut object)?],
            // Both forms at once would let two readers see two documents.
            Some(_)
                if ["protected", "header", "signature"]
                    .iter()
                    .any(|name| object.contains_key(*name)) =>
            {
                return Err(Malformed::Document.into());
            }
            Some(Value::Array(entries)) if (1..=MAX_SIGNATURES).contains(&entries.len()) => {
                entries.into_iter().map(entry).collect::<Result<_, _>>()?
            }
            Some(_) => return Err(Malformed::Document.into()),
        };
        Ok(Self { payload, signatures })
    }
}

fn entry(value: Value) -> Result<Entry, VerifyError> {
    match value {
        Value::Object(mut object) => Entry::take(&mut object),
        _ => Err(Malformed::Document.into()),
    }
}

fn take_text(object: &mut Map<String, Value>, name: &str) -> Result<Option<String>, VerifyError> {
    match object.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Malformed::Document.into()),
    }
}
