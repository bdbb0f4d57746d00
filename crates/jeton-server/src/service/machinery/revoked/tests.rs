use std::time::Instant;

use super::{
    set::{FORGOTTEN_AT_ONCE, SHARDS},
    *,
};
use crate::model::{
    id::TokenId,
    revocation::{Revocation, Target},
};

const USER: UserId = UserId::from_bytes([1; 16]);
const SESSION: SessionId = SessionId::from_bytes([2; 16]);
const TOKEN: TokenId = TokenId::from_bytes([3; 16]);
const MAX_LAG: Duration = Duration::from_secs(10);

fn until(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn set(when_stale: WhenStale) -> (RevocationSet, Instant) {
    let born = Instant::now();
    let set = RevocationSet::new(MAX_LAG, when_stale, born);
    set.read_to_its_end(born);
    (set, born + Duration::from_nanos(1))
}

fn fresh() -> (RevocationSet, Instant) {
    set(WhenStale::Refuse)
}

fn check(set: &RevocationSet, version: i64, at: Instant) -> RevocationStatus {
    let id = TOKEN.to_string();
    set.check(
        &RevocableClaims {
            issued_at: None,
            id: Some(&id),
            session: Some(SESSION),
            user: USER,
            version: UserVersion(version),
        },
        at,
    )
}

fn ends(session: SessionId, seconds: i64) -> Revocation {
    Revocation {
        target: Target::Session(session),
        until: until(seconds),
    }
}

fn forget_everywhere(set: &RevocationSet, now: Timestamp) {
    for _ in 0..SHARDS / FORGOTTEN_AT_ONCE {
        set.forget(now);
    }
}

#[test]
fn after_a_restored_back_up_what_was_issued_before_is_revoked() {
    let (set, at) = fresh();
    assert_eq!(
        (set.accepted_from(), check(&set, 0, at)),
        (None, RevocationStatus::Live)
    );
    set.accept_from(Timestamp::from_seconds(100));
    let status = |issued_at: Option<i64>| {
        let claims = RevocableClaims {
            id: None,
            issued_at: issued_at.map(Timestamp::from_seconds),
            session: Some(SESSION),
            user: USER,
            version: UserVersion(0),
        };
        set.check(&claims, at)
    };
    assert_eq!(status(Some(99)), RevocationStatus::Revoked);
    assert_eq!(status(None), RevocationStatus::Revoked);
    assert_eq!(status(Some(100)), RevocationStatus::Live);
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
        // An id of another kind is another id.
        (Target::Token(TOKEN), Target::Token(TokenId::from_bytes([2; 16]))),
    ];
    for (hit, miss) in cases {
        let (set, at) = fresh();
        let entry = |target| Revocation {
            target,
            until: until(100),
        };
        set.insert_all(&[entry(miss)]);
        assert_eq!(check(&set, 0, at), RevocationStatus::Live);
        set.insert_all(&[entry(hit)]);
        assert_eq!(check(&set, 0, at), RevocationStatus::Revoked);
        assert_eq!(set.len(), 2);
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
    set.insert_all(&[raise(3), raise(2)]);
    assert_eq!(check(&set, 2, at), RevocationStatus::Revoked);
    assert_eq!(check(&set, 3, at), RevocationStatus::Live);
}

#[test]
fn entries_leave_when_nothing_they_could_hit_is_valid() {
    let (set, at) = fresh();
    set.insert_all(&[ends(SESSION, 100), ends(SESSION, 50)]);
    forget_everywhere(&set, until(99));
    assert_eq!(check(&set, 0, at), RevocationStatus::Revoked);
    forget_everywhere(&set, until(100));
    assert_eq!(check(&set, 0, at), RevocationStatus::Live);
    assert!(set.is_empty());
}

#[test]
fn a_time_beyond_what_fits_is_no_earlier_time() {
    let (set, at) = fresh();
    set.insert_all(&[ends(SESSION, i64::MAX)]);
    forget_everywhere(&set, until(4_000_000_000));
    assert_eq!(check(&set, 0, at), RevocationStatus::Revoked);
}

#[test]
fn an_unread_or_stale_table_gives_no_answer() {
    let unread = RevocationSet::new(MAX_LAG, WhenStale::Allow, Instant::now());
    let (fresh, at) = fresh();
    assert_eq!(check(&unread, 0, at), RevocationStatus::Unknown);
    assert_eq!(unread.lag(at), None);
    assert_eq!(check(&fresh, 0, at + MAX_LAG), RevocationStatus::Live);
    let late = at + MAX_LAG + Duration::from_millis(1);
    assert_eq!(check(&fresh, 0, late), RevocationStatus::Unknown);
    fresh.insert_all(&[ends(SESSION, 100)]);
    assert_eq!(
        check(&fresh, 0, late),
        RevocationStatus::Revoked,
        "what is known is known"
    );
}

#[test]
fn a_stale_table_lets_pass_what_it_does_not_know_of_when_told_to() {
    let (set, at) = set(WhenStale::Allow);
    let late = at + 100 * MAX_LAG;
    assert_eq!(check(&set, 0, late), RevocationStatus::Live);
    set.insert_all(&[ends(SESSION, 100)]);
    assert_eq!(check(&set, 0, late), RevocationStatus::Revoked);
}

#[test]
fn who_waits_is_woken_by_news_alone() {
    let (set, _) = fresh();
    let follower = RevocationFollower::new(set);
    let mut news = follower.news();
    news.mark_unchanged();
    follower.apply(&[]);
    assert!(!news.has_changed().unwrap());
    follower.apply(&[ends(SESSION, 100)]);
    assert!(news.has_changed().unwrap());
}

#[test]
fn room_is_given_back_when_entries_leave() {
    let (set, _) = fresh();
    for number in 0_u32..100_000 {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        set.insert_all(&[ends(SessionId::from_bytes(id), 100)]);
    }
    let fullest = set.shards.iter().map(|shard| shard.read().unwrap().len()).max();
    assert!(fullest.unwrap() < 3 * 100_000 / SHARDS, "{fullest:?}");
    let capacity = |set: &RevocationSet| -> usize {
        let shards = set.shards.iter();
        shards.map(|shard| shard.read().unwrap().capacity()).sum()
    };
    assert!(capacity(&set) < 300_000, "{}", capacity(&set));
    forget_everywhere(&set, until(100));
    assert!(capacity(&set) < 30_000, "{}", capacity(&set));
}
