//! Keys at rest: sealed, named, bound to one purpose, and each with its times.
//!
//! Which key signs, which verify and which are published follows from the rows and the time alone. A key is published
//! from the moment it is stored; it signs from `signs_from` until the next one does; what it signed is accepted until
//! `accepted_until`.

use std::{fmt, time::Duration};

use super::time::Timestamp;

mod act;
#[cfg(test)]
mod tests;

pub use act::{Changes, KeyAct, NewKey, Pace, Refusal, Resealed};

/// What a key is for. A key of one purpose never verifies a token of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Signs access tokens; its public half is published.
    Access,
    /// Signs refresh tokens; known to the service alone.
    Refresh,
    /// Signs the samples of `/sign-token`; opens nothing.
    Playground,
    /// Signs nothing: the bytes other secrets are derived from, kept when the master key changes.
    Root,
}

impl Purpose {
    /// Those whose keys sign.
    pub const SIGNING: [Self; 3] = [Self::Access, Self::Refresh, Self::Playground];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Playground => "playground",
            Self::Root => "root",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Access, Self::Refresh, Self::Playground, Self::Root]
            .into_iter()
            .find(|purpose| purpose.as_str() == name)
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A key as the database holds it: encrypted, with its name and purpose bound to the ciphertext.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedKey {
    pub kid: String,
    pub purpose: Purpose,
    /// The JWS name of the key's one algorithm.
    pub algorithm: String,
    /// Empty once the key was of no more use.
    pub sealed: Vec<u8>,
    pub created_at: Timestamp,
    /// [`AT_ONCE`], or a time at which everybody has it.
    pub signs_from: Timestamp,
    /// From here on nothing it signed is accepted; none while no other key takes its place.
    pub accepted_until: Option<Timestamp>,
    /// How long the longest of its tokens lives.
    pub lifetime: Duration,
}

/// When a key signs that has no time to wait: on every node, however its clock goes.
pub const AT_ONCE: Timestamp = Timestamp::from_seconds(0);

/// How far the clocks of two nodes may differ.
pub const CLOCKS: Duration = Duration::from_secs(30);

/// What a key does at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It is published and does not sign yet.
    Pending,
    Signing,
    /// It signs no more; what it signed is accepted.
    Accepted,
    /// It is good for nothing.
    Retired,
}

impl Phase {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Signing => "signing",
            Self::Accepted => "accepted",
            Self::Retired => "retired",
        }
    }
}

impl SealedKey {
    /// Whether nothing it signed is accepted any more.
    #[must_use]
    pub fn is_retired(&self, now: Timestamp) -> bool {
        self.accepted_until.is_some_and(|until| until <= now)
    }

    /// When it began to sign, or will.
    #[must_use]
    pub fn begins(&self) -> Timestamp {
        self.signs_from.max(self.created_at)
    }

    /// What it does at `now`, among all keys there are.
    #[must_use]
    pub fn phase(&self, all: &[Self], now: Timestamp) -> Phase {
        if self.is_retired(now) {
            Phase::Retired
        } else if now < self.signs_from {
            Phase::Pending
        } else if signer(all, self.purpose, now).is_some_and(|signer| signer.kid == self.kid) {
            Phase::Signing
        } else {
            Phase::Accepted
        }
    }
}

/// The one key of a purpose that signs at `now`: of those whose time has come and is not over, the one whose came last.
#[must_use]
pub fn signer<'k>(
    keys: impl IntoIterator<Item = &'k SealedKey>,
    purpose: Purpose,
    now: Timestamp,
) -> Option<&'k SealedKey> {
    keys.into_iter()
        .filter(|key| key.purpose == purpose && key.signs_from <= now && !key.is_retired(now))
        .max_by_key(|key| (key.signs_from, key.created_at, &key.kid))
}
