//! The revocations that still matter, in memory: a check costs no query.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::{Duration, Instant},
};

use crate::{
    model::{
        id::{SessionId, TokenId, UserId},
        revocation::{Numbered, Revocation, Target},
        time::Timestamp,
        user::UserVersion,
    },
    store::{Store, StoreError},
};

/// How often the table is read for entries of other processes.
pub const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// How old the last complete reading may be before this node refuses to say that a token is live.
pub const MAX_STALENESS: Duration = Duration::from_secs(10);

/// What an access token must not be, by its claims.
#[derive(Clone, Copy, Debug)]
pub struct Bearer<'a> {
    pub id: Option<&'a str>,
    pub session: SessionId,
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

/// The entries of the revocation table that can still hit something.
#[derive(Debug, Default)]
pub struct RevokedSet(RwLock<Entries>);

#[derive(Debug, Default)]
struct Entries {
    tokens: HashMap<TokenId, Timestamp>,
    sessions: HashMap<SessionId, Timestamp>,
    users: HashMap<UserId, (UserVersion, Timestamp)>,
    /// The highest number read from the table.
    read_up_to: i64,
    /// When the last complete reading began; none yet at start.
    read_at: Option<Instant>,
}

impl RevokedSet {
    /// Whether a token whose claims these are may pass, `at` being the monotonic time.
    #[must_use]
    pub fn check(&self, bearer: &Bearer<'_>, at: Instant) -> Standing {
        let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if !entries.is_fresh(at) {
            return Standing::Unknown;
        }
        let by_session = entries.sessions.contains_key(&bearer.session);
        let by_user = entries
            .users
            .get(&bearer.user)
            .is_some_and(|(below, _)| bearer.version < *below);
        let by_token = || {
            !entries.tokens.is_empty()
                && bearer
                    .id
                    .and_then(|id| id.parse().ok())
                    .is_some_and(|id| entries.tokens.contains_key(&id))
        };
        if by_session || by_user || by_token() {
            Standing::Revoked
        } else {
            Standing::Live
        }
    }

    /// Takes in what this node has just written, so that its next answer knows of it.
    pub fn apply(&self, revocations: &[Revocation]) {
        if revocations.is_empty() {
            return;
        }
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for revocation in revocations {
            entries.insert(*revocation);
        }
    }

    /// Reads what was written since the last reading, by whatever process.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the table cannot be read; what is known stays.
    pub async fn catch_up(&self, store: &dyn Store, now: Timestamp, at: Instant) -> Result<(), StoreError> {
        let after = self.0.read().unwrap_or_else(PoisonError::into_inner).read_up_to;
        let news = store.revocations_after(after, now).await?;
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for Numbered { number, revocation } in news {
            entries.insert(revocation);
            entries.read_up_to = entries.read_up_to.max(number);
        }
        entries.read_at = Some(at);
        entries.forget(now);
        Ok(())
    }
}

impl Entries {
    fn is_fresh(&self, at: Instant) -> bool {
        self.read_at
            .is_some_and(|read| at.saturating_duration_since(read) <= MAX_STALENESS)
    }

    fn insert(&mut self, Revocation { target, until }: Revocation) {
        match target {
            Target::Token(id) => longest(self.tokens.entry(id).or_insert(until), until),
            Target::Session(id) => longest(self.sessions.entry(id).or_insert(until), until),
            Target::User { id, below } => {
                let (version, last) = self.users.entry(id).or_insert((below, until));
                *version = below.max(*version);
                longest(last, until);
            }
        }
    }

    fn forget(&mut self, now: Timestamp) {
        self.tokens.retain(|_, until| *until > now);
        self.sessions.retain(|_, until| *until > now);
        self.users.retain(|_, (_, until)| *until > now);
    }
}

fn longest(kept: &mut Timestamp, until: Timestamp) {
    *kept = until.max(*kept);
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: UserId = UserId::from_bytes([1; 16]);
    const SESSION: SessionId = SessionId::from_bytes([2; 16]);
    const TOKEN: TokenId = TokenId::from_bytes([3; 16]);

    fn until(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn fresh() -> (RevokedSet, Instant) {
        let set = RevokedSet::default();
        let at = Instant::now();
        set.0.write().unwrap().read_at = Some(at);
        (set, at)
    }

    fn check(set: &RevokedSet, version: i64, at: Instant) -> Standing {
        let id = TOKEN.to_string();
        set.check(
            &Bearer {
                id: Some(&id),
                session: SESSION,
                user: USER,
                version: UserVersion(version),
            },
            at,
        )
    }

    #[test]
    fn each_kind_of_entry_hits_what_it_names_and_nothing_else() {
        let other = [9; 16];
        let cases = [
            (Target::Token(TOKEN), Target::Token(TokenId::from_bytes(other))),
            (
                Target::Session(SESSION),
                Target::Session(SessionId::from_bytes(other)),
            ),
            (
                Target::User {
                    id: USER,
                    below: UserVersion(1),
                },
                Target::User {
                    id: UserId::from_bytes(other),
                    below: UserVersion(1),
                },
            ),
        ];
        for (hit, miss) in cases {
            let (set, at) = fresh();
            set.apply(&[Revocation {
                target: miss,
                until: until(100),
            }]);
            assert_eq!(check(&set, 0, at), Standing::Live);
            set.apply(&[Revocation {
                target: hit,
                until: until(100),
            }]);
            assert_eq!(check(&set, 0, at), Standing::Revoked);
        }
    }

    #[test]
    fn versions_are_compared_as_integers_and_never_fall() {
        let (set, at) = fresh();
        let raise = |below| Revocation {
            target: Target::User {
                id: USER,
                below: UserVersion(below),
            },
            until: until(9),
        };
        set.apply(&[raise(3), raise(2)]);
        assert_eq!(check(&set, 2, at), Standing::Revoked);
        assert_eq!(check(&set, 3, at), Standing::Live);
    }

    #[test]
    fn entries_leave_when_nothing_they_could_hit_is_valid() {
        let (set, at) = fresh();
        set.apply(&[Revocation {
            target: Target::Session(SESSION),
            until: until(100),
        }]);
        set.0.write().unwrap().forget(until(99));
        assert_eq!(check(&set, 0, at), Standing::Revoked);
        set.0.write().unwrap().forget(until(100));
        assert_eq!(check(&set, 0, at), Standing::Live);
    }

    #[test]
    fn an_unread_or_stale_table_gives_no_answer() {
        let set = RevokedSet::default();
        let (fresh, at) = fresh();
        assert_eq!(check(&set, 0, at), Standing::Unknown);
        assert_eq!(check(&fresh, 0, at + MAX_STALENESS), Standing::Live);
        assert_eq!(
            check(&fresh, 0, at + MAX_STALENESS + Duration::from_millis(1)),
            Standing::Unknown
        );
    }
}
