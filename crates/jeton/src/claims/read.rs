//! One pass over the claims: registered ones are parsed on the spot, the others go straight from the JSON
//! parser to the user's type. Nothing is buffered, and what the type leaves unread is read all the same.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::error::Category;

use super::registered::{Name, Registered};
use crate::strict::{Fault, FaultCell, NameDeserializer, NameSeed, Seen, Strict};
use crate::{Malformed, VerifyError};

/// Reads one JSON object, whole, into the registered claims and `C`.
///
/// `required` are different names beyond the registered ones; the answer says how many of them were there.
pub(crate) fn read<'de, C: Deserialize<'de>>(
    json: &'de str,
    required: &[Box<str>],
) -> Result<(C, Registered<'de>, usize), VerifyError> {
    let faults = FaultCell::default();
    let failure = Cell::new(None);
    let top = Top {
        registered: Registered::default(),
        required,
        faults: &faults,
        failure: &failure,
    };
    let mut parser = serde_json::Deserializer::from_str(json);
    let seed = TopSeed {
        top,
        claims: PhantomData::<C>,
    };
    seed.deserialize(&mut parser)
        .and_then(|read| parser.end().map(|()| read))
        .map_err(|error| explain(&error, faults.get(), failure.take()))
}

fn explain(error: &serde_json::Error, fault: Option<Fault>, failure: Option<Failure>) -> VerifyError {
    match (fault, failure) {
        (Some(Fault::Duplicate), _) => VerifyError::DuplicateMember,
        (Some(Fault::TooDeep), _) => Malformed::TooDeep.into(),
        (None, Some(Failure::Missing(name))) => VerifyError::MissingClaim(name.to_owned()),
        (None, Some(Failure::Invalid(name))) if error.classify() == Category::Data => {
            VerifyError::InvalidClaim(name)
        }
        (None, _) => Malformed::Claims.into(),
    }
}

/// Why the user's type did not come about. It names claims only by names the type itself declares.
#[derive(Debug)]
pub(crate) enum Failure {
    Missing(&'static str),
    Invalid(&'static str),
    /// The parser failed; its own error is kept beside.
    Parser,
}

/// When a claim's name is not one the type declares.
const SOME_CLAIM: &str = "of the token";

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the claims do not fit their type")
    }
}

impl serde::de::Error for Failure {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self::Invalid(SOME_CLAIM)
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Missing(name)
    }
}

struct Top<'de, 'x> {
    registered: Registered<'de>,
    required: &'x [Box<str>],
    faults: &'x FaultCell,
    failure: &'x Cell<Option<Failure>>,
}

struct TopSeed<'de, 'x, C> {
    top: Top<'de, 'x>,
    claims: PhantomData<C>,
}

impl<'de, C: Deserialize<'de>> DeserializeSeed<'de> for TopSeed<'de, '_, C> {
    type Value = (C, Registered<'de>, usize);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, C: Deserialize<'de>> Visitor<'de> for TopSeed<'de, '_, C> {
    type Value = (C, Registered<'de>, usize);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of claims")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let failure = self.top.failure;
        let mut object = Object {
            map,
            top: self.top,
            seen: Seen::default(),
            registered_seen: 0,
            required_seen: 0,
            fields: &[],
            current: None,
            parser_error: None,
        };
        let read = C::deserialize(Members(&mut object)).and_then(|claims| object.drain().map(|()| claims));
        match read {
            Ok(claims) => Ok((claims, object.top.registered, object.required_seen)),
            Err(why) => {
                let error = object.parser_error.take();
                failure.set(Some(object.blame(why)));
                Err(error.unwrap_or_else(|| A::Error::custom("claims")))
            }
        }
    }
}

/// The claims' object while it is read.
struct Object<'de, 'x, A: MapAccess<'de>> {
    map: A,
    top: Top<'de, 'x>,
    seen: Seen<'de>,
    registered_seen: u8,
    required_seen: usize,
    /// The names the user's type declares.
    fields: &'static [&'static str],
    current: Option<Current<'de>>,
    parser_error: Option<A::Error>,
}

#[derive(Clone, Copy)]
enum Current<'de> {
    Registered(Name),
    Other(&'de str),
}

impl<'de, A: MapAccess<'de>> Object<'de, '_, A> {
    /// The next name that is not registered; registered claims before it are read on the way.
    fn next_name(&mut self) -> Result<Option<Cow<'de, str>>, Failure> {
        loop {
            let name = match self.map.next_key_seed(NameSeed) {
                Ok(Some(name)) => name,
                Ok(None) => return Ok(None),
                Err(error) => return Err(self.parser_failed(error)),
            };
            let Some(registered) = Name::of(&name) else {
                self.note(name.clone())?;
                return Ok(Some(name));
            };
            self.current = Some(Current::Registered(registered));
            if self.registered_seen & registered.bit() != 0 {
                return Err(self.duplicate());
            }
            self.registered_seen |= registered.bit();
            if let Err(error) = self.top.registered.read(registered, &mut self.map) {
                return Err(self.parser_failed(error));
            }
        }
    }

    fn note(&mut self, name: Cow<'de, str>) -> Result<(), Failure> {
        self.current = match &name {
            Cow::Borrowed(text) => Some(Current::Other(text)),
            Cow::Owned(_) => None,
        };
        if self.top.required.iter().any(|required| **required == *name) {
            self.required_seen += 1;
        }
        if self.seen.insert(name) {
            Ok(())
        } else {
            Err(self.duplicate())
        }
    }

    fn value<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Failure> {
        let seed = Strict::new(seed, self.top.faults, 1);
        self.map
            .next_value_seed(seed)
            .map_err(|error| self.parser_failed(error))
    }

    /// Reads what the user's type did not ask for, under the same rules.
    fn drain(&mut self) -> Result<(), Failure> {
        while self.next_name()?.is_some() {
            self.value(PhantomData::<IgnoredAny>)?;
        }
        Ok(())
    }

    fn duplicate(&self) -> Failure {
        self.top.faults.set(Some(Fault::Duplicate));
        Failure::Parser
    }

    fn parser_failed(&mut self, error: A::Error) -> Failure {
        self.parser_error = Some(error);
        Failure::Parser
    }

    /// Puts the name of the claim that was being read to a failure that has none.
    fn blame(&self, failure: Failure) -> Failure {
        let (Failure::Parser | Failure::Invalid(SOME_CLAIM)) = failure else {
            return failure;
        };
        Failure::Invalid(match self.current {
            Some(Current::Registered(name)) => name.text(),
            Some(Current::Other(name)) => self
                .fields
                .iter()
                .find(|field| **field == name)
                .copied()
                .unwrap_or(SOME_CLAIM),
            None => SOME_CLAIM,
        })
    }
}

/// What the user's type sees: the object without its registered members.
struct Members<'o, 'de, 'x, A: MapAccess<'de>>(&'o mut Object<'de, 'x, A>);

impl<'de, A: MapAccess<'de>> Deserializer<'de> for Members<'_, 'de, '_, A> {
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

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<'_, 'de, '_, A> {
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
