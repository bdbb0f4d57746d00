//! Writes the user's claims as further members of an object that is already open.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::IgnoredAny;
use serde::ser::{Impossible, Serialize, SerializeMap, SerializeStruct, Serializer};

use super::is_registered;
use crate::strict::{self, is_reserved};
use crate::{IssueError, JsonError};

/// Appends `,"name":value` for every member of `claims`.
pub(crate) fn write_members<C: Serialize + ?Sized>(json: &mut Vec<u8>, claims: &C) -> Result<(), IssueError> {
    claims
        .serialize(Members {
            json,
            names: Names::default(),
            key: None,
        })
        .map_err(|Failure(error)| error)
}

/// serde wants an error type that can be made from any text.
#[derive(Debug)]
struct Failure(IssueError);

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl serde::ser::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(IssueError::Claims(message.to_string()))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self(IssueError::Claims(error.to_string()))
    }
}

/// The names written so far; the first fields of a struct need no allocation.
#[derive(Default)]
struct Names {
    row: [&'static str; 16],
    length: usize,
    others: BTreeSet<Cow<'static, str>>,
}

impl Names {
    fn add(&mut self, name: Cow<'static, str>) -> Result<(), Failure> {
        if is_registered(&name) || self.row[..self.length].contains(&&*name) || self.others.contains(&name) {
            return Err(Failure(IssueError::DuplicateClaim(name.into_owned())));
        }
        if is_reserved(&name) {
            return Err(Failure(IssueError::Unreadable(JsonError::ReservedName)));
        }
        match name {
            Cow::Borrowed(field) if self.length < self.row.len() => {
                self.row[self.length] = field;
                self.length += 1;
            }
            name => {
                self.others.insert(name);
            }
        }
        Ok(())
    }
}

struct Members<'j> {
    json: &'j mut Vec<u8>,
    names: Names,
    key: Option<String>,
}

impl Members<'_> {
    fn write<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Failure> {
        self.json.push(b',');
        serde_json::to_writer(&mut *self.json, name)?;
        self.json.push(b':');
        let start = self.json.len();
        serde_json::to_writer(&mut *self.json, value)?;
        check(self.json.get(start..).unwrap_or_default())
    }
}

/// Whether a verifier would read the value of a claim. Texts and words are what serde makes them.
fn check(value: &[u8]) -> Result<(), Failure> {
    let unreadable = |error| Failure(IssueError::Unreadable(error));
    if matches!(value.first(), Some(b'"' | b't' | b'f' | b'n')) {
        return Ok(());
    }
    let text = std::str::from_utf8(value).map_err(|_| unreadable(JsonError::Utf8))?;
    strict::read(PhantomData::<IgnoredAny>, text, 1)
        .map(|_| ())
        .map_err(|failure| unreadable(failure.into()))
}

fn no_object<T>() -> Result<T, Failure> {
    Err(Failure(IssueError::NotAnObject))
}

macro_rules! refuse {
    ($($method:ident($($kind:ty),*);)*) => {$(
        fn $method(self, $(_: $kind),*) -> Result<(), Failure> {
            no_object()
        }
    )*};
}

impl Serializer for Members<'_> {
    type Ok = ();
    type Error = Failure;
    type SerializeSeq = Impossible<(), Failure>;
    type SerializeTuple = Impossible<(), Failure>;
    type SerializeTupleStruct = Impossible<(), Failure>;
    type SerializeTupleVariant = Impossible<(), Failure>;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<(), Failure>;

    refuse! {
        serialize_bool(bool); serialize_i8(i8); serialize_i16(i16); serialize_i32(i32); serialize_i64(i64);
        serialize_u8(u8); serialize_u16(u16); serialize_u32(u32); serialize_u64(u64); serialize_f32(f32);
        serialize_f64(f64); serialize_char(char); serialize_str(&str); serialize_bytes(&[u8]);
        serialize_unit_variant(&'static str, u32, &'static str);
    }

    fn serialize_none(self) -> Result<(), Failure> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Failure> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Failure> {
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Failure> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<(), Failure> {
        no_object()
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Self::SerializeSeq, Failure> {
        no_object()
    }

    fn serialize_tuple(self, _length: usize) -> Result<Self::SerializeTuple, Failure> {
        no_object()
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleStruct, Failure> {
        no_object()
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleVariant, Failure> {
        no_object()
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Self, Failure> {
        Ok(self)
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Self, Failure> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeStructVariant, Failure> {
        no_object()
    }
}

impl SerializeStruct for Members<'_> {
    type Ok = ();
    type Error = Failure;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        self.names.add(Cow::Borrowed(name))?;
        self.write(name, value)
    }

    fn end(self) -> Result<(), Failure> {
        Ok(())
    }
}

impl SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Failure;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failure> {
        let name = match serde_json::to_value(key)? {
            serde_json::Value::String(name) => name,
            serde_json::Value::Number(number) => number.to_string(),
            _ => return no_object(),
        };
        self.names.add(Cow::Owned(name.clone()))?;
        self.key = Some(name);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        let Some(name) = self.key.take() else {
            return no_object();
        };
        self.write(&name, value)
    }

    fn end(self) -> Result<(), Failure> {
        Ok(())
    }
}
