//! A request's body, held back because a token or a CSRF token may be in it.

use std::fmt;

use axum::body::{Body, Bytes};
use http::{HeaderMap, header::CONTENT_TYPE};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use jeton::{JsonError, json};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::{
    fields::{self, Twice},
    multipart,
    rejection::Malformed,
};

/// The body that the guard's layer leaves for the extractors, of a kind they look into.
#[derive(Clone)]
pub(crate) struct ReadBody {
    kind: Kind,
    bytes: Bytes,
}

/// Kinds of bodies the guard looks into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Json,
    Form,
    /// A form that also sends files.
    Multipart,
}

impl Kind {
    /// The kind by `Content-Type`, whatever parameters follow (RFC 9110 §8.3).
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let essence = value.split(';').next()?.trim().to_ascii_lowercase();
        if essence == "multipart/form-data" {
            return Some(Self::Multipart);
        }
        match essence.strip_prefix("application/")? {
            "json" => Some(Self::Json),
            "x-www-form-urlencoded" => Some(Self::Form),
            other => other.ends_with("+json").then_some(Self::Json),
        }
    }
}

impl ReadBody {
    /// Reads a body to its end, or to the limit in bytes. It is given back as it was.
    pub(crate) async fn read(kind: Kind, body: Body, limit: usize) -> Result<(Self, Body), Malformed> {
        let collected = Limited::new(body, limit).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                Malformed::BodyTooLarge
            } else {
                Malformed::BodyBroken
            }
        })?;
        let bytes = collected.to_bytes();
        let read = Self {
            kind,
            bytes: bytes.clone(),
        };
        Ok((read, Body::from(bytes)))
    }

    /// The text of this member, if the body is a JSON object that has it.
    pub(crate) fn json_member(&self, name: &str) -> Result<Option<String>, Malformed> {
        if self.kind != Kind::Json || self.bytes.is_empty() {
            return Ok(None);
        }
        let text = str::from_utf8(&self.bytes).map_err(|_| Malformed::BodyNotJson)?;
        json::from_str_seed(Member { name }, text).map_err(|error| match error {
            JsonError::Shape { .. } => Malformed::MemberNotText,
            JsonError::Duplicate | JsonError::TooDeep | JsonError::ReservedName | JsonError::Number => {
                Malformed::BodyUnsound
            }
            _ => Malformed::BodyNotJson,
        })
    }

    /// The value of this field, if the body is a form that has it.
    pub(crate) fn form_field(&self, name: &str, headers: &HeaderMap) -> Result<Option<Vec<u8>>, Twice> {
        let found = match (self.kind, multipart::boundary(headers)) {
            (Kind::Form, _) => fields::only(&self.bytes, name)?.map(|value| value.into_owned().into_bytes()),
            (Kind::Multipart, Some(boundary)) => {
                multipart::only(&self.bytes, boundary, name)?.map(<[u8]>::to_vec)
            }
            _ => None,
        };
        Ok(found)
    }
}

/// Finds one member of an object; a value that is no object has none.
struct Member<'n> {
    name: &'n str,
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = object.next_key::<String>()? {
            if name == self.name {
                found = Some(object.next_value()?);
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}
