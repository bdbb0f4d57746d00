//! The set of revocations, in memory.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock, RwLockWriteGuard},
    time::{Duration, Instant},
};

use super::fetch::{Entry, Kind};
use crate::revocation::TokenStatus;

/// How many entries are kept before expired ones are looked for first.
const FIRST_SWEEP: usize = 1024;

/// Claims by which a revocation may name a token.
pub(super) struct Names<'t> {
    pub(super) id: Option<&'t str>,
    /// In seconds since the epoch.
    pub(super) issued_at: Option<i64>,
    pub(super) session: Option<&'t str>,
    pub(super) user: Option<&'t str>,
    pub(super) version: Option<i64>,
}

pub(super) struct Set {
    max_lag: Duration,
    entries: RwLock<Entries>,
}

/// Entries by the 128 bits of their ids: all that Jeton gives out are UUIDs.
#[derive(Default)]
struct Entries {
    tokens: HashMap<u128, i64>,
    sessions: HashMap<u128, i64>,
    users: HashMap<u128, (i64, i64)>,
    /// When the last answer that completed the picture was asked for.
    complete_at: Option<Instant>,
    sweep_at: usize,
    /// The time before which issued tokens are revoked: the service was restored from a back-up.
    accepted_from: Option<i64>,
}

impl Set {
    pub(super) fn new(max_lag: Duration) -> Self {
        Self {
            max_lag,
            entries: RwLock::default(),
        }
    }

    pub(super) fn status(&self, names: &Names<'_>) -> TokenStatus {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        if entries.hit(names) {
            TokenStatus::Revoked
        } else if entries.is_fresh(self.max_lag) {
            TokenStatus::Live
        } else {
            TokenStatus::Unknown
        }
    }

    pub(super) fn is_fresh(&self) -> bool {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.is_fresh(self.max_lag)
    }

    pub(super) fn len(&self) -> usize {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.len()
    }

    /// Revokes every token issued before.
    pub(super) fn accept_from(&self, from: i64) {
        let mut entries = self.write();
        entries.accepted_from = entries.accepted_from.max(Some(from));
    }

    /// Takes in a page, `now` being the service's time in seconds.
    pub(super) fn take_in(&self, page: &[Entry], now: i64) {
        // A few at a time, so that no check waits for a long page.
        for some in page.chunks(256) {
            let mut entries = self.write();
            for entry in some {
                entries.insert(entry);
            }
        }
        let mut entries = self.write();
        if entries.len() >= entries.sweep_at.max(FIRST_SWEEP) {
            entries.forget(now);
        }
    }

    /// Notes that the set has everything up to an answer that was asked for then.
    pub(super) fn is_complete(&self, asked_at: Instant) {
        self.write().complete_at = Some(asked_at);
    }

    fn write(&self) -> RwLockWriteGuard<'_, Entries> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn hit(&self, names: &Names<'_>) -> bool {
        let by_user = || {
            let below = names.user.and_then(bits).and_then(|id| self.users.get(&id));
            // A token without a version is of none that is still good.
            below.is_some_and(|(below, _)| names.version.is_none_or(|version| version < *below))
        };
        // A token without a time of issue is from before as well.
        let is_from_before = self
            .accepted_from
            .is_some_and(|from| names.issued_at.is_none_or(|at| at < from));
        let by_session = || names.session.and_then(bits);
        is_from_before
            || by_session().is_some_and(|id| self.sessions.contains_key(&id))
            || by_user()
            || names
                .id
                .and_then(bits)
                .is_some_and(|id| self.tokens.contains_key(&id))
    }

    fn is_fresh(&self, max_lag: Duration) -> bool {
        self.complete_at.is_some_and(|at| at.elapsed() <= max_lag)
    }

    fn len(&self) -> usize {
        self.tokens.len() + self.sessions.len() + self.users.len()
    }

    fn insert(&mut self, entry: &Entry) {
        let Some(id) = bits(&entry.id) else { return };
        let until = entry.until;
        match (entry.kind, entry.below) {
            (Kind::Token, _) => longest(self.tokens.entry(id).or_insert(until), until),
            (Kind::Session, _) => longest(self.sessions.entry(id).or_insert(until), until),
            (Kind::User, Some(below)) => {
                let (version, last) = self.users.entry(id).or_insert((below, until));
                *version = below.max(*version);
                longest(last, until);
            }
            (Kind::User | Kind::Other, _) => {}
        }
    }

    fn forget(&mut self, now: i64) {
        self.tokens.retain(|_, until| *until > now);
        self.sessions.retain(|_, until| *until > now);
        self.users.retain(|_, (_, until)| *until > now);
        self.sweep_at = 2 * self.len();
    }
}

fn longest(kept: &mut i64, until: i64) {
    *kept = until.max(*kept);
}

/// The bits of a UUID in its usual form (RFC 9562 §4).
fn bits(text: &str) -> Option<u128> {
    let bytes = text.as_bytes();
    let hyphens = [8, 13, 18, 23];
    if bytes.len() != 36 || hyphens.iter().any(|at| bytes[*at] != b'-') {
        return None;
    }
    let digits = bytes.iter().enumerate().filter(|(at, _)| !hyphens.contains(at));
    let mut bits: u128 = 0;
    for (_, digit) in digits {
        bits = (bits << 4) | u128::from(char::from(*digit).to_digit(16)?);
    }
    Some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "019b0000-0000-7000-8000-000000000001";
    const OTHER: &str = "019B0000-0000-7000-8000-00000000000F";

    fn entry(kind: Kind, id: &str, below: Option<i64>, until: i64) -> Entry {
        Entry {
            kind,
            id: id.to_owned(),
            below,
            until,
        }
    }

    fn fresh() -> Set {
        let set = Set::new(Duration::from_mins(1));
        set.is_complete(Instant::now());
        set
    }

    fn names<'t>() -> Names<'t> {
        Names {
            id: None,
            issued_at: None,
            session: None,
            user: None,
            version: None,
        }
    }

    #[test]
    fn ids_are_read_as_what_they_are() {
        assert_eq!(bits(ONE), Some(0x019b_0000_0000_7000_8000_0000_0000_0001));
        assert_eq!(bits(OTHER), Some(0x019b_0000_0000_7000_8000_0000_0000_000f));
        for bad in ["", "x", &ONE[1..], &ONE.replace('-', "0"), &ONE.replace('b', "g")] {
            assert_eq!(bits(bad), None, "{bad}");
        }
    }

    #[test]
    fn each_kind_hits_its_own() {
        let set = fresh();
        set.take_in(
            &[
                entry(Kind::Token, ONE, None, 10),
                entry(Kind::User, OTHER, Some(2), 10),
                entry(Kind::Other, ONE, None, 10),
            ],
            0,
        );
        assert_eq!(set.len(), 2);
        let id = Some(ONE);
        assert_eq!(set.status(&Names { id, ..names() }), TokenStatus::Revoked);
        let session = Some(ONE);
        assert_eq!(set.status(&Names { session, ..names() }), TokenStatus::Live);
        for (version, status) in [
            (Some(1), TokenStatus::Revoked),
            (None, TokenStatus::Revoked),
            (Some(2), TokenStatus::Live),
        ] {
            let user = Some(OTHER);
            let names = Names {
                user,
                version,
                ..names()
            };
            assert_eq!(set.status(&names), status);
        }
    }

    #[test]
    fn after_a_restored_back_up_what_was_issued_before_is_revoked() {
        let set = fresh();
        set.accept_from(100);
        set.accept_from(50);
        for (issued_at, status) in [
            (Some(99), TokenStatus::Revoked),
            (None, TokenStatus::Revoked),
            (Some(100), TokenStatus::Live),
        ] {
            assert_eq!(set.status(&Names { issued_at, ..names() }), status);
        }
    }

    #[test]
    fn what_can_hit_nothing_any_more_is_forgotten_before_it_piles_up() {
        let set = fresh();
        let page = |first: u32, until| -> Vec<Entry> {
            let ids = (first..first + 1000).map(|id| format!("019b0000-0000-7000-8000-{id:012x}"));
            ids.map(|id| entry(Kind::Session, &id, None, until)).collect()
        };
        set.take_in(&page(0, 10), 0);
        set.take_in(&page(1000, 100), 50);
        assert_eq!(set.len(), 1000, "the first thousand were over");
        let session = Some("019b0000-0000-7000-8000-0000000003e8");
        assert_eq!(set.status(&Names { session, ..names() }), TokenStatus::Revoked);
    }

    #[test]
    fn every_kind_is_forgotten_at_its_end_and_not_before() {
        for kind in [Kind::Token, Kind::Session, Kind::User] {
            let set = fresh();
            set.take_in(
                &[entry(kind, ONE, Some(1), 10), entry(kind, OTHER, Some(1), 11)],
                0,
            );
            assert_eq!(set.len(), 2);
            set.write().forget(10);
            assert_eq!(set.len(), 1);
            let names = Names {
                id: Some(OTHER),
                session: Some(OTHER),
                user: Some(OTHER),
                ..names()
            };
            assert_eq!(set.status(&names), TokenStatus::Revoked);
        }
    }
}
