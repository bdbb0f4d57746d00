//! One pass over the claims: registered ones are read on the spot, the others go straight to the user's
//! type. Nothing is buffered, and what the type leaves unread is read all the same.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::registered::{Audience, AudienceSeed, DateSeed, Name, Registered, date, registered_name};
use crate::scan::{NotJson, Scanner, Value};
use crate::strict::{self, Fault, NameDeserializer, Seen, is_reserved};
use crate::{Malformed, VerifyError};

/// Reads one JSON object, whole, into the registered claims and `C`.
///
/// `required` are different names beyond the registered ones; the answer says how many of them were there.
pub(crate) fn read<'de, C: Deserialize<'de>>(
    json: &'de str,
    required: &[Box<str>],
    registered: &mut Registered<'de>,
) -> Result<(C, usize), VerifyError> {
    let mut object = Object {
        scanner: Scanner::open(json).map_err(|NotJson| Malformed::Claims)?,
        registered,
        required,
        seen: Seen::default(),
        registered_seen: 0,
        required_seen: 0,
        fields: &[],
        current: "",
    };
    let claims = C::deserialize(Members(&mut object)).and_then(|claims| object.drain().map(|()| claims));
    claims
        .map(|claims| (claims, object.required_seen))
        .map_err(|failure| object.explain(&failure))
}

/// Why the claims were not read. It names claims only by names the user's type itself declares.
#[derive(Debug)]
enum Failure {
    Missing(&'static str),
    /// The user's type declares a registered claim.
    RegisteredField(&'static str),
    /// A registered claim has the wrong type.
    Registered(Name),
    /// The claim being read does not fit the user's type.
    Unfit,
    Strict(Fault),
    Malformed,
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the claims do not fit their type")
    }
}

impl Error for Failure {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self::Unfit
    }

    fn missing_field(name: &'static str) -> Self {
        registered_name(name).map_or(Self::Missing(name), Self::RegisteredField)
    }
}

impl From<NotJson> for Failure {
    fn from(_: NotJson) -> Self {
        Self::Malformed
    }
}

/// The claims' object while it is read.
struct Object<'de, 'x> {
    scanner: Scanner<'de>,
    registered: &'x mut Registered<'de>,
    required: &'x [Box<str>],
    seen: Seen<'de>,
    registered_seen: u8,
    required_seen: usize,
    /// The names the user's type declares.
    fields: &'static [&'static str],
    /// The name of the member being read, if it is borrowed.
    current: &'de str,
}

impl<'de> Object<'de, '_> {
    /// The next name that is not registered; registered claims before it are read on the way.
    fn next_name(&mut self) -> Result<Option<Cow<'de, str>>, Failure> {
        while let Some(name) = self.scanner.name()? {
            let Some(registered) = Name::of(&name) else {
                self.note(name.clone())?;
                return Ok(Some(name));
            };
            if self.registered_seen & registered.bit() != 0 {
                return Err(Failure::Strict(Fault::Duplicate));
            }
            self.registered_seen |= registered.bit();
            self.read_registered(registered)?;
        }
        Ok(None)
    }

    fn note(&mut self, name: Cow<'de, str>) -> Result<(), Failure> {
        self.current = match &name {
            Cow::Borrowed(text) => text,
            Cow::Owned(_) => "",
        };
        if self.required.iter().any(|required| **required == *name) {
            self.required_seen += 1;
        }
        if is_reserved(&name) {
            Err(Failure::Strict(Fault::ReservedName))
        } else if self.seen.insert(name) {
            Ok(())
        } else {
            Err(Failure::Strict(Fault::Duplicate))
        }
    }

    fn read_registered(&mut self, name: Name) -> Result<(), Failure> {
        let value = self.scanner.value()?;
        let claims = &mut *self.registered;
        match (name, value) {
            (Name::Iss, Value::Text(text)) => claims.iss = Some(text),
            (Name::Sub, Value::Text(text)) => claims.sub = Some(text),
            (Name::Jti, Value::Text(text)) => claims.jti = Some(text),
            (Name::Aud, Value::Text(text)) => claims.aud = Audience::One(text),
            (Name::Aud, Value::Json(json)) => claims.aud = whole(json, AudienceSeed, name)?,
            (Name::Exp, value) => claims.exp = Some(read_date(&value, name)?),
            (Name::Nbf, value) => claims.nbf = Some(read_date(&value, name)?),
            (Name::Iat, value) => claims.iat = Some(read_date(&value, name)?),
            (_, Value::Json(json)) => return whole(json, PhantomData::<Never>, name).map(|_| ()),
            (_, Value::Whole(_)) => return Err(Failure::Registered(name)),
        }
        Ok(())
    }

    fn value<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Failure> {
        match self.scanner.value()? {
            Value::Text(Cow::Borrowed(text)) => seed.deserialize(TextDeserializer(text)),
            Value::Text(Cow::Owned(text)) => seed.deserialize(OwnedTextDeserializer(text)),
            Value::Whole(number) => seed.deserialize(WholeDeserializer(number)),
            Value::Json(json) => strictly(json, seed),
        }
    }

    /// Reads the members that the user's type did not ask for, under the same rules.
    fn drain(&mut self) -> Result<(), Failure> {
        while self.next_name()?.is_some() {
            self.value(PhantomData::<IgnoredAny>)?;
        }
        Ok(())
    }

    fn explain(&self, failure: &Failure) -> VerifyError {
        match failure {
            Failure::Missing(name) => VerifyError::MissingClaim((*name).to_owned()),
            Failure::RegisteredField(name) => VerifyError::RegisteredField(name),
            Failure::Registered(name) => VerifyError::InvalidClaim(name.text()),
            Failure::Strict(fault) => (*fault).into(),
            Failure::Malformed => Malformed::Claims.into(),
            Failure::Unfit => {
                let declared = self.fields.iter().find(|field| **field == self.current);
                declared.map_or(VerifyError::UnfitClaims, |name| VerifyError::InvalidClaim(name))
            }
        }
    }
}

fn read_date(value: &Value<'_>, name: Name) -> Result<f64, Failure> {
    match value {
        Value::Whole(seconds) => Ok(date(*seconds)),
        Value::Json(json) => whole(json, DateSeed, name),
        Value::Text(_) => Err(Failure::Registered(name)),
    }
}

/// A registered claim's value from its JSON.
fn whole<'de, T: DeserializeSeed<'de>>(json: &'de str, seed: T, name: Name) -> Result<T::Value, Failure> {
    strictly(json, seed).map_err(|failure| match failure {
        Failure::Unfit | Failure::Strict(Fault::Number) => Failure::Registered(name),
        other => other,
    })
}

/// A value from its JSON, which must be one value and nothing else, strict at every depth.
fn strictly<'de, T: DeserializeSeed<'de>>(json: &'de str, seed: T) -> Result<T::Value, Failure> {
    strict::read(seed, json, 1).map_err(|failure| match failure {
        strict::Failure::Fault(fault) => Failure::Strict(fault),
        strict::Failure::Value(error) if error.is_data() => Failure::Unfit,
        strict::Failure::Value(_) | strict::Failure::Trailing(_) => Failure::Malformed,
    })
}

/// A type that no JSON can be read into.
struct Never;

impl<'de> Deserialize<'de> for Never {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // All of it is read, so that what is not even JSON is told apart from what is of a wrong type.
        deserializer.deserialize_any(IgnoredAny)?;
        Err(D::Error::custom("type"))
    }
}

/// The object as the user's type sees it: without its registered members.
struct Members<'o, 'de, 'x>(&'o mut Object<'de, 'x>);

impl<'de> Deserializer<'de> for Members<'_, 'de, '_> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_map(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        // A field that is optional would be absent from every token, and nobody would know why.
        if let Some(name) = fields.iter().find_map(|field| registered_name(field)) {
            return Err(Failure::RegisteredField(name));
        }
        self.0.fields = fields;
        visitor.visit_map(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_some(self)
    }

    // A type of no claims: `()` or `struct Nothing;`.
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf seq tuple
        tuple_struct map enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Members<'_, 'de, '_> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Failure> {
        let Some(name) = self.0.next_name()? else {
            return Ok(None);
        };
        seed.deserialize(NameDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Failure> {
        self.0.value(seed)
    }
}

/// Options and newtypes around a value that is there.
macro_rules! wrappers {
    () => {
        fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
            visitor.visit_some(self)
        }

        fn deserialize_newtype_struct<V: Visitor<'de>>(
            self,
            _name: &'static str,
            visitor: V,
        ) -> Result<V::Value, Failure> {
            visitor.visit_newtype_struct(self)
        }
    };
}

/// A string without escapes.
struct TextDeserializer<'de>(&'de str);

impl<'de> Deserializer<'de> for TextDeserializer<'de> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        BorrowedStrDeserializer::new(self.0).deserialize_enum(name, variants, visitor)
    }

    wrappers!();

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// A string that held escapes.
struct OwnedTextDeserializer(String);

impl<'de> Deserializer<'de> for OwnedTextDeserializer {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_string(self.0)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        NameDeserializer::new(Cow::Owned(self.0)).deserialize_enum(name, variants, visitor)
    }

    wrappers!();

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// A whole number.
struct WholeDeserializer(u64);

impl<'de> Deserializer<'de> for WholeDeserializer {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_u64(self.0)
    }

    wrappers!();

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
