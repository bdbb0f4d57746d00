//! Custom claims: what a user's access tokens say beside the service's own.

use std::{cell::Cell, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

/// The names an access token's claims have of the service's own. No custom claim may take one.
pub const RESERVED: [&str; 16] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "client_id",
    "sid",
    "uv",
    "auth_time",
    "username",
    "roles",
    "scope",
    "act",
    "cnf",
];

/// The most bytes they may take as JSON: every request carries them, in a header or a cookie.
pub const MAX_BYTES: usize = 2048;

/// How deep they may nest, their own object included.
pub const MAX_DEPTH: usize = 8;

/// A JSON object whose members go into a user's access tokens as they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CustomClaims(Map<String, Value>);

/// Why an object cannot go into tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimsError {
    #[error("`claims` is not a JSON object")]
    NotAnObject,
    #[error("`claims` names `{0}`, which the service sets itself: choose another name")]
    Reserved(&'static str),
    #[error("`claims` names a member twice")]
    Duplicate,
    #[error(
        "`claims` takes more than {MAX_BYTES} bytes: tokens travel with every request, so keep them small"
    )]
    TooLarge,
    #[error("`claims` nests deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

impl CustomClaims {
    /// Takes the members of an object.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`] when a name is the service's own, or there is too much of it.
    pub fn new(members: Map<String, Value>) -> Result<Self, ClaimsError> {
        if let Some(name) = RESERVED.into_iter().find(|name| members.contains_key(*name)) {
            return Err(ClaimsError::Reserved(name));
        }
        let members = Value::Object(members);
        if is_deeper_than(&members, MAX_DEPTH) {
            return Err(ClaimsError::TooDeep);
        }
        if members.to_string().len() > MAX_BYTES {
            return Err(ClaimsError::TooLarge);
        }
        match members {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(ClaimsError::NotAnObject),
        }
    }

    /// Reads them from JSON text.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`], as for [`CustomClaims::new`], and when the text is no JSON object or names a member twice.
    pub fn parse(text: &str) -> Result<Self, ClaimsError> {
        let read: PresentedClaims = serde_json::from_str(text).map_err(|_| ClaimsError::NotAnObject)?;
        read.check()
    }

    #[must_use]
    pub const fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether everything the others say, these say too.
    #[must_use]
    pub fn keep_all_of(&self, others: &Self) -> bool {
        others
            .0
            .iter()
            .all(|(name, value)| self.0.get(name) == Some(value))
    }
}

/// As JSON text.
impl fmt::Display for CustomClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(&self.0).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

fn is_deeper_than(value: &Value, levels: usize) -> bool {
    let deeper = |inner: &Value| match levels.checked_sub(1) {
        Some(levels) => is_deeper_than(inner, levels),
        None => true,
    };
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(deeper),
        Value::Object(members) => levels == 0 || members.values().any(deeper),
        _ => false,
    }
}

/// An object somebody sent as custom claims, not checked yet. A member that is there twice is noticed, at any
/// depth: a parser that takes the first and one that takes the last would see two different tokens.
#[derive(Debug, Default)]
pub struct PresentedClaims {
    members: Map<String, Value>,
    duplicate: bool,
}

impl PresentedClaims {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// # Errors
    ///
    /// [`ClaimsError`] when they cannot go into tokens.
    pub fn check(self) -> Result<CustomClaims, ClaimsError> {
        if self.duplicate {
            return Err(ClaimsError::Duplicate);
        }
        CustomClaims::new(self.members)
    }

    /// The members as they are, for an object that is more than claims.
    ///
    /// # Errors
    ///
    /// [`ClaimsError::Duplicate`].
    pub fn into_members(self) -> Result<Map<String, Value>, ClaimsError> {
        if self.duplicate {
            return Err(ClaimsError::Duplicate);
        }
        Ok(self.members)
    }
}

impl<'de> Deserialize<'de> for PresentedClaims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let duplicate = Cell::new(false);
        match Noticing(&duplicate).deserialize(deserializer)? {
            Value::Object(members) => Ok(Self {
                members,
                duplicate: duplicate.get(),
            }),
            _ => Err(de::Error::custom("not an object")),
        }
    }
}

/// Reads a value and notices members that are there twice.
#[derive(Clone, Copy)]
struct Noticing<'c>(&'c Cell<bool>);

impl<'de> DeserializeSeed<'de> for Noticing<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Noticing<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("not a finite number"))?;
        Ok(number.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self)? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(self)?;
            if members.insert(name, value).is_some() {
                self.0.set(true);
            }
        }
        Ok(members.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_of_ones_own_is_kept_as_it_is() {
        for text in [
            "{}",
            r#"{"limits":{"files":[1,2.5,null,true]},"tenant":"blue"}"#,
            r#"{"ISS":"names are case-sensitive"}"#,
        ] {
            assert_eq!(CustomClaims::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_the_services_own_is_refused_by_name() {
        for name in RESERVED {
            let error = CustomClaims::parse(&format!(r#"{{"{name}":1}}"#)).unwrap_err();
            assert_eq!(error, ClaimsError::Reserved(name));
        }
        assert!(
            CustomClaims::parse(r#"{"inner":{"sub":1}}"#).is_ok(),
            "inside an own claim no name is taken"
        );
    }

    #[test]
    fn a_member_that_is_there_twice_is_refused_at_any_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":[{"b":1,"b":2}]}"#,
            r#"{"a":{"b":{"c":1,"c":1}}}"#,
        ] {
            assert_eq!(CustomClaims::parse(text), Err(ClaimsError::Duplicate), "{text}");
        }
    }

    #[test]
    fn size_and_depth_are_bounded() {
        let sized = |bytes: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - 8));
        assert!(CustomClaims::parse(&sized(MAX_BYTES)).is_ok());
        assert_eq!(
            CustomClaims::parse(&sized(MAX_BYTES + 1)),
            Err(ClaimsError::TooLarge)
        );
        let nested = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
        assert!(CustomClaims::parse(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(
            CustomClaims::parse(&nested(MAX_DEPTH + 1)),
            Err(ClaimsError::TooDeep)
        );
        let arrays = format!(r#"{{"a":{}{}}}"#, "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        assert_eq!(CustomClaims::parse(&arrays), Err(ClaimsError::TooDeep));
    }

    #[test]
    fn nothing_but_an_object_will_do() {
        for text in ["", "[]", "1", "null", r#""text""#, "{", "{} {}", r#"{"a":1e999}"#] {
            assert_eq!(CustomClaims::parse(text), Err(ClaimsError::NotAnObject), "{text}");
        }
    }

    #[test]
    fn what_is_taken_away_or_changed_is_seen() {
        let claims = |text| CustomClaims::parse(text).unwrap();
        let before = claims(r#"{"a":1}"#);
        assert!(claims(r#"{"a":1,"b":2}"#).keep_all_of(&before));
        assert!(!claims(r#"{"a":2}"#).keep_all_of(&before));
        assert!(!claims("{}").keep_all_of(&before));
    }
}
