//! JSON that others wrote, read as strictly as a token's header and claims.
//!
//! For everything around tokens that arrives as JSON: request bodies, documents of an issuer, stored text. It takes one
//! value and nothing else; no member twice in one object, at any depth; nothing deeper than
//! [`MAX_DEPTH`](crate::MAX_DEPTH); no array where a struct is to be read. No member's name means anything to the
//! parser: where any crate of a build switches on `raw_value` or `arbitrary_precision`, `serde_json`'s own `Value`
//! reads a member named `$serde_json::private::RawValue` as JSON text, with a depth limit of its own, and a few
//! kilobytes of such texts within texts end the process. Such names are refused. A number means the same in every
//! build: what a 64-bit float does not hold, such as `1e400`, is refused, also where nobody reads it.
//!
//! ```
//! use jeton::{JsonError, json};
//!
//! #[derive(serde::Deserialize)]
//! struct Order { id: u64, notes: json::Object }
//!
//! let order: Order = json::from_str(r#"{"id":7,"notes":{"gift":true}}"#)?;
//! assert_eq!((order.id, &order.notes.0["gift"]), (7, &true.into()));
//!
//! let twice = json::from_str::<Order>(r#"{"id":7,"notes":{"gift":true,"gift":false}}"#);
//! assert_eq!(twice.err(), Some(JsonError::Duplicate));
//! # Ok::<(), JsonError>(())
//! ```

use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Number, Value};

use crate::JsonError;
use crate::strict::{self, is_reserved};

/// Reads a value from a text.
///
/// ```
/// use jeton::json;
///
/// assert_eq!(json::from_str::<Vec<u8>>("[1,2]"), Ok(vec![1, 2]));
/// assert!(json::from_str::<Vec<u8>>("[1,2] and more").is_err());
/// ```
pub fn from_str<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, JsonError> {
    from_str_seed(PhantomData, text)
}

/// Reads a value from bytes, which must be UTF-8.
///
/// ```
/// use jeton::{JsonError, json};
///
/// assert_eq!(json::from_slice::<String>(b"\"text\""), Ok("text".to_owned()));
/// assert_eq!(json::from_slice::<String>(b"\"\xff\""), Err(JsonError::Utf8));
/// ```
pub fn from_slice<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, JsonError> {
    from_str(std::str::from_utf8(bytes).map_err(|_| JsonError::Utf8)?)
}

/// Reads a value through a seed, for readers with a state of their own.
///
/// ```
/// use std::marker::PhantomData;
/// use jeton::json;
///
/// assert_eq!(json::from_str_seed(PhantomData::<u8>, "7"), Ok(7));
/// ```
pub fn from_str_seed<'de, S: DeserializeSeed<'de>>(seed: S, text: &'de str) -> Result<S::Value, JsonError> {
    strict::read(seed, text, 0).map_err(|failure| match failure.into() {
        // A shape is checked before the whole is read: what is no sound JSON at all is said first.
        shape @ JsonError::Shape { .. } => match strict::read(PhantomData::<IgnoredAny>, text, 0) {
            Ok(IgnoredAny) => shape,
            Err(unsound) => unsound.into(),
        },
        unsound => unsound,
    })
}

/// An object of any members.
///
/// Unlike a `Map` or a `Value` it may be read by any deserializer: it refuses reserved names and second members
/// itself. How deep it nests is for the deserializer to limit, as this module's functions do.
///
/// ```
/// use jeton::json::{self, Object};
///
/// let object: Object = json::from_str(r#"{"a":1,"b":[]}"#)?;
/// let names: Vec<_> = object.into_iter().map(|(name, _value)| name).collect();
/// assert_eq!(names, ["a", "b"]);
/// # Ok::<(), jeton::JsonError>(())
/// ```
#[derive(Clone, Default, PartialEq, serde::Serialize)]
#[serde(transparent)]
pub struct Object(pub Map<String, Value>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

/// `Debug` does not show the members: they may be claims.
impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object").finish_non_exhaustive()
    }
}

impl From<Map<String, Value>> for Object {
    fn from(members: Map<String, Value>) -> Self {
        Self(members)
    }
}

impl From<Object> for Map<String, Value> {
    fn from(object: Object) -> Self {
        object.0
    }
}

impl IntoIterator for Object {
    type Item = (String, Value);
    type IntoIter = serde_json::map::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object, A::Error> {
        members(map).map(Object)
    }
}

/// A value of any kind.
struct Free;

impl<'de> DeserializeSeed<'de> for Free {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Free {
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

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
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
        while let Some(item) = seq.next_element_seed(Self)? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        members(map).map(Value::Object)
    }
}

fn members<'de, A: MapAccess<'de>>(mut map: A) -> Result<Map<String, Value>, A::Error> {
    let mut members = Map::new();
    while let Some(name) = map.next_key::<String>()? {
        if is_reserved(&name) {
            return Err(A::Error::custom("a member has a reserved name"));
        }
        if members.insert(name, map.next_value_seed(Free)?).is_some() {
            return Err(A::Error::custom("a member stands twice"));
        }
    }
    Ok(members)
}
