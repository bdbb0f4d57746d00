use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, Instant},
};

use jeton::{Algorithm, SigningKey, Verifier};

use super::{
    KeyManagerError, KeySealer, Secrets,
    active::{ActiveKeys, Means},
    sealer::Label,
};
use crate::{
    model::{
        key::{KeyAct, Purpose, SealedKey},
        time::Timestamp,
    },
    service::machinery::{clock::Clock, id_tokens::algorithm_of, random::Random, rules::Rules},
    store::Store,
};

/// The keys of a node, as they are now.
pub struct KeyManager {
    sealer: KeySealer,
    secrets: Secrets,
    active: RwLock<Arc<ActiveKeys>>,
    /// When the last reading began. Locked while one is under way, so that readings do not overtake each other.
    read_at: tokio::sync::Mutex<Option<Instant>>,
    followers: Mutex<Vec<Follower>>,
}

type Follower = Box<dyn Fn(&Verifier) + Send + Sync>;

impl KeyManager {
    /// Opens `keys`, which are all in the database, after making the first key of each purpose that has none. A key
    /// that does not open is never replaced.
    ///
    /// # Errors
    ///
    /// [`KeyManagerError`] when a key that signs or verifies cannot be had.
    pub async fn open(
        store: &dyn Store,
        mut keys: Vec<SealedKey>,
        sealer: KeySealer,
        secrets: Secrets,
        rules: &Rules,
        clock: &dyn Clock,
        random: &dyn Random,
    ) -> Result<Self, KeyManagerError> {
        let now = clock.now().into();
        let missing = |purpose: &Purpose| {
            let from_secret = *purpose == Purpose::Access && secrets.current.is_some();
            !from_secret && keys.iter().all(|key| key.purpose != *purpose)
        };
        let missing: Vec<_> = Purpose::FROM_THE_START.into_iter().filter(missing).collect();
        for purpose in &missing {
            let label = Label {
                purpose: *purpose,
                lifetime: lifetime(*purpose, rules),
                now,
            };
            let key = SigningKey::generate(first_algorithm(*purpose, rules))?;
            let first = KeyAct::First(sealer.seal(&keys, &key, &label, random)?);
            // Never refused: where another node was first, nothing changes.
            let _ = store.change_keys(&first).await?;
        }
        if !missing.is_empty() {
            // The stored keys count, which may be another node's.
            keys = store.keys().await?;
        }
        let means = Means {
            sealer: &sealer,
            secrets: &secrets,
            rules,
        };
        let active = ActiveKeys::first(keys, &means, now)?;
        tell_of_another_algorithm(&active, rules);
        Ok(Self {
            sealer,
            secrets,
            active: RwLock::new(Arc::new(active)),
            read_at: tokio::sync::Mutex::default(),
            followers: Mutex::default(),
        })
    }

    /// The keys in use now.
    pub(in crate::service) fn active(&self) -> Arc<ActiveKeys> {
        Arc::clone(&self.active.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(in crate::service) const fn sealer(&self) -> &KeySealer {
        &self.sealer
    }

    pub(in crate::service) const fn has_secret(&self) -> bool {
        self.secrets.current.is_some()
    }

    /// Hands `follower` the verifier of access tokens, now and whenever it changes.
    pub(in crate::service) fn follow(&self, follower: impl Fn(&Verifier) + Send + Sync + 'static) {
        let mut followers = self.followers.lock().unwrap_or_else(PoisonError::into_inner);
        follower(self.active().tokens.access_verifier());
        followers.push(Box::new(follower));
    }

    /// Reads the keys, unless a reading has begun since `since`.
    pub(in crate::service) async fn read(
        &self,
        store: &dyn Store,
        rules: &Rules,
        clock: &dyn Clock,
        since: Instant,
    ) -> Result<(), KeyManagerError> {
        let mut read_at = self.read_at.lock().await;
        if read_at.is_some_and(|at| at >= since) {
            return Ok(());
        }
        let (now, began) = (clock.now().into(), clock.instant());
        let keys = store.keys().await?;
        self.raise(store, &keys, rules, now).await;
        let means = Means {
            sealer: &self.sealer,
            secrets: &self.secrets,
            rules,
        };
        let before = self.active();
        if let Some(next) = before.next(keys, &means, now)? {
            tell(&before, &next);
            self.replace(next);
        }
        *read_at = Some(began);
        Ok(())
    }

    fn replace(&self, next: ActiveKeys) {
        let followers = self.followers.lock().unwrap_or_else(PoisonError::into_inner);
        // Before the new keys are in use: nothing is signed with a key that the followers cannot verify.
        for follower in &*followers {
            follower(next.tokens.access_verifier());
        }
        *self.active.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
    }

    /// Records how long this node's tokens live, where that is longer than recorded: a key is accepted until the last
    /// of them has expired.
    async fn raise(&self, store: &dyn Store, keys: &[SealedKey], rules: &Rules, now: Timestamp) {
        for purpose in Purpose::SIGNING {
            let lifetime = lifetime(purpose, rules);
            if !keys
                .iter()
                .any(|key| key.purpose == purpose && key.is_short(lifetime, now))
            {
                continue;
            }
            let raise = KeyAct::Raise {
                purpose,
                lifetime,
                now,
            };
            if let Err(error) = store.change_keys(&raise).await {
                tracing::warn!(%error, %purpose, "how long tokens live could not be noted with their keys");
            }
        }
    }
}

/// How long the longest token of a purpose lives by these settings.
#[must_use]
pub const fn lifetime(purpose: Purpose, rules: &Rules) -> Duration {
    match purpose {
        Purpose::Access | Purpose::IdToken(_) => rules.access_lifetime,
        Purpose::Refresh => rules.refresh_lifetime,
        // A sample's payload says how long it is good for; the key is good for a day.
        Purpose::Playground => Duration::from_hours(24),
        Purpose::Root => Duration::ZERO,
    }
}

fn first_algorithm(purpose: Purpose, rules: &Rules) -> Algorithm {
    match purpose {
        Purpose::Access => rules.signing_algorithm.unwrap_or(Algorithm::Es256),
        Purpose::IdToken(alg) => algorithm_of(alg),
        Purpose::Refresh | Purpose::Playground | Purpose::Root => Algorithm::Hs256,
    }
}

/// Warns when the setting names another algorithm than the signing key's: it is for the first key, and may be expected
/// to hold for later ones.
fn tell_of_another_algorithm(active: &ActiveKeys, rules: &Rules) {
    let signing = active.signing();
    let access = signing.iter().find(|(purpose, _)| *purpose == Purpose::Access);
    let signs = access.and_then(|(_, kid)| {
        let key = active.keys.iter().find(|key| key.kid == *kid)?;
        Some(&*key.algorithm)
    });
    let (Some(named), Some(signs)) = (rules.signing_algorithm, signs) else {
        return;
    };
    if named.name() != signs {
        tracing::warn!(
            "signing-algorithm is {named} and the key that signs is one for {signs}: the setting is for the first start; \
             jeton keys rotate --algorithm {named} puts another key in its place"
        );
    }
}

/// Logs the news of a reading, once.
fn tell(before: &ActiveKeys, next: &ActiveKeys) {
    for (name, error) in next
        .lacking
        .iter()
        .filter(|lacking| !before.lacking.contains(lacking))
    {
        tracing::error!(
            key = name,
            error,
            "a key is missing: this node is not ready until it has it"
        );
    }
    if next.lacking.is_empty() && !before.lacking.is_empty() {
        tracing::info!("no key is missing any more");
    }
    let signs = |active: &ActiveKeys| active.signing();
    for (purpose, kid) in signs(next)
        .into_iter()
        .filter(|signer| !signs(before).contains(signer))
    {
        tracing::info!(%purpose, kid, "another key signs");
    }
}

impl fmt::Debug for KeyManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyManager")
            .field("active", &self.active())
            .finish_non_exhaustive()
    }
}
