//! The revocations that still matter, in memory: a check costs no query.
//!
//! The set is cut into shards. Whatever is written, grown or forgotten holds one small
//! shard at a time, so that no check waits for more than that, however many entries there are.

use std::{
    fmt,
    str::FromStr,
    sync::{
        PoisonError, RwLock, RwLockWriteGuard,
        atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::{Notify, watch};

use crate::{
    model::{
        id::{SessionId, TokenId, UserId},
        revocation::{Numbered, Revocation, Target},
        time::Timestamp,
        user::UserVersion,
    },
    store::{REVOCATIONS_PAGE, Store, StoreError},
};

mod shard;

use shard::Shard;

/// How often the table is read for entries of other processes.
pub const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// As many shards as a byte has values.
const SHARDS: usize = 256;

/// How many shards are looked through for entries whose time is over at each reading: all of them in sixteen seconds.
const FORGOTTEN_AT_ONCE: usize = 8;

/// What an access token must not be, by its claims.
#[derive(Clone, Copy, Debug)]
pub struct Bearer<'a> {
    pub id: Option<&'a str>,
    pub issued_at: Option<Timestamp>,
    /// None in the tokens of service accounts.
    pub session: Option<SessionId>,
    /// The user, or the service account.
    pub user: UserId,
    pub version: UserVersion,
}

/// What this node knows of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Live,
    Revoked,
    /// The table was not read for too long to tell.
    Unknown,
}

/// What becomes of a token that may have been called back without this node knowing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenStale {
    /// Its request is refused with 503.
    #[default]
    Refuse,
    /// It passes: for who would rather accept a token that was called back than none at all.
    Allow,
}

impl FromStr for WhenStale {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "refuse" => Ok(Self::Refuse),
            "allow" => Ok(Self::Allow),
            _ => Err("it is neither refuse nor allow"),
        }
    }
}

/// The entries of the revocation table that can still hit something.
pub struct RevokedSet {
    shards: Box<[RwLock<Shard>]>,
    max_lag: Duration,
    when_stale: WhenStale,
    /// Tokens issued before this second are not accepted: the database is a restored back-up.
    accepted_from: AtomicI64,
    /// The highest number read from the table.
    read_up_to: AtomicI64,
    /// When the last complete reading began, in nanoseconds after `born`; zero before the first.
    read_at: AtomicU64,
    born: Instant,
    /// The shard that is next to be looked through.
    next: AtomicUsize,
    /// Wakes who waits for news.
    news: watch::Sender<()>,
    /// Wakes who tells other nodes of this one's.
    written: Notify,
    /// How often the table was read to its end.
    readings: AtomicU64,
    /// Whether nobody is to wait any more.
    closed: AtomicBool,
}

impl RevokedSet {
    /// An empty set, which gives no answer before the table was read: `born` is before the first reading.
    #[must_use]
    pub fn new(max_lag: Duration, when_stale: WhenStale, born: Instant) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            max_lag,
            when_stale,
            accepted_from: AtomicI64::new(i64::MIN),
            read_up_to: AtomicI64::new(0),
            read_at: AtomicU64::new(0),
            born,
            next: AtomicUsize::new(0),
            news: watch::Sender::new(()),
            written: Notify::new(),
            readings: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        }
    }

    /// Whether a token whose claims these are may pass, `at` being the monotonic time.
    #[must_use]
    pub fn check(&self, bearer: &Bearer<'_>, at: Instant) -> Standing {
        let Some(lag) = self.lag(at) else {
            return Standing::Unknown;
        };
        if self.is_from_before(bearer.issued_at) || self.hits(bearer) {
            Standing::Revoked
        } else if lag > self.max_lag && self.when_stale == WhenStale::Refuse {
            Standing::Unknown
        } else {
            Standing::Live
        }
    }

    /// Tokens issued before this are not accepted: the database is a restored back-up.
    #[must_use]
    pub fn accepted_from(&self) -> Option<Timestamp> {
        let from = self.accepted_from.load(Ordering::Acquire);
        (from > i64::MIN).then(|| Timestamp::from_seconds(from))
    }

    /// Whether a token was issued before the database was restored from a back-up.
    #[must_use]
    pub fn is_from_before(&self, issued_at: Option<Timestamp>) -> bool {
        let from = self.accepted_from.load(Ordering::Acquire);
        issued_at.map_or(i64::MIN, Timestamp::seconds) < from
    }

    /// Whether a token was called back by itself.
    #[must_use]
    pub fn names_token(&self, id: &TokenId) -> bool {
        self.read(id.as_bytes(), |shard| shard.has_token(id))
    }

    /// How long ago the last complete reading of the table began; nothing before the first.
    #[must_use]
    pub fn lag(&self, at: Instant) -> Option<Duration> {
        let read = self.read_at.load(Ordering::Acquire);
        let read = (read > 0).then(|| self.born + Duration::from_nanos(read))?;
        Some(at.saturating_duration_since(read))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        let shards = self.shards.iter();
        shards
            .map(|shard| shard.read().unwrap_or_else(PoisonError::into_inner).len())
            .sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Is woken when there is something new, here or in the table.
    #[must_use]
    pub fn news(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// Ready when this node has written something since this was last ready.
    pub async fn written(&self) {
        self.written.notified().await;
    }

    /// How often the table was read to its end.
    #[must_use]
    pub fn readings(&self) -> u64 {
        self.readings.load(Ordering::Relaxed)
    }

    /// Sends everybody away who waits for news: the process is about to end.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.news.send_replace(());
    }

    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Takes in what this node has just written, where that calls back everything its caller wanted gone.
    pub fn apply(&self, revocations: &[Revocation]) {
        for revocation in revocations {
            self.insert(revocation);
        }
        if !revocations.is_empty() {
            self.news.send_replace(());
            self.written.notify_one();
        }
    }

    /// Takes in what this node has just written, and what other processes have until now: what was to be ended may
    /// have ended before, and whoever is told so may rely on it. Every use-case that ends something does this before
    /// it answers.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the table cannot be read; what this node has written is known all the same.
    pub async fn heed(&self, written: &[Revocation], store: &dyn Store) -> Result<(), StoreError> {
        self.apply(written);
        self.read_on(store, Timestamp::EARLIEST).await
    }

    /// Whether every access token of a session is refused here.
    #[must_use]
    pub fn names_session(&self, id: &SessionId) -> bool {
        self.read(id.as_bytes(), |shard| shard.has_session(id))
    }

    /// Reads what was written since the last reading, by whatever process, and forgets some of what can hit nothing since
    /// `passed`; nothing where that is none. What is skipped here for its time is never read again.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the table cannot be read; what is known stays.
    pub async fn catch_up(
        &self,
        store: &dyn Store,
        passed: Option<Timestamp>,
        at: Instant,
    ) -> Result<(), StoreError> {
        let passed = passed.unwrap_or(Timestamp::EARLIEST);
        if let Some(from) = store.accepted_from().await? {
            self.accepted_from.fetch_max(from.seconds(), Ordering::AcqRel);
        }
        self.read_on(store, passed).await?;
        let since = u64::try_from(at.saturating_duration_since(self.born).as_nanos()).unwrap_or(u64::MAX);
        self.read_at.fetch_max(since.max(1), Ordering::AcqRel);
        self.readings.fetch_add(1, Ordering::Relaxed);
        self.forget(passed);
        Ok(())
    }

    /// Reads the table from where it was last read to its end, but for entries whose time is over at `passed`.
    async fn read_on(&self, store: &dyn Store, passed: Timestamp) -> Result<(), StoreError> {
        let mut after = self.read_up_to.load(Ordering::Acquire);
        let before = after;
        loop {
            let page = store.revocations_after(after, passed).await?;
            let Some(Numbered { number, .. }) = page.last() else {
                break;
            };
            after = *number;
            for Numbered { revocation, .. } in &page {
                self.insert(revocation);
            }
            self.read_up_to.fetch_max(after, Ordering::AcqRel);
            if page.len() < REVOCATIONS_PAGE {
                break;
            }
        }
        if after > before {
            self.news.send_replace(());
        }
        Ok(())
    }

    fn hits(&self, bearer: &Bearer<'_>) -> bool {
        let by_session = bearer.session.is_some_and(|id| self.names_session(&id));
        let user = &bearer.user;
        by_session
            || self.read(user.as_bytes(), |shard| shard.has_user(user, bearer.version))
            || bearer
                .id
                .and_then(|id| id.parse().ok())
                .is_some_and(|id| self.names_token(&id))
    }

    fn insert(&self, revocation: &Revocation) {
        let id = match &revocation.target {
            Target::Token(id) => id.as_bytes(),
            Target::Session(id) => id.as_bytes(),
            Target::User { id, .. } => id.as_bytes(),
        };
        write(self.shard(id)).insert(revocation);
    }

    /// Drops what can hit nothing any more, in a few shards at a time.
    fn forget(&self, passed: Timestamp) {
        let first = self.next.fetch_add(FORGOTTEN_AT_ONCE, Ordering::Relaxed);
        for shard in self
            .shards
            .iter()
            .cycle()
            .skip(first % SHARDS)
            .take(FORGOTTEN_AT_ONCE)
        {
            write(shard).forget(passed);
        }
    }

    fn read<T>(&self, id: &[u8; 16], look: impl FnOnce(&Shard) -> T) -> T {
        look(&self.shard(id).read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Spreads ids evenly, whichever of their bytes differ.
    fn shard(&self, id: &[u8; 16]) -> &RwLock<Shard> {
        const GOLDEN: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
        let [first, ..] = u128::from_be_bytes(*id).wrapping_mul(GOLDEN).to_be_bytes();
        &self.shards[usize::from(first)]
    }
}

fn write(shard: &RwLock<Shard>) -> RwLockWriteGuard<'_, Shard> {
    shard.write().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for RevokedSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevokedSet")
            .field("entries", &self.len())
            .field("read_up_to", &self.read_up_to)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
