//! The languages that pages and mail are written in.

use std::{fmt, str::FromStr};

/// A language its reader chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    English,
    German,
}

impl Locale {
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// The tag of the language (RFC 5646).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// Why a text is no language of the service.
#[derive(Debug, thiserror::Error)]
#[error("there is no such language here: use `en` or `de`")]
pub struct UnknownLocale;

impl FromStr for Locale {
    type Err = UnknownLocale;

    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.into_iter();
        all.find(|locale| locale.tag() == tag).ok_or(UnknownLocale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_locale_reads_back_by_its_tag() {
        for locale in Locale::ALL {
            assert_eq!(locale.to_string().parse::<Locale>().unwrap(), locale);
        }
        assert!("fr".parse::<Locale>().is_err());
    }
}
