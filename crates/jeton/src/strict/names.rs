//! The names of members: read, remembered, and handed on to the seed that asks for them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, IntoDeserializer, Visitor};

/// Whether a name is one that `serde_json` keeps for itself. Where any crate of a build has switched its
/// features on, its `Value` takes what stands under such a name for JSON text, or for a number.
#[inline]
pub(crate) fn is_reserved(name: &str) -> bool {
    name.starts_with("$serde_json::private::")
}

/// The names met in one object. The first ones sit in a row, as most objects are small; a large object
/// goes on in a tree, so that no number of members makes it quadratic.
#[derive(Default)]
pub(crate) struct Seen<'de> {
    row: [&'de str; 12],
    length: usize,
    tree: BTreeSet<Cow<'de, str>>,
}

impl<'de> Seen<'de> {
    /// Adds a name; false when it was there already.
    pub(crate) fn insert(&mut self, name: Cow<'de, str>) -> bool {
        if self.row[..self.length].contains(&&*name) {
            return false;
        }
        match name {
            Cow::Borrowed(text) if self.length < self.row.len() => {
                self.row[self.length] = text;
                self.length += 1;
                self.tree.is_empty() || !self.tree.contains(text)
            }
            name => self.tree.insert(name),
        }
    }
}

/// Reads a member's name, borrowed unless it holds an escape.
pub(crate) struct NameSeed;

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for NameSeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// Replays a name that was read already into the seed that asks for it.
pub(crate) struct NameDeserializer<'de, E> {
    name: Cow<'de, str>,
    error: std::marker::PhantomData<E>,
}

impl<'de, E> NameDeserializer<'de, E> {
    pub(crate) fn new(name: Cow<'de, str>) -> Self {
        Self {
            name,
            error: std::marker::PhantomData,
        }
    }
}

/// Reads keys that are numbers. They stand in JSON as strings, each in one spelling: with a second one a member could
/// stand twice unnoticed.
macro_rules! numeric_keys {
    ($($method:ident $visit:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
            match self.name.parse() {
                Ok(number) if is_canonical(&self.name) => visitor.$visit(number),
                _ => self.deserialize_any(visitor),
            }
        }
    )*};
}

/// Whether a number that parses is written as JSON writes numbers: no sign before zero, no plus, no zero before
/// other digits.
fn is_canonical(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    match digits.as_bytes() {
        [b'0'] => digits == number,
        [b'0' | b'+', ..] => false,
        _ => true,
    }
}

impl<'de, E: Error> Deserializer<'de> for NameDeserializer<'de, E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.name {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    numeric_keys! {
        deserialize_i8 visit_i8 deserialize_i16 visit_i16 deserialize_i32 visit_i32 deserialize_i64 visit_i64
        deserialize_u8 visit_u8 deserialize_u16 visit_u16 deserialize_u32 visit_u32 deserialize_u64 visit_u64
        deserialize_bool visit_bool
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, E> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        match self.name {
            Cow::Borrowed(text) => {
                BorrowedStrDeserializer::new(text).deserialize_enum(name, variants, visitor)
            }
            Cow::Owned(text) => {
                let text: StringDeserializer<E> = text.into_deserializer();
                text.deserialize_enum(name, variants, visitor)
            }
        }
    }

    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}
