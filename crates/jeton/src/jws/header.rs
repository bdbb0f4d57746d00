use std::marker::PhantomData;

use serde_json::{Map, Value};

use crate::encoding::decode;
use crate::json::Object;
use crate::strict::{self, Failure};
use crate::{Malformed, VerifyError};

/// The header of one signature: the part it covers and the part it does not (RFC 7515 §4).
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Joint {
    pub(super) protected: Map<String, Value>,
    pub(super) unprotected: Map<String, Value>,
}

impl Joint {
    pub(super) fn new(protected: &str, unprotected: Map<String, Value>) -> Result<Self, VerifyError> {
        let protected = if protected.is_empty() {
            Map::new()
        } else {
            read_protected(protected)?
        };
        if unprotected.keys().any(|name| protected.contains_key(name)) {
            return Err(VerifyError::DuplicateMember);
        }
        let header = Self {
            protected,
            unprotected,
        };
        header.check_critical()?;
        Ok(header)
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, VerifyError> {
        match self.protected.get(name).or_else(|| self.unprotected.get(name)) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Malformed::Header.into()),
        }
    }

    /// Whether the payload stands as it is, not in base64url (RFC 7797 §3).
    pub(super) fn is_unencoded(&self) -> bool {
        self.protected.get("b64") == Some(&Value::Bool(false))
    }

    /// Checks `crit`: it lists, once each, members that are there and understood, which is `b64` alone. And `b64` must
    /// be listed.
    fn check_critical(&self) -> Result<(), VerifyError> {
        let named = match self.protected.get("crit") {
            None => false,
            Some(Value::Array(names)) if names.len() == 1 && names[0] == "b64" => true,
            Some(_) => return Err(VerifyError::Critical),
        };
        let there = matches!(self.protected.get("b64"), Some(Value::Bool(_)));
        let misplaced = ["crit", "b64"]
            .iter()
            .any(|name| self.unprotected.contains_key(*name));
        if misplaced || named != there || self.protected.contains_key("b64") != there {
            return Err(VerifyError::Critical);
        }
        Ok(())
    }
}

fn read_protected(base64: &str) -> Result<Map<String, Value>, VerifyError> {
    let bytes = decode(base64).ok_or(Malformed::Base64)?;
    let json = std::str::from_utf8(&bytes).map_err(|_| Malformed::Utf8)?;
    read_object(json, Malformed::Header)
}

/// Reads a JSON object; `otherwise` is the error for a text that is none.
pub(super) fn read_object(json: &str, otherwise: Malformed) -> Result<Map<String, Value>, VerifyError> {
    strict::read(PhantomData::<Object>, json, 0)
        .map(Map::from)
        .map_err(|failure| match failure {
            Failure::Fault(fault) => fault.into(),
            Failure::Trailing(_) | Failure::Value(_) => otherwise.into(),
        })
}
