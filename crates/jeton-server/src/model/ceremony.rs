//! Ceremonies: things begun and not finished yet, such as a reset between its two pages. Each is a row, so that any node
//! goes on with it and a restart loses none.

use std::{ops::Deref, time::Duration};

use super::{
    digest::SecretDigest,
    id::{CeremonyId, UserId},
    secret_text::SecretText,
    time::Timestamp,
};

/// How long a ceremony is kept once its time is over: whoever comes late is told that it expired.
pub const KEPT_AFTER_END: Duration = Duration::from_hours(24);

/// The purpose of a ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Makes the first administrator. Good for nothing once there is one.
    Setup,
    /// Sets a new password, after a code from an administrator was given.
    Reset,
    /// An authorization request that its client has pushed (RFC 9126).
    Pushed,
    /// An authorization request that waits for its user.
    Authorize,
    /// An authorization code, until its client redeems it.
    Code,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Setup,
        Self::Reset,
        Self::Pushed,
        Self::Authorize,
        Self::Code,
    ];

    /// The name a kind is stored under.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Reset => "reset",
            Self::Pushed => "pushed",
            Self::Authorize => "authorize",
            Self::Code => "code",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The prefix of its secrets, by which people and scanners recognise one.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Setup => "js_",
            Self::Reset => "jp_",
            Self::Pushed => "jr_",
            Self::Authorize => "ja_",
            Self::Code => "jc_",
        }
    }
}

/// A ceremony as it is stored.
#[derive(Clone, Debug)]
pub struct Ceremony {
    pub id: CeremonyId,
    pub kind: Kind,
    /// None where nobody is known yet.
    pub user: Option<UserId>,
    pub secret: SecretDigest,
    /// The state so far, sealed.
    pub state: Vec<u8>,
    pub created_at: Timestamp,
    /// None where it is good until it is used.
    pub expires_at: Option<Timestamp>,
    pub used_at: Option<Timestamp>,
}

/// Whether a ceremony can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Open,
    /// It was finished: each is, once.
    Used,
    Expired,
}

impl Ceremony {
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        if self.used_at.is_some() {
            Standing::Used
        } else if self.expires_at.is_some_and(|end| now >= end) {
            Standing::Expired
        } else {
            Standing::Open
        }
    }
}

/// The secret by which somebody goes on with a ceremony: a prefix and 128 random bits in base64url. Never stored, never
/// logged.
#[derive(Clone, Debug)]
pub struct CeremonySecret(SecretText);

impl CeremonySecret {
    #[must_use]
    pub fn new(kind: Kind, random: [u8; 16]) -> Self {
        Self(SecretText::new(kind.prefix(), &random))
    }

    /// Takes a text presented as a secret. Any text will do: a wrong one is just wrong.
    #[must_use]
    pub fn presented(text: String) -> Self {
        Self(SecretText::presented(text))
    }
}

impl Deref for CeremonySecret {
    type Target = SecretText;

    fn deref(&self) -> &SecretText {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_and_has_a_prefix_of_its_own() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.as_str()), Some(kind));
        }
        assert_eq!(Kind::from_name("another"), None);
        assert_ne!(Kind::Setup.prefix(), Kind::Reset.prefix());
    }

    #[test]
    fn a_secret_can_be_recognised_and_says_nothing_in_debug() {
        let secret = CeremonySecret::new(Kind::Setup, [255; 16]);
        assert_eq!(secret.expose(), "js______________________w");
        assert_eq!(format!("{secret:?}"), "CeremonySecret(..)");
        let again = CeremonySecret::presented(secret.expose().to_owned());
        assert!(again.digest().is(&secret.digest()));
    }

    #[test]
    fn a_ceremony_is_open_until_it_is_used_or_its_time_is_over() {
        let at = Timestamp::from_seconds;
        let ceremony = Ceremony {
            id: CeremonyId::from_bytes([1; 16]),
            kind: Kind::Reset,
            user: None,
            secret: CeremonySecret::new(Kind::Reset, [1; 16]).digest(),
            state: Vec::new(),
            created_at: at(0),
            expires_at: Some(at(100)),
            used_at: None,
        };
        assert_eq!(ceremony.standing(at(99)), Standing::Open);
        assert_eq!(ceremony.standing(at(100)), Standing::Expired);
        let used = Ceremony {
            used_at: Some(at(50)),
            ..ceremony.clone()
        };
        assert_eq!(used.standing(at(99)), Standing::Used);
        assert_eq!(used.standing(at(100)), Standing::Used);
        let endless = Ceremony {
            expires_at: None,
            ..ceremony
        };
        assert_eq!(endless.standing(at(i64::MAX)), Standing::Open);
    }
}
