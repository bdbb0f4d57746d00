//! Passwords: the rules for choosing one, and the form each is compared in.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

mod context;
mod invisible;

pub use context::ContextWords;

use invisible::is_invisible;

/// The longest password, in bytes. Nothing is ever cut off: a longer one is refused.
pub const MAX_BYTES: usize = 1024;

/// The fewest characters a new password may have unless the settings ask for more (ASVS 5.0, 6.2.1).
pub const MIN_CHARS: usize = 8;

/// Passwords of 8 characters and more that are guessed first, lower case, in byte order.
static COMMON: &str = include_str!("common_passwords.txt");

/// A password presented to be checked.
#[derive(Clone)]
pub struct Password {
    typed: Zeroizing<String>,
    prepared: Option<Zeroizing<String>>,
}

/// A password to be set: prepared, long enough and not a common one.
#[derive(Debug)]
pub struct NewPassword(Password);

/// A new password that also fits its owner: neither their name nor their address, nor the service's name.
#[derive(Debug)]
pub struct FitPassword(Password);

/// Why a password cannot be chosen.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{}", self.about("password"))]
#[non_exhaustive]
pub enum PasswordError {
    TooShort { min: usize },
    TooLong,
    Common,
    Control,
    Blank,
    Username,
    Email,
    Service,
}

impl PasswordError {
    /// The sentence about a member that holds such a password.
    #[must_use]
    pub fn about(&self, member: &str) -> String {
        let what = match self {
            Self::TooShort { min } => return format!("`{member}` is shorter than {min} characters"),
            Self::TooLong => return format!("`{member}` is longer than {MAX_BYTES} bytes"),
            Self::Control => return format!("`{member}` holds a control character"),
            Self::Blank => {
                return format!(
                    "`{member}` holds nothing but blanks and invisible characters: choose another"
                );
            }
            Self::Common => "among the most common ones",
            Self::Username => "the username, or nearly,",
            Self::Email => "the e-mail address or a part of it,",
            Self::Service => "the service's name, or nearly,",
        };
        format!("`{member}` is {what} and would be guessed first: choose another")
    }
}

impl Password {
    /// Takes a password to be checked against a stored hash. Any text will do: a wrong one is just wrong.
    #[must_use]
    pub fn presented(text: String) -> Self {
        let typed = Zeroizing::new(text);
        let prepared = (typed.len() <= MAX_BYTES).then(|| prepare(&typed)).flatten();
        Self { typed, prepared }
    }

    /// The bytes as they were typed; none when the text is empty, or longer than any password.
    #[must_use]
    pub fn typed(&self) -> Option<&[u8]> {
        (1..=MAX_BYTES)
            .contains(&self.typed.len())
            .then(|| self.typed.as_bytes())
    }

    /// The RFC 8265 `OpaqueString` form; none when the text has no such form.
    #[must_use]
    pub fn prepared(&self) -> Option<&[u8]> {
        self.prepared.as_ref().map(|text| text.as_bytes())
    }
}

impl NewPassword {
    /// Checks a password that is to be set.
    ///
    /// # Errors
    ///
    /// [`PasswordError`] says which rule it breaks.
    pub fn choose(password: Password, min_chars: usize) -> Result<Self, PasswordError> {
        if password.typed.len() > MAX_BYTES {
            return Err(PasswordError::TooLong);
        }
        if password.typed.is_empty() {
            return Err(PasswordError::TooShort { min: min_chars });
        }
        let Some(prepared) = &password.prepared else {
            return Err(PasswordError::Control);
        };
        let seen = prepared.chars().filter(|c| !is_invisible(*c));
        if prepared.chars().count() >= min_chars && seen.clone().all(char::is_whitespace) {
            return Err(PasswordError::Blank);
        }
        // Invisible characters make nothing longer.
        if seen.count() < min_chars {
            return Err(PasswordError::TooShort { min: min_chars });
        }
        if is_common(prepared) {
            return Err(PasswordError::Common);
        }
        Ok(Self(password))
    }

    /// Whether this is the password presented. Constant time in its contents.
    #[must_use]
    pub fn is(&self, presented: &Password) -> bool {
        match (self.0.prepared(), presented.prepared()) {
            (Some(new), Some(presented)) => verify_slices_are_equal(new, presented).is_ok(),
            _ => false,
        }
    }

    /// Checks that the password is none of the words an attacker who knows the account tries first (ASVS 5.0, 6.2.11).
    ///
    /// # Errors
    ///
    /// [`PasswordError`] says which word it is.
    pub fn fit_for(self, context: &ContextWords<'_>) -> Result<FitPassword, PasswordError> {
        match self.0.prepared.as_ref().and_then(|text| context.names(text)) {
            Some(error) => Err(error),
            None => Ok(FitPassword(self.0)),
        }
    }
}

impl FitPassword {
    #[must_use]
    pub fn into_presented(self) -> Password {
        self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// RFC 8265 §4.2.2 over the current Unicode table: other spaces become U+0020, then NFC; controls are refused.
///
/// Written out because the published profiles carry Unicode 6.3 and refuse every character newer than it.
fn prepare(typed: &str) -> Option<Zeroizing<String>> {
    if typed.is_empty() || typed.chars().any(char::is_control) {
        return None;
    }
    let spaces_folded = typed.chars().map(|c| if is_space_separator(c) { ' ' } else { c });
    Some(Zeroizing::new(spaces_folded.nfc().collect()))
}

/// Unicode general category Zs.
const fn is_space_separator(c: char) -> bool {
    matches!(
        c,
        ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

fn is_common(prepared: &str) -> bool {
    let folded = Zeroizing::new(prepared.to_lowercase());
    find_line(COMMON, &folded)
}

/// Binary search for a whole line in a sorted text, so that the list needs neither an index nor memory.
fn find_line(sorted: &str, wanted: &str) -> bool {
    let (mut low, mut high) = (0, sorted.len());
    while low < high {
        let middle = low.midpoint(high);
        let start = sorted.as_bytes()[..middle]
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |at| at + 1);
        let length = sorted.as_bytes()[start..]
            .iter()
            .position(|b| *b == b'\n')
            .unwrap_or(sorted.len() - start);
        let line = &sorted.as_bytes()[start..start + length];
        match line.cmp(wanted.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = start + length + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(text: &str) -> Result<NewPassword, PasswordError> {
        NewPassword::choose(Password::presented(text.to_owned()), MIN_CHARS)
    }

    #[test]
    fn the_tutorials_password_passes_and_their_weak_one_does_not() {
        assert!(choose("pass1425").is_ok());
        assert_eq!(choose("12341234").unwrap_err(), PasswordError::Common);
        assert_eq!(choose("PASSWORD123").unwrap_err(), PasswordError::Common);
    }

    #[test]
    fn length_counts_characters_and_nothing_is_cut() {
        for short in ["", "seven77"] {
            assert_eq!(
                choose(short).unwrap_err(),
                PasswordError::TooShort { min: MIN_CHARS }
            );
        }
        assert!(choose("пароль-пароль").is_ok());
        assert!(choose(&"a1".repeat(MAX_BYTES / 2)).is_ok());
        assert_eq!(
            choose(&"a1".repeat(MAX_BYTES / 2 + 1)).unwrap_err(),
            PasswordError::TooLong
        );
        assert_eq!(choose("nul\0nul\0nul").unwrap_err(), PasswordError::Control);
    }

    #[test]
    fn blanks_and_what_cannot_be_seen_are_no_password() {
        for blank in [
            "        ",
            "\u{a0}\u{3000}      ",
            "\u{2800}\u{3164}\u{200d}     ",
        ] {
            assert_eq!(choose(blank).unwrap_err(), PasswordError::Blank, "{blank:?}");
        }
        for invisible in [
            "\u{200b}",
            "\u{200d}",
            "\u{feff}",
            "\u{ad}",
            "\u{e0061}",
            "\u{fe0f}",
        ] {
            let (alone, padding) = (invisible.repeat(8), format!("seven77{invisible}"));
            assert_eq!(choose(&alone).unwrap_err(), PasswordError::Blank, "{alone:?}");
            let short = PasswordError::TooShort { min: MIN_CHARS };
            assert_eq!(choose(&padding).unwrap_err(), short, "{padding:?}");
        }
        assert!(choose("a b c d e").is_ok());
    }

    #[test]
    fn two_ways_to_type_one_password_are_one() {
        let composed = Password::presented("caf\u{e9} au lait".into());
        let decomposed = Password::presented("cafe\u{301}\u{a0}au lait".into());
        assert_eq!(composed.prepared(), decomposed.prepared());
    }

    #[test]
    fn a_new_emoji_is_a_character_like_any_other() {
        assert!(choose("🫩🫩🫩🫩🫩🫩🫩🫩").is_ok());
    }

    #[test]
    fn every_line_of_the_list_is_found() {
        for line in COMMON.lines() {
            assert!(find_line(COMMON, line), "{line}");
        }
        assert!(!find_line(COMMON, ""));
        assert!(!find_line(COMMON, "zzzzzzzzzzzzzzzzzz-not-there"));
    }
}
