//! JSON without its loopholes: no member twice in one object, no bottomless nesting, no name that means something
//! to the parser, no array in place of a struct's object, nothing skipped.
//!
//! [`Strict`] wraps whatever serde passes around (a deserializer, a visitor, an access, a seed) and hands
//! its strictness to whatever that passes on, so every level of a value is read under the same rules, also
//! what the target type ignores. `deserialize_ignored_any` never reaches the parser: it checks neither
//! numbers nor depth.

mod names;

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::ops::Range;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Unexpected, VariantAccess,
    Visitor,
};

pub(crate) use self::names::{NameDeserializer, NameSeed, Seen, is_reserved};

/// How deeply objects and arrays may nest in a header or in claims, the outermost object included.
///
/// ```
/// use jeton::{JsonError, MAX_DEPTH, json};
///
/// let nested = |depth: u8| "[".repeat(depth.into()) + &"]".repeat(depth.into());
/// assert!(json::from_str::<serde_json::Value>(&nested(MAX_DEPTH)).is_ok());
/// assert_eq!(json::from_str::<serde_json::Value>(&nested(MAX_DEPTH + 1)), Err(JsonError::TooDeep));
/// ```
pub const MAX_DEPTH: u8 = 32;

/// The faults that strictness finds; serde's errors can only carry text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Duplicate,
    TooDeep,
    ReservedName,
    /// A number beyond what a 64-bit float holds, such as `1e400`.
    Number,
}

/// Why a text was not read.
#[derive(Debug)]
pub(crate) enum Failure {
    Fault(Fault),
    /// The value is whole, and something follows it.
    Trailing(serde_json::Error),
    Value(serde_json::Error),
}

/// Reads one value from a text that holds nothing else. `depth` says how many objects and arrays are around it.
pub(crate) fn read<'de, S: DeserializeSeed<'de>>(
    seed: S,
    json: &'de str,
    depth: u8,
) -> Result<S::Value, Failure> {
    let reading = Reading::of(json);
    let mut parser = serde_json::Deserializer::from_str(json);
    let strict = Strict {
        inner: seed,
        reading: &reading,
        depth,
        asked: Asked::Typed,
    };
    let value = strict
        .deserialize(&mut parser)
        .map_err(|error| match reading.fault.get() {
            Some(fault) => Failure::Fault(fault),
            None if is_out_of_range(&error) => Failure::Fault(Fault::Number),
            None => Failure::Value(error),
        })?;
    parser.end().map_err(Failure::Trailing)?;
    Ok(value)
}

/// The parser counts a number that is too large as bad grammar, and tells it from that in words alone.
fn is_out_of_range(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("number out of range")
}

/// One text while it is read.
struct Reading {
    /// The place of the text in memory.
    text: Range<usize>,
    fault: Cell<Option<Fault>>,
}

impl Reading {
    fn of(text: &str) -> Self {
        let start = text.as_ptr().addr();
        Self {
            text: start..start + text.len(),
            fault: Cell::new(None),
        }
    }

    /// Whether a borrowed name stands in the text. With its feature `arbitrary_precision` the parser passes a
    /// number off as an object whose one member has a name of its own making.
    fn holds(&self, name: &str) -> bool {
        self.text.contains(&name.as_ptr().addr())
    }
}

/// Kinds of values a visitor can be given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// Any value.
    Anything,
    /// A struct: its members by name, and never an array, which a derived visitor would take as well.
    Members,
    /// A value of one kind.
    Typed,
}

struct Strict<'r, T> {
    inner: T,
    reading: &'r Reading,
    /// Objects and arrays around this value.
    depth: u8,
    /// The kind of value that was asked for; of a visitor alone.
    asked: Asked,
}

impl<'r, T> Strict<'r, T> {
    fn same<U>(&self, inner: U) -> Strict<'r, U> {
        self.at(self.depth, inner)
    }

    fn at<U>(&self, depth: u8, inner: U) -> Strict<'r, U> {
        Strict {
            inner,
            reading: self.reading,
            depth,
            asked: Asked::Typed,
        }
    }

    fn asking<V>(&self, asked: Asked, visitor: V) -> Strict<'r, V> {
        Strict {
            asked,
            ..self.same(visitor)
        }
    }

    fn deeper<E: Error>(&self) -> Result<u8, E> {
        if self.depth >= MAX_DEPTH {
            Err(self.fail(Fault::TooDeep))
        } else {
            Ok(self.depth + 1)
        }
    }

    fn fail<E: Error>(&self, fault: Fault) -> E {
        self.reading.fault.set(Some(fault));
        E::custom("strict")
    }
}

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<'_, T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T::Value, D::Error> {
        let deserializer = self.same(deserializer);
        self.inner.deserialize(deserializer)
    }
}

macro_rules! pass_on {
    ($($method:ident($($argument:ident: $kind:ty),*))*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, $($argument: $kind,)* visitor: V) -> Result<V::Value, D::Error> {
            let visitor = self.same(visitor);
            self.inner.$method($($argument,)* visitor)
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<'_, D> {
    type Error = D::Error;

    pass_on! {
        deserialize_bool()
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_f32() deserialize_f64() deserialize_char() deserialize_str() deserialize_string()
        deserialize_bytes() deserialize_byte_buf() deserialize_option() deserialize_unit()
        deserialize_unit_struct(name: &'static str)
        deserialize_seq() deserialize_tuple(length: usize)
        deserialize_tuple_struct(name: &'static str, length: usize)
        deserialize_map()
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
        deserialize_identifier()
    }

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = self.asking(Asked::Anything, visitor);
        self.inner.deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_any(visitor)
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = self.asking(Asked::Members, visitor);
        self.inner.deserialize_struct(name, fields, visitor)
    }

    // Not passed on: under a name of its own the parser would hand out raw, unchecked JSON.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! scalars {
    ($($method:ident: $kind:ty,)*) => {$(
        #[inline]
        fn $method<E: Error>(self, value: $kind) -> Result<V::Value, E> {
            self.inner.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Strict<'_, V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(formatter)
    }

    scalars! {
        visit_bool: bool, visit_char: char,
        visit_i8: i8, visit_i16: i16, visit_i32: i32, visit_i64: i64, visit_i128: i128,
        visit_u8: u8, visit_u16: u16, visit_u32: u32, visit_u64: u64, visit_u128: u128,
        visit_f32: f32, visit_f64: f64,
        visit_str: &str, visit_borrowed_str: &'de str, visit_string: String,
        visit_bytes: &[u8], visit_borrowed_bytes: &'de [u8], visit_byte_buf: Vec<u8>,
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let deserializer = self.same(deserializer);
        self.inner.visit_some(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let deserializer = self.same(deserializer);
        self.inner.visit_newtype_struct(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        if self.asked == Asked::Members {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self.inner));
        }
        let access = self.at(self.deeper()?, access);
        self.inner.visit_seq(access)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<V::Value, A::Error> {
        let first = match self.asked {
            Asked::Anything => access.next_key_seed(NameSeed)?,
            Asked::Members | Asked::Typed => None,
        };
        let is_a_number = match &first {
            Some(Cow::Borrowed(name)) => is_reserved(name) && !self.reading.holds(name),
            Some(Cow::Owned(_)) | None => false,
        };
        if is_a_number {
            let number = access.next_value_seed(NameSeed)?;
            return self.visit_number(&number);
        }
        let access = self.at(self.deeper()?, access);
        self.inner.visit_map(StrictMap {
            access,
            first,
            seen: Seen::default(),
        })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        let access = self.same(access);
        self.inner.visit_enum(access)
    }
}

impl<V> Strict<'_, V> {
    /// Hands on a number that the parser has kept as text, as the number it is without that feature.
    fn visit_number<'de, E: Error>(self, number: &str) -> Result<V::Value, E>
    where
        V: Visitor<'de>,
    {
        if let Ok(whole) = number.parse() {
            return self.inner.visit_u64(whole);
        }
        match number.parse() {
            Ok(whole) if number != "-0" => self.inner.visit_i64(whole),
            _ => match number.parse::<f64>() {
                Ok(fraction) if fraction.is_finite() => self.inner.visit_f64(fraction),
                _ => Err(self.fail(Fault::Number)),
            },
        }
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<'_, A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        let seed = self.same(seed);
        self.inner.next_element_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, 'r, A: EnumAccess<'de>> EnumAccess<'de> for Strict<'r, A> {
    type Error = A::Error;
    type Variant = Strict<'r, A::Variant>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self::Variant), A::Error> {
        let (reading, depth) = (self.reading, self.depth);
        let (value, inner) = self.inner.variant_seed(seed)?;
        let variant = Strict {
            inner,
            reading,
            depth,
            asked: Asked::Typed,
        };
        Ok((value, variant))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Strict<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    // `{"Variant": …}` is an object of one member, which never meets `visit_map`.
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        let seed = self.at(self.deeper()?, seed);
        self.inner.newtype_variant_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, A::Error> {
        let visitor = self.at(self.deeper()?, visitor);
        self.inner.tuple_variant(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        let visitor = Strict {
            asked: Asked::Members,
            ..self.at(self.deeper()?, visitor)
        };
        self.inner.struct_variant(fields, visitor)
    }
}

/// The members of one object, each name once.
struct StrictMap<'de, 'r, A> {
    access: Strict<'r, A>,
    /// The first name, if it was read already.
    first: Option<Cow<'de, str>>,
    seen: Seen<'de>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for StrictMap<'de, '_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let name = match self.first.take() {
            None => self.access.inner.next_key_seed(NameSeed)?,
            read => read,
        };
        let Some(name) = name else {
            return Ok(None);
        };
        if is_reserved(&name) {
            return Err(self.access.fail(Fault::ReservedName));
        }
        if !self.seen.insert(name.clone()) {
            return Err(self.access.fail(Fault::Duplicate));
        }
        seed.deserialize(NameDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        let seed = self.access.same(seed);
        self.access.inner.next_value_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.access.inner.size_hint()
    }
}
