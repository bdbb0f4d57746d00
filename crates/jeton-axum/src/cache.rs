//! Tokens that were verified a moment ago need no second signature check.

use std::{
    fmt,
    hash::{Hash, Hasher, RandomState},
    sync::Arc,
    time::{Duration, SystemTime},
};

use jeton::{Claims, Verified};
use quick_cache::{
    Equivalent, UnitWeighter,
    sync::{self, DefaultLifecycle},
};
use serde::de::DeserializeOwned;

use crate::verifiers::{Judged, Ring};

/// How much of a token's end is hashed: 48 bytes of its signature, in base64url. Only tokens that verified
/// are ever stored, so nobody can fill the cache with tokens that share an end.
const HASHED: usize = 64;

/// The tokens one kind of guard has verified, by their exact text.
///
/// A hit stands for parsing and signature alone. What may have changed since is asked every time: here the
/// times and the keys, in the guard the revocations.
pub(crate) struct Cache<C> {
    entries: sync::Cache<Key, Entry<C>, UnitWeighter, RandomState>,
}

struct Key(Box<str>);

#[derive(PartialEq, Eq)]
struct Borrowed<'t>(&'t str);

struct Entry<C> {
    token: Arc<Verified<C>>,
    ring: Arc<Ring>,
    generation: u64,
    /// When it was verified: the verdict is not known to hold any earlier.
    from: SystemTime,
    /// The last time at which it was found to verify.
    until: SystemTime,
}

impl<C> Cache<C> {
    pub(crate) fn new(tokens: usize) -> Self {
        let entries = sync::Cache::with(
            tokens,
            tokens as u64,
            UnitWeighter,
            RandomState::new(),
            DefaultLifecycle::default(),
        );
        Self { entries }
    }

    /// The token of exactly this text, if its verdict stands at this time.
    pub(crate) fn get(&self, token: &str, now: SystemTime) -> Option<Arc<Verified<C>>> {
        let entry = self.entries.get(&Borrowed(token))?;
        let in_time = entry.from <= now && now <= entry.until;
        (in_time && entry.ring.stands(entry.generation, now)).then_some(entry.token)
    }
}

impl<C: Claims + DeserializeOwned> Cache<C> {
    /// Keeps a verdict that was given now.
    ///
    /// The token is judged a second time, at the last second of its life. A verifier's rules about time have
    /// one beginning and one end, so a token that is good now and good then is good in between, whatever
    /// those rules are; one that is not, because it grows too old before it expires, is not kept.
    pub(crate) fn insert(&self, text: &str, judged: Judged<C>, now: SystemTime) -> Arc<Verified<C>> {
        let Judged {
            token,
            by,
            ring,
            generation,
        } = judged;
        let token = Arc::new(token);
        let Some(until) = token.expires_at().checked_sub(Duration::from_secs(1)) else {
            return token;
        };
        if until > now && by.verify_at::<C>(text, until).is_ok() {
            let entry = Entry {
                token: Arc::clone(&token),
                ring,
                generation,
                from: now,
                until,
            };
            self.entries.insert(Key(text.into()), entry);
        }
        token
    }
}

impl Hash for Borrowed<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let bytes = self.0.as_bytes();
        state.write(&bytes[bytes.len().saturating_sub(HASHED)..]);
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Borrowed(&self.0).hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Key {}

impl Equivalent<Key> for Borrowed<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self.0 == *key.0
    }
}

impl<C> Clone for Entry<C> {
    fn clone(&self) -> Self {
        Self {
            token: Arc::clone(&self.token),
            ring: Arc::clone(&self.ring),
            generation: self.generation,
            from: self.from,
            until: self.until,
        }
    }
}

impl<C> fmt::Debug for Cache<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("tokens", &self.entries.len())
            .finish_non_exhaustive()
    }
}
