//! Keys at rest: sealed, named, bound to one purpose, each with its times.
//!
//! Which key signs, which verify and which are published follows from the rows and the time alone. A key is published
//! from the moment it is stored; it signs from `signs_from` until the next one does; its tokens are accepted until
//! `accepted_until`.

use std::{fmt, time::Duration};

use super::{client::registration::IdTokenAlg, time::Timestamp};

mod act;
#[cfg(test)]
mod tests;

pub use act::{Changes, KeyAct, NewKey, Pace, Refusal, Resealed};

/// The use of a key. A key of one purpose never verifies a token of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Signs access tokens, and ID tokens where both are of ES256; its public half is published.
    Access,
    /// Signs refresh tokens; known to the service alone.
    Refresh,
    /// Signs the samples of `/sign-token`; opens nothing.
    Playground,
    /// Signs ID tokens of one algorithm; its public half is published. There is none before a client needs it.
    IdToken(IdTokenAlg),
    /// Signs nothing: the bytes that other secrets are derived from, kept when the master key changes.
    Root,
}

impl Purpose {
    /// Purposes whose first keys are made when a service first starts.
    pub const FROM_THE_START: [Self; 3] = [Self::Access, Self::Refresh, Self::Playground];

    /// Purposes whose keys sign.
    pub const SIGNING: [Self; 6] = [
        Self::Access,
        Self::Refresh,
        Self::Playground,
        Self::IdToken(IdTokenAlg::Es256),
        Self::IdToken(IdTokenAlg::Rs256),
        Self::IdToken(IdTokenAlg::EdDsa),
    ];

    /// The names of [`SIGNING`](Self::SIGNING), as a sentence lists them.
    pub const SIGNING_NAMES: &'static str = "access, refresh, playground, id-es256, id-rs256 and id-eddsa";

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Playground => "playground",
            Self::IdToken(IdTokenAlg::Es256) => "id-es256",
            Self::IdToken(IdTokenAlg::Rs256) => "id-rs256",
            Self::IdToken(IdTokenAlg::EdDsa) => "id-eddsa",
            Self::Root => "root",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "root" => Some(Self::Root),
            name => Self::signing(name),
        }
    }

    /// The purpose of this name, of those whose keys sign.
    #[must_use]
    pub fn signing(name: &str) -> Option<Self> {
        Self::SIGNING.into_iter().find(|purpose| purpose.as_str() == name)
    }

    /// Whether others verify what its keys sign, with the published halves.
    #[must_use]
    pub const fn is_published(self) -> bool {
        matches!(self, Self::Access | Self::IdToken(_))
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
    /// Empty once the key's material was erased.
    pub sealed: Vec<u8>,
    pub created_at: Timestamp,
    /// [`AT_ONCE`], or a time by which every node and every reader of the key set has the key.
    pub signs_from: Timestamp,
    /// When its tokens cease to be accepted; none while no other key succeeds it.
    pub accepted_until: Option<Timestamp>,
    /// How long the longest of its tokens lives.
    pub lifetime: Duration,
}

/// The `signs_from` of a key that signs without delay: in the past of every node's clock.
pub const AT_ONCE: Timestamp = Timestamp::from_seconds(0);

/// The part a key plays at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Published, does not sign yet.
    Pending,
    Signing,
    /// Signs no more; its tokens are accepted.
    Accepted,
    /// Neither signs nor verifies.
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
    /// Whether none of its tokens is accepted any more.
    #[must_use]
    pub fn is_retired(&self, now: Timestamp) -> bool {
        self.accepted_until.is_some_and(|until| until <= now)
    }

    /// When the key began to sign, or will.
    #[must_use]
    pub fn begins(&self) -> Timestamp {
        self.signs_from.max(self.created_at)
    }

    /// The key's phase at `now`, among all keys.
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

/// When the first of a purpose's keys will sign that wait to.
#[must_use]
pub fn signs_next<'k>(
    keys: impl IntoIterator<Item = &'k SealedKey>,
    purpose: Purpose,
    now: Timestamp,
) -> Option<Timestamp> {
    let pending = keys
        .into_iter()
        .filter(|key| key.purpose == purpose && key.signs_from > now && !key.is_retired(now));
    pending.map(|key| key.signs_from).min()
}

/// Whether ID tokens of this algorithm have a key, and will have one whatever is planned: one of their own, or for ES256
/// that of access tokens and its successor.
#[must_use]
pub fn has_id_key(keys: &[SealedKey], alg: IdTokenAlg, now: Timestamp) -> bool {
    let own = |key: &SealedKey| key.purpose == Purpose::IdToken(alg) && !key.is_retired(now);
    if keys.iter().any(own) {
        return true;
    }
    let will_sign = |key: &&SealedKey| matches!(key.phase(keys, now), Phase::Pending | Phase::Signing);
    let mut access = keys
        .iter()
        .filter(|key| key.purpose == Purpose::Access)
        .filter(will_sign)
        .peekable();
    alg == IdTokenAlg::Es256 && access.peek().is_some() && access.all(|key| key.algorithm == alg.as_str())
}

/// The one key of a purpose that signs at `now`: of those that may sign by then, the one with the latest start.
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
