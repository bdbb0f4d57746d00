//! Actions on keys, decided on the rows as they are at that moment.

use std::time::Duration;

use super::{AT_ONCE, Phase, Purpose, SealedKey, signer};
use crate::model::{
    acceptance::LEEWAY,
    audit::{Action, Actor, Event},
    time::Timestamp,
};

/// How long a retired key's material is kept: until every node has heard of it and its sessions have been looked for.
const ERASED_AFTER: Duration = Duration::from_mins(10);

/// How long a retired key is listed.
const LISTED_FOR: Duration = Duration::from_hours(90 * 24);

/// How far back the end of a compromised key is dated: a node whose clock is behind must heed it at once.
const BACK: Duration = Duration::from_mins(1);

/// How long a rotation takes.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// From publishing to signing: until every node, and every cache of the key set, has the new key.
    pub wait: Duration,
    /// How much longer a key is accepted than the longest of its tokens lives: for nodes that hear of its successor
    /// late, and for clocks that differ.
    pub settle: Duration,
}

/// A key that is to succeed the signing key.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The key; `decide` sets its times.
    pub key: SealedKey,
    /// None for a key whose predecessors are compromised: it signs at once, and none of their tokens is accepted.
    pub pace: Option<Pace>,
    /// Whether the key was made elsewhere.
    pub imported: bool,
    pub by: Actor,
}

/// An action on keys.
#[derive(Clone, Debug)]
pub enum KeyAct {
    /// Stores a key unless its purpose has one: two nodes that start at once, or need it at once, end with the same key.
    First(SealedKey),
    Rotate(NewKey),
    /// Retires one key, or gives one up that does not sign yet.
    Retire {
        kid: String,
        by: Actor,
        now: Timestamp,
    },
    /// Raises the lifetime that tokens of a purpose may have from now on.
    Raise {
        purpose: Purpose,
        lifetime: Duration,
        now: Timestamp,
    },
    /// Seals the same keys under another master key.
    Reseal {
        resealed: Resealed,
        by: Actor,
        now: Timestamp,
    },
    /// Erases and deletes keys of no more use; `unused` names refresh keys that no session needs any more.
    Clear {
        unused: Vec<String>,
        now: Timestamp,
    },
}

/// The keys that hold material, under another master key.
#[derive(Clone, Debug)]
pub struct Resealed {
    /// Each key as it was read, and as it is to be.
    pub keys: Vec<(SealedKey, SealedKey)>,
    /// The key that other secrets are derived from, where it is not kept yet.
    pub root: Option<SealedKey>,
}

/// Changes to the rows, and their events.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub added: Vec<SealedKey>,
    /// Whole rows, as they are from now on.
    pub changed: Vec<SealedKey>,
    pub deleted: Vec<String>,
    pub events: Vec<Event>,
}

/// Why an action on keys is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    #[error("there are no keys yet: start the service once, and it makes them")]
    NoKeys,
    #[error("there is no {0} key: it is made when a client is registered that needs it")]
    NotNeeded(Purpose),
    #[error("there is no key named {0:?}: `jeton keys list` shows those there are")]
    Unknown(String),
    #[error("a key named {0:?} is or was here already")]
    NameTaken(String),
    #[error(
        "the key {kid:?} waits to sign from {signs_from} on: wait until then, or give it up with `jeton keys retire`"
    )]
    Pending { kid: String, signs_from: Timestamp },
    #[error("the key {0:?} signs: put another in its place first, with `jeton keys rotate`")]
    Signs(String),
    #[error("the key {0:?} is about to sign, and on some nodes it may already: wait half a minute")]
    AboutToSign(String),
    #[error("the keys were changed meanwhile: try again")]
    Changed,
}

impl Changes {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.deleted.is_empty()
    }
}

impl KeyAct {
    /// The actor; none where the service acts by itself.
    #[must_use]
    pub const fn by(&self) -> Option<Actor> {
        match self {
            Self::Rotate(NewKey { by, .. }) | Self::Retire { by, .. } | Self::Reseal { by, .. } => Some(*by),
            Self::First(_) | Self::Raise { .. } | Self::Clear { .. } => None,
        }
    }

    /// Decides this action's outcome, given all keys.
    ///
    /// # Errors
    ///
    /// [`Refusal`] when it cannot be done.
    pub fn decide(&self, keys: &[SealedKey]) -> Result<Changes, Refusal> {
        match self {
            Self::First(key) => Ok(first(keys, key)),
            Self::Rotate(new) => rotate(keys, new),
            Self::Retire { kid, by, now } => retire(keys, kid, *by, *now),
            Self::Raise {
                purpose,
                lifetime,
                now,
            } => Ok(raise(keys, *purpose, *lifetime, *now)),
            Self::Reseal { resealed, by, now } => reseal(keys, resealed, *by, *now),
            Self::Clear { unused, now } => Ok(clear(keys, unused, *now)),
        }
    }
}

fn first(keys: &[SealedKey], key: &SealedKey) -> Changes {
    // One that was given up before it signed is none.
    if keys
        .iter()
        .any(|other| other.purpose == key.purpose && !other.is_retired(key.created_at))
    {
        return Changes::default();
    }
    Changes {
        events: vec![event(Action::KeyMade, key, key.created_at)],
        added: vec![key.clone()],
        ..Changes::default()
    }
}

fn rotate(keys: &[SealedKey], new: &NewKey) -> Result<Changes, Refusal> {
    let NewKey { key, by, .. } = new;
    let now = key.created_at;
    if keys.iter().any(|other| other.kid == key.kid) {
        return Err(Refusal::NameTaken(key.kid.clone()));
    }
    let live: Vec<&SealedKey> = keys
        .iter()
        .filter(|other| other.purpose == key.purpose && !other.is_retired(now))
        .collect();
    // Before the first key of ID tokens signs, it is the one replaced.
    let before = signer(keys, key.purpose, now).or_else(|| live.first().copied());
    let before = before.ok_or(match key.purpose {
        Purpose::IdToken(_) => Refusal::NotNeeded(key.purpose),
        _ => Refusal::NoKeys,
    })?;
    let (signs_from, changed) = match &new.pace {
        Some(pace) => planned(&live, pace, now)?,
        None => (AT_ONCE, live.iter().map(|lost| ended(lost, now)).collect()),
    };
    let added = SealedKey {
        signs_from,
        accepted_until: None,
        ..key.clone()
    };
    let action = if new.imported {
        Action::KeyImported
    } else {
        Action::KeyRotated
    };
    let rotated = event(action, &added, now)
        .detail("replaces", before.kid.as_str())
        .detail("signs_from", added.begins().seconds())
        .detail("emergency", new.pace.is_none());
    let lost = changed.iter().filter(|key| key.is_retired(now));
    let retired = lost.map(|lost| event(Action::KeyRetired, lost, now));
    let events = std::iter::once(rotated).chain(retired);
    Ok(Changes {
        events: events.map(|event| event.by(Some(*by))).collect(),
        added: vec![added],
        changed,
        ..Changes::default()
    })
}

/// When the new key signs, and the keys it succeeds.
fn planned(live: &[&SealedKey], pace: &Pace, now: Timestamp) -> Result<(Timestamp, Vec<SealedKey>), Refusal> {
    if let Some(pending) = live.iter().find(|key| key.signs_from > now) {
        return Err(Refusal::Pending {
            kid: pending.kid.clone(),
            signs_from: pending.signs_from,
        });
    }
    let signs_from = now.plus(pace.wait);
    let replaced = live.iter().filter(|key| key.accepted_until.is_none());
    let replaced = replaced.map(|key| SealedKey {
        accepted_until: Some(signs_from.plus(key.lifetime).plus(pace.settle)),
        ..(*key).clone()
    });
    Ok((signs_from, replaced.collect()))
}

fn retire(keys: &[SealedKey], kid: &str, by: Actor, now: Timestamp) -> Result<Changes, Refusal> {
    let named = keys
        .iter()
        .find(|key| key.kid == kid && key.purpose != Purpose::Root);
    let key = named.ok_or_else(|| Refusal::Unknown(kid.to_owned()))?;
    let mut changed = Vec::new();
    match key.phase(keys, now) {
        Phase::Retired => return Ok(Changes::default()),
        Phase::Signing => return Err(Refusal::Signs(kid.to_owned())),
        Phase::Pending if key.signs_from <= now.plus(LEEWAY) => {
            return Err(Refusal::AboutToSign(kid.to_owned()));
        }
        Phase::Pending => {
            // The predecessor goes on as if nothing had been planned.
            let before = signer(keys, key.purpose, now).into_iter();
            changed.extend(before.map(|before| SealedKey {
                accepted_until: None,
                ..before.clone()
            }));
        }
        Phase::Accepted => {}
    }
    changed.push(ended(key, now));
    Ok(Changes {
        events: vec![event(Action::KeyRetired, key, now).by(Some(by))],
        changed,
        ..Changes::default()
    })
}

/// Raises the lifetime of a purpose's keys; one that already has an end is accepted for as much longer.
fn raise(keys: &[SealedKey], purpose: Purpose, lifetime: Duration, now: Timestamp) -> Changes {
    let shorter = keys
        .iter()
        .filter(|key| key.purpose == purpose && key.is_short(lifetime, now));
    let changed = shorter.map(|key| SealedKey {
        lifetime,
        accepted_until: key
            .accepted_until
            .map(|until| until.plus(lifetime.saturating_sub(key.lifetime))),
        ..key.clone()
    });
    Changes {
        changed: changed.collect(),
        ..Changes::default()
    }
}

fn reseal(keys: &[SealedKey], resealed: &Resealed, by: Actor, now: Timestamp) -> Result<Changes, Refusal> {
    let Resealed { keys: pairs, root } = resealed;
    let read = |key: &SealedKey| {
        let mut pairs = pairs.iter();
        pairs.find(|(was, _)| was.kid == key.kid && was.sealed == key.sealed)
    };
    let has_root = keys.iter().any(|key| key.purpose == Purpose::Root);
    let mut changes = Changes::default();
    for key in keys.iter().filter(|key| !key.sealed.is_empty()) {
        let (_, becomes) = read(key).ok_or(Refusal::Changed)?;
        if becomes.sealed != key.sealed {
            let sealed = becomes.sealed.clone();
            changes.changed.push(SealedKey {
                sealed,
                ..key.clone()
            });
        }
    }
    match root {
        Some(_) if has_root => return Err(Refusal::Changed),
        root => changes.added.extend(root.clone()),
    }
    if !changes.is_empty() {
        let event = Event::new(Action::KeysResealed, now).by(Some(by));
        changes.events.push(event.detail("keys", changes.changed.len()));
    }
    Ok(changes)
}

fn clear(keys: &[SealedKey], unused: &[String], now: Timestamp) -> Changes {
    let retired_for = |key: &SealedKey, span| key.is_retired(now.minus(span));
    let in_use = |key: &SealedKey| key.purpose == Purpose::Refresh && !unused.contains(&key.kid);
    let erased = keys
        .iter()
        .filter(|key| !key.sealed.is_empty() && retired_for(key, ERASED_AFTER) && !in_use(key));
    let forgotten = keys
        .iter()
        .filter(|key| key.sealed.is_empty() && retired_for(key, LISTED_FOR));
    Changes {
        changed: erased
            .map(|key| SealedKey {
                sealed: Vec::new(),
                ..key.clone()
            })
            .collect(),
        deleted: forgotten.map(|key| key.kid.clone()).collect(),
        ..Changes::default()
    }
}

impl SealedKey {
    /// Whether the key's recorded lifetime is below that of tokens it may yet sign. A key whose last tokens are soon to
    /// expire signs no more, nor does a compromised one: that must not be accepted again because a clock is behind.
    #[must_use]
    pub fn is_short(&self, lifetime: Duration, now: Timestamp) -> bool {
        let signs = |until: Timestamp| now < until.minus(self.lifetime);
        self.lifetime < lifetime && self.accepted_until.is_none_or(signs)
    }
}

fn ended(key: &SealedKey, now: Timestamp) -> SealedKey {
    SealedKey {
        accepted_until: Some(now.minus(BACK)),
        ..key.clone()
    }
}

fn event(action: Action, key: &SealedKey, now: Timestamp) -> Event {
    Event::new(action, now)
        .detail("kid", key.kid.as_str())
        .detail("purpose", key.purpose.as_str())
        .detail("algorithm", key.algorithm.as_str())
}
