//! The set of revocations that still matter, cut into shards: writing, growing and forgetting hold one small shard at a
//! time, so that no check waits for more than that, however many entries there are.

use std::{
    fmt,
    sync::{
        PoisonError, RwLock, RwLockWriteGuard,
        atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use super::{RevocableClaims, RevocationStatus, WhenStale, shard::Shard};
use crate::model::{
    id::{SessionId, TokenId},
    revocation::{Revocation, Target},
    time::Timestamp,
};

/// As many shards as a byte has values.
pub(super) const SHARDS: usize = 256;

/// How many shards are searched for entries whose time is over at each reading: all of them in sixteen seconds.
pub(super) const FORGOTTEN_AT_ONCE: usize = 8;

/// Entries of the revocation table that can still refuse a token.
pub struct RevocationSet {
    pub(super) shards: Box<[RwLock<Shard>]>,
    max_lag: Duration,
    when_stale: WhenStale,
    /// The second before which issued tokens are refused: the database is a restored back-up.
    accepted_from: AtomicI64,
    /// When the last complete reading began, in nanoseconds after `born`; zero before the first.
    read_at: AtomicU64,
    born: Instant,
    /// The shard that is searched next.
    next: AtomicUsize,
}

impl RevocationSet {
    /// An empty set, which gives no answer before the table was read: `born` is before the first reading.
    #[must_use]
    pub fn new(max_lag: Duration, when_stale: WhenStale, born: Instant) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            max_lag,
            when_stale,
            accepted_from: AtomicI64::new(i64::MIN),
            read_at: AtomicU64::new(0),
            born,
            next: AtomicUsize::new(0),
        }
    }

    /// Whether a token with these claims may pass, `at` being the monotonic time.
    #[must_use]
    pub fn check(&self, claims: &RevocableClaims<'_>, at: Instant) -> RevocationStatus {
        let Some(lag) = self.lag(at) else {
            return RevocationStatus::Unknown;
        };
        if self.is_from_before(claims.issued_at) || self.hits(claims) {
            RevocationStatus::Revoked
        } else if lag > self.max_lag && self.when_stale == WhenStale::Refuse {
            RevocationStatus::Unknown
        } else {
            RevocationStatus::Live
        }
    }

    /// The time before which issued tokens are refused, in a restored back-up.
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

    /// Whether a token was revoked by itself.
    #[must_use]
    pub fn names_token(&self, id: &TokenId) -> bool {
        self.read(id.as_bytes(), |shard| shard.has_token(id))
    }

    /// Whether every access token of a session is refused here.
    #[must_use]
    pub fn names_session(&self, id: &SessionId) -> bool {
        self.read(id.as_bytes(), |shard| shard.has_session(id))
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

    /// Refuses tokens issued before this time from now on.
    pub(super) fn accept_from(&self, from: Timestamp) {
        self.accepted_from.fetch_max(from.seconds(), Ordering::AcqRel);
    }

    /// Notes that the table was read to its end, in a reading that began at this moment.
    pub(super) fn read_to_its_end(&self, began: Instant) {
        let since = u64::try_from(began.saturating_duration_since(self.born).as_nanos()).unwrap_or(u64::MAX);
        self.read_at.fetch_max(since.max(1), Ordering::AcqRel);
    }

    pub(super) fn insert_all<'r>(&self, revocations: impl IntoIterator<Item = &'r Revocation>) {
        for revocation in revocations {
            self.insert(revocation);
        }
    }

    fn insert(&self, revocation: &Revocation) {
        let id = match &revocation.target {
            Target::Token(id) => id.as_bytes(),
            Target::Session(id) => id.as_bytes(),
            Target::User { id, .. } => id.as_bytes(),
        };
        write(self.shard(id)).insert(revocation);
    }

    /// Drops entries that can refuse nothing any more, in a few shards at a time.
    pub(super) fn forget(&self, passed: Timestamp) {
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

    fn hits(&self, claims: &RevocableClaims<'_>) -> bool {
        let by_session = claims.session.is_some_and(|id| self.names_session(&id));
        let user = &claims.user;
        by_session
            || self.read(user.as_bytes(), |shard| shard.has_user(user, claims.version))
            || claims
                .id
                .and_then(|id| id.parse().ok())
                .is_some_and(|id| self.names_token(&id))
    }

    fn read<T>(&self, id: &[u8; 16], look: impl FnOnce(&Shard) -> T) -> T {
        look(&self.shard(id).read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The shard of an id. Ids are spread evenly, whichever of their bytes differ.
    fn shard(&self, id: &[u8; 16]) -> &RwLock<Shard> {
        const GOLDEN: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
        let [first, ..] = u128::from_be_bytes(*id).wrapping_mul(GOLDEN).to_be_bytes();
        &self.shards[usize::from(first)]
    }
}

fn write(shard: &RwLock<Shard>) -> RwLockWriteGuard<'_, Shard> {
    shard.write().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for RevocationSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationSet")
            .field("entries", &self.len())
            .finish_non_exhaustive()
    }
}
