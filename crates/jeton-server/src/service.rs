//! The use-cases, a folder for each subject. Each has its own file and its own error; none knows of HTTP or SQL.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;

use crate::{
    model::{
        acceptance, audit::Personal, id::TokenId, revocation::Revocation, time::Timestamp,
        user_agent::UserAgent,
    },
    outbound::Outbound,
    store::{Store, StoreError},
};

pub mod accounts;
pub mod audit;
pub mod caller;
pub mod ceremonies;
pub mod clients;
mod clocks;
pub mod context;
pub mod doctor;
pub mod grants;
pub mod keys;
pub mod machinery;
pub mod outbox;
pub mod ready;
pub mod sessions;
pub mod tokens;
pub mod upkeep;

use machinery::{
    clock::Clock,
    derived::Derived,
    fingerprints::Fingerprints,
    hasher::{self, Hasher},
    keys::{KeyManager, KeyManagerError, KeySealer},
    playground::Playground,
    random::{self, Random},
    refusals::Refusals,
    revoked::{RevocableClaims, RevocationFollower, RevocationSet, RevocationStatus},
    seal::{SealError, StateSealer},
    tokens::{SignError, Tokens},
    turned_away::TurnedAway,
    watch::Watch,
};

pub use machinery::rules::Rules;

/// The state that all use-cases share.
#[derive(Debug)]
pub struct Service {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    hasher: Arc<Hasher>,
    rehashing: Arc<Semaphore>,
    keys: KeyManager,
    revocations: Arc<RevocationFollower>,
    fingerprints: Fingerprints,
    states: StateSealer,
    refusals: Refusals,
    turned_away: TurnedAway,
    rules: Rules,
    /// The schemes of password hashes that the decoys know.
    schemes: Mutex<Vec<String>>,
    watch: Watch,
    outbound: Outbound,
    /// Whether the database was found damaged, which does not mend itself.
    damaged: AtomicBool,
    /// How often a refresh token was presented again and got the same successor.
    replays: AtomicU64,
}

/// Why a use-case failed, whatever was asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Busy(#[from] hasher::Busy),
    #[error(transparent)]
    Random(#[from] random::RandomError),
    #[error(transparent)]
    Sign(#[from] SignError),
    #[error(transparent)]
    Seal(#[from] SealError),
    /// State that was checked had changed before it could be acted on, each time it was tried.
    #[error("what was checked is being changed all the time")]
    Changing,
}

/// How many hashes are made anew at once. They take turns with people who wait to sign in, and can wait themselves.
const REHASHES_AT_ONCE: usize = 2;

/// How often state is checked that had changed before it could be acted on.
const TRIES: usize = 3;

impl Service {
    /// Puts the parts together.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        hasher: Hasher,
        keys: KeyManager,
        derived: Derived,
        rules: Rules,
    ) -> Self {
        let time = Arc::clone(&clock);
        let outbound = Outbound::new(move || time.now());
        let revoked = RevocationSet::new(rules.revocation_max_lag, rules.when_stale, clock.instant());
        Self {
            store,
            clock,
            random,
            hasher: Arc::new(hasher),
            rehashing: Arc::new(Semaphore::new(REHASHES_AT_ONCE)),
            keys,
            revocations: Arc::new(RevocationFollower::new(revoked)),
            fingerprints: derived.fingerprints,
            states: derived.states,
            refusals: Refusals::default(),
            turned_away: TurnedAway::default(),
            rules,
            schemes: Mutex::default(),
            watch: Watch::default(),
            outbound,
            damaged: AtomicBool::new(false),
            replays: AtomicU64::default(),
        }
    }

    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    #[must_use]
    pub const fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The signer and verifier of tokens at this moment.
    #[must_use]
    pub fn tokens(&self) -> Arc<Tokens> {
        Arc::clone(&self.keys.active().tokens)
    }

    /// The public keys, by which others verify access and ID tokens.
    #[must_use]
    pub fn published_keys(&self) -> jeton::JwkSet {
        self.keys.active().published.clone()
    }

    fn playground(&self) -> Arc<Playground> {
        Arc::clone(&self.keys.active().playground)
    }

    /// Hands `follower` the verifier of access tokens, now and whenever its keys change.
    pub fn follow_keys(&self, follower: impl Fn(&jeton::Verifier) + Send + Sync + 'static) {
        self.keys.follow(follower);
    }

    /// Whether there is a key that this node needs and cannot open.
    fn lacks_keys(&self) -> bool {
        !self.keys.active().lacking.is_empty()
    }

    /// The sealer, which opens and seals keys.
    #[must_use]
    pub const fn sealer(&self) -> &KeySealer {
        self.keys.sealer()
    }

    #[must_use]
    pub const fn revocations(&self) -> &Arc<RevocationFollower> {
        &self.revocations
    }

    /// The status of an access token that verifies, as far as this node knows.
    #[must_use]
    pub fn token_status(&self, claims: &RevocableClaims<'_>) -> RevocationStatus {
        self.revocations.set().check(claims, self.clock.instant())
    }

    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// How many password hashes were computed so far.
    #[must_use]
    pub fn hashes_computed(&self) -> u64 {
        self.hasher.computed()
    }

    /// How often a refresh token was presented again and got the same successor, since this node started.
    #[must_use]
    pub fn replays(&self) -> u64 {
        self.replays.load(Ordering::Relaxed)
    }

    /// How many passwords wait for their turn to be hashed.
    #[must_use]
    pub fn hashes_waiting(&self) -> usize {
        self.hasher.waiting()
    }

    /// Catches up with other nodes: reads the keys, then the revocations, so that a node that cannot read the one is as
    /// stale as one that cannot read the other; then whether an import brought password hashes of another kind. `began`
    /// is the monotonic time.
    ///
    /// # Errors
    ///
    /// [`KeyManagerError`] when they cannot be read; the node keeps what it knows.
    pub async fn catch_up(&self, began: Instant) -> Result<(), KeyManagerError> {
        let heard = self.hear(began).await;
        if let Err(KeyManagerError::Store(StoreError::Damaged(_))) = heard {
            self.found_damage();
        }
        heard
    }

    async fn hear(&self, began: Instant) -> Result<(), KeyManagerError> {
        self.keys
            .read(&*self.store, &self.rules, &*self.clock, began)
            .await?;
        let passed = self.passed(began);
        self.revocations.catch_up(&*self.store, passed, began).await?;
        self.hear_of_schemes().await?;
        Ok(())
    }

    /// Makes this node unready from now on: something in the database is not as it was written.
    pub fn found_damage(&self) {
        self.damaged.store(true, Ordering::Release);
    }

    /// Reads the keys now, since something names one that this node has not heard of. Callers at the same time share
    /// one reading.
    async fn read_keys(&self) -> Result<(), Failure> {
        let read = self
            .keys
            .read(&*self.store, &self.rules, &*self.clock, self.clock.instant());
        read.await.map_err(|error| match error {
            KeyManagerError::Store(error) => Failure::Store(error),
            error => {
                tracing::error!(%error, "the keys could not be taken in");
                Failure::Sign(SignError::KeyGone)
            }
        })
    }

    /// A request's name: unique, and in the order of time. It guards nothing.
    #[must_use]
    pub fn request_id(&self) -> String {
        // Without randomness a request still gets an answer; its name may then not be the only one.
        let random = self.random.bytes().unwrap_or_default();
        TokenId::new(self.clock.now(), random).to_string()
    }

    /// The personal fields of a client, for an event.
    fn personal(&self, agent: &UserAgent) -> Result<Personal, Failure> {
        Ok(agent.personal(self.random.bytes()?))
    }

    fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    /// How long the access tokens of a generation may be accepted from its start. The grace time counts too: a node of
    /// the previous release replays an exchange without noting it in the row.
    fn accepted_for(&self) -> Duration {
        self.rules.refresh_grace + acceptance::accepted_for(self.rules.access_lifetime)
    }

    /// Takes in the revocations written by this node, and by every other until now.
    async fn heed(&self, written: &[Revocation]) -> Result<(), Failure> {
        Ok(self.revocations.heed(written, &*self.store).await?)
    }
}
