//! Codes that set a new password, once: made by an administrator, handed to the user by other means.

use std::{ops::Deref, time::Duration};

use super::{digest::SecretDigest, secret_text::SecretText, time::Timestamp};

/// The prefix of every code, by which people and scanners recognise one.
pub const PREFIX: &str = "jr_";

/// How long a code may be used.
pub const RESET_CODE_LIFETIME: Duration = Duration::from_hours(24);

/// A code as its user gets it: `jr_` and 128 random bits in base64url. Never stored, never logged.
#[derive(Debug)]
pub struct ResetCode(SecretText);

impl ResetCode {
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(SecretText::new(PREFIX, &random))
    }

    /// Takes a text presented as a code. Any text will do: a wrong one is just wrong.
    #[must_use]
    pub fn presented(text: String) -> Self {
        Self(SecretText::presented(text))
    }
}

impl Deref for ResetCode {
    type Target = SecretText;

    fn deref(&self) -> &SecretText {
        &self.0
    }
}

/// A code, to be handed to its user. It is shown this once.
#[derive(Debug)]
pub struct IssuedCode {
    pub code: ResetCode,
    pub until: Timestamp,
}

impl IssuedCode {
    #[must_use]
    pub fn new(random: [u8; 16], now: Timestamp) -> Self {
        Self {
            code: ResetCode::new(random),
            until: now.plus(RESET_CODE_LIFETIME),
        }
    }

    /// The form in which the code is stored.
    #[must_use]
    pub fn stored(&self) -> StoredCode {
        StoredCode {
            digest: self.code.digest(),
            until: self.until,
        }
    }
}

/// The one code that may set a user's password, as it is stored.
#[derive(Clone, Debug)]
pub struct StoredCode {
    pub digest: SecretDigest,
    pub until: Timestamp,
}

impl StoredCode {
    /// Whether the code presented is this one and its time is not over.
    #[must_use]
    pub fn admits(&self, presented: &SecretDigest, now: Timestamp) -> bool {
        self.digest.is(presented) && now < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_can_be_recognised_and_says_nothing_in_debug() {
        let code = ResetCode::new([255; 16]);
        assert_eq!(code.expose(), "jr______________________w");
        assert_eq!(
            format!("{code:?} {:?}", code.digest()),
            "ResetCode(..) SecretDigest(..)"
        );
    }

    #[test]
    fn only_the_code_itself_is_admitted_until_its_time_is_over() {
        let code = ResetCode::new([1; 16]);
        let stored = StoredCode {
            digest: code.digest(),
            until: Timestamp::from_seconds(100),
        };
        let at = Timestamp::from_seconds;
        let again = ResetCode::presented(code.expose().to_owned());
        assert!(stored.admits(&again.digest(), at(99)));
        assert!(!stored.admits(&again.digest(), at(100)));
        assert!(!stored.admits(&ResetCode::new([2; 16]).digest(), at(99)));
    }
}
