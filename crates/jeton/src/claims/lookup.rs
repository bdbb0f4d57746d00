use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::strict::NameSeed;

/// What stands under one name of a claims object that was read, and found sound, before.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Lookup<'j> {
    Absent,
    Text(Cow<'j, str>),
    Other,
}

pub(crate) fn lookup<'j>(json: &'j str, name: &str) -> Lookup<'j> {
    let mut parser = serde_json::Deserializer::from_str(json);
    MemberSeed { name }
        .deserialize(&mut parser)
        .unwrap_or(Lookup::Absent)
}

struct MemberSeed<'n> {
    name: &'n str,
}

impl<'de> DeserializeSeed<'de> for MemberSeed<'_> {
    type Value = Lookup<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Lookup<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for MemberSeed<'_> {
    type Value = Lookup<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of claims")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Lookup<'de>, A::Error> {
        let mut found = Lookup::Absent;
        while let Some(name) = map.next_key_seed(NameSeed)? {
            if name == self.name {
                found = map.next_value::<TextOrOther<'de>>()?.0;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

struct TextOrOther<'j>(Lookup<'j>);

impl<'de> Deserialize<'de> for TextOrOther<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Either<'a> {
            Text(#[serde(borrow)] Cow<'a, str>),
            Other(IgnoredAny),
        }
        Ok(Self(match Either::deserialize(deserializer)? {
            Either::Text(text) => Lookup::Text(text),
            Either::Other(_) => Lookup::Other,
        }))
    }
}
