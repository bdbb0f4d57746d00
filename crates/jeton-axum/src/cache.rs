//! Tokens that were verified a moment ago, which need no second signature check.

use std::{
    fmt,
    hash::{BuildHasher, Hash, Hasher, RandomState},
    sync::Arc,
    time::SystemTime,
};

use foldhash::{SharedSeed, quality::SeedableRandomState};
use jeton::{Claims, KeySet, Verified, Verifier};
use quick_cache::{
    Equivalent, UnitWeighter,
    sync::{self, DefaultLifecycle},
};

use crate::verifiers::{IssuerKeys, VerifiedBy};

/// How much of a token's end is hashed: 48 bytes of its signature, in base64url. Only tokens that verified
/// are ever stored, so nobody can fill the cache with tokens that share an end.
const HASHED: usize = 64;

/// The tokens one kind of guard has verified, by their exact text.
///
/// A hit replaces parsing and the signature check alone. Everything that may have changed since is checked each time:
/// here the verifier's rules and the keys, in the guard the revocations.
pub(crate) struct Cache<C> {
    entries: sync::Cache<Key, Arc<Entry<C>>, UnitWeighter, SeedableRandomState>,
}

struct Key(Box<[u8]>);

#[derive(PartialEq, Eq)]
struct Borrowed<'t>(&'t [u8]);

struct Entry<C> {
    token: Arc<Verified<C>>,
    /// The rules it was verified by, without the keys: replaced keys are wiped although the token is remembered.
    rules: Verifier,
    keys: Arc<IssuerKeys>,
    generation: u64,
}

impl<C: Claims> Cache<C> {
    pub(crate) fn new(tokens: usize) -> Self {
        // The quick hash takes its key from std's generator, which asks the operating system.
        let key = RandomState::new().hash_one(tokens);
        let entries = sync::Cache::with(
            tokens,
            tokens as u64,
            UnitWeighter,
            SeedableRandomState::with_seed(key, SharedSeed::global_random()),
            DefaultLifecycle::default(),
        );
        Self { entries }
    }

    /// The token of exactly these bytes, if its verdict stands at this time.
    pub(crate) fn get(&self, token: &[u8], now: SystemTime) -> Option<Arc<Verified<C>>> {
        let entry = self.entries.get(&Borrowed(token))?;
        let stands =
            entry.keys.stands(entry.generation, now) && entry.rules.recheck_at(&entry.token, now).is_ok();
        stands.then(|| Arc::clone(&entry.token))
    }

    pub(crate) fn insert(&self, text: &str, verified: &VerifiedBy<C>) {
        let entry = Entry {
            token: Arc::clone(&verified.token),
            rules: verified.by.verifier.with_keys(KeySet::default()),
            keys: Arc::clone(&verified.keys),
            generation: verified.by.generation,
        };
        self.entries.insert(Key(text.as_bytes().into()), Arc::new(entry));
    }
}

impl Hash for Borrowed<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.0[self.0.len().saturating_sub(HASHED)..]);
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

/// Compares the whole text: the hash covers only its end, which anybody can put behind other claims.
impl Equivalent<Key> for Borrowed<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self.0 == *key.0
    }
}

impl<C> fmt::Debug for Cache<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("tokens", &self.entries.len())
            .finish_non_exhaustive()
    }
}
