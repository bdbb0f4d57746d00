//! Usernames, prepared so that names a person cannot tell apart are one name.
//!
//! A name is stored as it was typed, beside two keys that must each be unique:
//! the RFC 8265 `UsernameCaseMapped` form (case, width and normalisation folded) and the UTS 39 skeleton
//! (look-alike characters folded).

use std::fmt;

use precis_profiles::{UsernameCaseMapped, precis_core::profile::Profile};
use unicode_security::{MixedScript, skeleton};

/// The longest username, in bytes of the form typed.
pub const MAX_BYTES: usize = 128;

/// A username fit to be registered.
#[derive(Clone, Debug)]
pub struct Username {
    typed: String,
    key: UsernameKey,
    skeleton: String,
}

/// The form that all spellings of one name share, and by which its account is found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UsernameKey(String);

/// A name presented to sign in, whether or not any account can have it.
#[derive(Clone)]
pub enum PresentedName {
    Possible(UsernameKey),
    /// A text that no account can have as its name.
    Impossible(String),
}

/// Why a text is not a username.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum UsernameError {
    #[error("`username` is empty")]
    Empty,
    #[error("`username` is longer than {MAX_BYTES} bytes")]
    TooLong,
    #[error(
        "`username` holds a character names cannot have: use letters, digits and ASCII punctuation, no spaces or control characters"
    )]
    Character,
    #[error("`username` mixes scripts that can be taken for one another: use the letters of one script")]
    MixedScript,
}

impl Username {
    /// Parses a name typed into a registration form.
    ///
    /// # Errors
    ///
    /// [`UsernameError`] says which rule the text breaks; the text itself is not repeated.
    pub fn parse(text: &str) -> Result<Self, UsernameError> {
        let key = UsernameKey::parse(text)?;
        if !key.0.as_str().is_single_script() {
            return Err(UsernameError::MixedScript);
        }
        let skeleton = skeleton(&key.0).collect();
        Ok(Self {
            typed: text.to_owned(),
            key,
            skeleton,
        })
    }

    /// A name as it was stored, with the forms made of it then. Not checked again: a newer Unicode table must not shut
    /// out existing users.
    #[must_use]
    pub const fn stored(typed: String, key: String, skeleton: String) -> Self {
        Self {
            typed,
            key: UsernameKey(key),
            skeleton,
        }
    }

    /// The name as its owner typed it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    #[must_use]
    pub const fn key(&self) -> &UsernameKey {
        &self.key
    }

    /// The name with look-alike characters folded together (UTS 39 §4).
    #[must_use]
    pub fn skeleton(&self) -> &str {
        &self.skeleton
    }
}

impl UsernameKey {
    /// Prepares a name for a look-up.
    ///
    /// # Errors
    ///
    /// [`UsernameError`] when no account can have such a name.
    pub fn parse(text: &str) -> Result<Self, UsernameError> {
        if text.is_empty() {
            return Err(UsernameError::Empty);
        }
        if text.len() > MAX_BYTES {
            return Err(UsernameError::TooLong);
        }
        let prepared = UsernameCaseMapped::new()
            .enforce(text)
            .map_err(|_| UsernameError::Character)?;
        Ok(Self(prepared.into_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PresentedName {
    #[must_use]
    pub fn new(text: String) -> Self {
        match UsernameKey::parse(&text) {
            Ok(key) => Self::Possible(key),
            Err(_) => Self::Impossible(text),
        }
    }

    /// The key by which its account is found; `None` when there can be none.
    #[must_use]
    pub const fn key(&self) -> Option<&UsernameKey> {
        match self {
            Self::Possible(key) => Some(key),
            Self::Impossible(_) => None,
        }
    }

    /// The text by which attempts on one name are counted together: its key, or an impossible name as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Possible(key) => key.as_str(),
            Self::Impossible(text) => text,
        }
    }
}

/// Redacted: people type passwords into the field for the name.
impl fmt::Debug for PresentedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PresentedName(..)")
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_typed_form_is_kept_and_case_and_width_are_folded_in_the_key() {
        let name = Username::parse("Romel").unwrap();
        assert_eq!(name.as_str(), "Romel");
        assert_eq!(name.key(), Username::parse("ROMEL").unwrap().key());
        assert_eq!(name.key(), Username::parse("Ｒomel").unwrap().key());
    }

    #[test]
    fn composed_and_decomposed_forms_are_one_name() {
        assert_eq!(
            Username::parse("ren\u{e9}").unwrap().key(),
            Username::parse("rene\u{301}").unwrap().key()
        );
    }

    #[test]
    fn look_alikes_share_a_skeleton() {
        let latin = Username::parse("paypal").unwrap();
        let digit_one = Username::parse("paypa1").unwrap();
        assert_ne!(latin.key(), digit_one.key());
        assert_eq!(latin.skeleton(), digit_one.skeleton());
    }

    #[test]
    fn mixed_scripts_are_refused_and_single_scripts_are_not() {
        assert_eq!(
            Username::parse("p\u{430}ypal").unwrap_err(),
            UsernameError::MixedScript
        );
        assert!(Username::parse("Ольга").is_ok());
        assert!(Username::parse("田中さくら").is_ok());
    }

    #[test]
    fn control_characters_spaces_and_oversize_are_refused() {
        assert_eq!(Username::parse("").unwrap_err(), UsernameError::Empty);
        assert_eq!(
            Username::parse(&"x".repeat(MAX_BYTES + 1)).unwrap_err(),
            UsernameError::TooLong
        );
        for bad in ["a\0b", "a b", "a\nb", "\u{7f}", "a\u{200b}b", "\u{202e}abc"] {
            assert_eq!(
                Username::parse(bad).unwrap_err(),
                UsernameError::Character,
                "{bad:?}"
            );
        }
    }
}
