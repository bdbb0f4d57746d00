//! Custom claims: members that a user's access tokens carry beside the service's own.

use std::fmt;

use jeton::{
    JsonError,
    json::{self, Object},
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Names of claims that the service sets in access tokens. No custom claim may take one.
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

/// The most bytes custom claims may take as JSON: every request carries them, in a header or a cookie.
pub const MAX_BYTES: usize = 2048;

/// How deep custom claims may nest, their own object included.
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
    #[error("`claims` names a member that begins with `$serde_json::private::`: choose another name")]
    ParserName,
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
    /// [`ClaimsError`] when a name is the service's own, or the members are too large or too deep.
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

    /// Reads custom claims from JSON text.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`], as for [`CustomClaims::new`], and when the text is no JSON object or names a member twice.
    pub fn parse(text: &str) -> Result<Self, ClaimsError> {
        let read = json::from_str::<Object>(text).map_err(|error| match error {
            JsonError::Duplicate => ClaimsError::Duplicate,
            JsonError::TooDeep => ClaimsError::TooDeep,
            JsonError::ReservedName => ClaimsError::ParserName,
            _ => ClaimsError::NotAnObject,
        })?;
        Self::new(read.into())
    }

    #[must_use]
    pub const fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all the others' members are among these, with the same values.
    #[must_use]
    pub fn keep_all_of(&self, others: &Self) -> bool {
        others
            .0
            .iter()
            .all(|(name, value)| self.0.get(name) == Some(value))
    }
}

/// Writes the claims as JSON text.
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

/// An object sent as custom claims, not checked yet.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct PresentedClaims(Object);

impl PresentedClaims {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.0.is_empty()
    }

    /// # Errors
    ///
    /// [`ClaimsError`] when the members cannot go into tokens.
    pub fn check(self) -> Result<CustomClaims, ClaimsError> {
        CustomClaims::new(self.0.0)
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
    fn the_parsers_own_names_are_refused_at_any_depth() {
        for text in [
            r#"{"$serde_json::private::RawValue":"1"}"#,
            r#"{"a":[{"$serde_json::private::Number":"1"}]}"#,
        ] {
            assert_eq!(CustomClaims::parse(text), Err(ClaimsError::ParserName), "{text}");
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
