//! The texts of pages, one file for each language.

use std::sync::LazyLock;

/// The texts of a part of the pages, as a table of the language's file has them. One that is missing there, or that
/// nothing reads, is a fault.
macro_rules! texts {
    ($($part:ident { $($name:ident: $kind:ty,)+ })+) => {
        $(
            #[derive(Debug)]
            pub(in crate::pages) struct $part {
                $(pub(in crate::pages) $name: $kind,)+
            }

            impl $crate::pages::texts::reading::Read for $part {
                fn read(found: toml::Value, faults: &mut Vec<String>) -> Self {
                    let mut rest = $crate::pages::texts::reading::Rest::of(found, faults);
                    let part = Self { $($name: rest.take(stringify!($name)),)+ };
                    rest.end();
                    part
                }
            }
        )+
    };
}

mod console;
mod docs;
mod inspect;
mod parts;
mod reading;
mod text;

pub(in crate::pages) use {
    console::{KeyTexts, OverviewTexts, SettingTexts},
    docs::Docs,
    inspect::{Checks, Fault, Faults, Verdicts},
    parts::{Failure, Texts},
    text::{Counted, Text},
};

const ENGLISH_FILE: &str = include_str!("texts/en.toml");
const GERMAN_FILE: &str = include_str!("texts/de.toml");

// A test sees to it that neither file has a fault.
pub(super) static ENGLISH: LazyLock<Texts> = LazyLock::new(|| reading::read(ENGLISH_FILE).0);
pub(super) static GERMAN: LazyLock<Texts> = LazyLock::new(|| reading::read(GERMAN_FILE).0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_text() {
        for file in [ENGLISH_FILE, GERMAN_FILE] {
            let (_, faults) = reading::read::<Texts>(file);
            assert_eq!(faults, [""; 0]);
        }
        assert_eq!(ENGLISH.sign_in.submit.as_str(), "Sign in");
        assert_eq!(GERMAN.sign_in.submit.as_str(), "Anmelden");
    }

    #[test]
    fn values_stand_where_the_text_has_a_place_for_them() {
        let text = Text("{name} is {what}".to_owned());
        assert_eq!(
            text.with("name", "Romel").with("what", "here").as_str(),
            "Romel is here"
        );
    }

    /// A place that only one language has would stay empty, or show its braces.
    #[test]
    fn both_languages_have_the_same_places() {
        let (english, german): (toml::Table, toml::Table) = (
            toml::from_str(ENGLISH_FILE).unwrap(),
            toml::from_str(GERMAN_FILE).unwrap(),
        );
        let differing = differing("", &english.into(), &german.into());
        assert!(differing.is_empty(), "{differing:?}");
    }

    fn differing(path: &str, one: &toml::Value, other: &toml::Value) -> Vec<String> {
        match (one, other) {
            (toml::Value::Table(one), toml::Value::Table(other)) => one
                .iter()
                .filter_map(|(name, value)| {
                    Some(differing(&format!("{path}.{name}"), value, other.get(name)?))
                })
                .flatten()
                .collect(),
            (toml::Value::String(one), toml::Value::String(other)) if places(one) != places(other) => {
                vec![path.to_owned()]
            }
            _ => Vec::new(),
        }
    }

    fn places(text: &str) -> Vec<&str> {
        let mut places: Vec<_> = text
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
            .collect();
        places.sort_unstable();
        places
    }
}
