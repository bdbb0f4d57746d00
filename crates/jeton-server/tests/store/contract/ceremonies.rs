//! Ceremonies: finished once, and told apart when they cannot go on.

use tokio::task::JoinSet;

use super::passwords::{present, setting};
use crate::prelude::*;

const DAY: i64 = 24 * 3600;

pub(crate) fn ceremony(number: u8, kind: Kind) -> Ceremony {
    Ceremony {
        id: CeremonyId::from_bytes([number; 16]),
        kind,
        user: None,
        secret: secret(number).digest(),
        state: vec![1, 2, number],
        created_at: at(0),
        expires_at: (kind != Kind::Setup).then_some(at(900)),
        used_at: None,
    }
}

fn secret(number: u8) -> CeremonySecret {
    CeremonySecret::new(Kind::Reset, [number; 16])
}

async fn find(store: &dyn Store, number: u8) -> Option<Ceremony> {
    store.ceremony(&secret(number).digest()).await.unwrap()
}

async fn standing(store: &dyn Store, number: u8, now: i64) -> Option<Standing> {
    Some(find(store, number).await?.standing(at(now)))
}

async fn finish(store: &dyn Store, number: u8, now: i64) -> bool {
    let id = CeremonyId::from_bytes([number; 16]);
    store.finish_ceremony(id, at(now)).await.unwrap()
}

pub(crate) async fn a_ceremony_reads_back_and_is_finished_once(database: Database) {
    let store = database.open().await;
    create(&*store, 1, "Romel").await;
    let begun = Ceremony {
        user: Some(user_id(1)),
        ..ceremony(1, Kind::Reset)
    };
    store.begin_ceremony(&begun).await.unwrap();
    store.begin_ceremony(&ceremony(2, Kind::Setup)).await.unwrap();
    let read = find(&*store, 1).await.unwrap();
    assert_eq!(
        (read.id, read.kind, read.user, &*read.state, read.created_at),
        (begun.id, begun.kind, begun.user, &*begun.state, begun.created_at)
    );
    assert!(read.secret.is(&begun.secret));
    assert_eq!((read.expires_at, read.used_at), (Some(at(900)), None));
    assert!(find(&*store, 3).await.is_none());
    assert!(finish(&*store, 1, 10).await);
    assert!(!finish(&*store, 1, 10).await);
    assert_eq!(find(&*store, 1).await.unwrap().used_at, Some(at(10)));
    assert_eq!(standing(&*store, 1, 10).await, Some(Standing::Used));
    assert_eq!(standing(&*store, 2, 10 * DAY).await, Some(Standing::Open));
}

pub(crate) async fn fifty_who_finish_a_ceremony_at_once_are_one(database: Database) {
    let (one, other) = (database.open().await, database.open().await);
    one.begin_ceremony(&ceremony(1, Kind::Reset)).await.unwrap();
    let mut finishing = JoinSet::new();
    for number in 0..50 {
        let store = Arc::clone(if number % 2 == 0 { &one } else { &other });
        finishing.spawn(async move { finish(&*store, 1, 10).await });
    }
    let finished = finishing.join_all().await;
    assert_eq!(finished.into_iter().filter(|done| *done).count(), 1);
}

pub(crate) async fn a_ceremony_that_is_over_is_not_finished(database: Database) {
    let store = database.open().await;
    store.begin_ceremony(&ceremony(1, Kind::Reset)).await.unwrap();
    assert!(!finish(&*store, 1, 900).await);
    assert!(!finish(&*store, 2, 10).await, "there is none");
    assert_eq!(standing(&*store, 1, 900).await, Some(Standing::Expired));
    assert!(finish(&*store, 1, 899).await);
    assert_eq!(
        standing(&*store, 1, 900).await,
        Some(Standing::Used),
        "that it was used is said first"
    );
}

pub(crate) async fn ceremonies_are_cleared_away_a_day_after_their_end(database: Database) {
    let store = database.open().await;
    for number in [1, 2] {
        store
            .begin_ceremony(&ceremony(number, Kind::Reset))
            .await
            .unwrap();
    }
    store.begin_ceremony(&ceremony(3, Kind::Setup)).await.unwrap();
    assert!(finish(&*store, 2, 10).await);
    assert_eq!(store.prune(at(899 + DAY)).await.unwrap(), 0);
    assert_eq!(standing(&*store, 1, 899 + DAY).await, Some(Standing::Expired));
    assert_eq!(store.prune(at(900 + DAY)).await.unwrap(), 2);
    assert!(find(&*store, 1).await.is_none() && find(&*store, 2).await.is_none());
    assert!(find(&*store, 3).await.is_some(), "there is no administrator");
    create(&*store, 1, "Romel").await;
    assert_eq!(store.prune(at(900 + DAY)).await.unwrap(), 1);
    assert!(find(&*store, 3).await.is_none());
}

pub(crate) async fn ceremonies_go_with_their_user_and_with_what_was_restored(database: Database) {
    let store = database.open().await;
    create(&*store, 1, "Romel").await;
    let of_romel = Ceremony {
        user: Some(user_id(1)),
        ..ceremony(1, Kind::Reset)
    };
    store.begin_ceremony(&of_romel).await.unwrap();
    store.begin_ceremony(&ceremony(2, Kind::Reset)).await.unwrap();
    let act = AdminAction {
        user: user_id(1),
        by: Actor::CommandLine,
        now: at(5),
        may_take_last_admin: true,
    };
    store.delete_user(&act).await.unwrap();
    assert!(find(&*store, 1).await.is_none());
    assert!(find(&*store, 2).await.is_some());
    let restored = Restored {
        at: store.database_time().await.unwrap().into(),
    };
    store.close().await;
    store::restore(&database.url(), restored, &|_| Ok(signer()))
        .await
        .unwrap();
    let store = database.open().await;
    assert!(find(&*store, 2).await.is_none(), "it may have been used since");
}

/// Of the password and the ceremony either both change or neither does.
pub(crate) async fn a_new_password_finishes_its_ceremony_in_the_same_transaction(database: Database) {
    let store = database.open().await;
    create(&*store, 1, "Romel").await;
    store.begin_ceremony(&ceremony(1, Kind::Reset)).await.unwrap();
    let finishing = |hash: &str, now| SetPassword {
        finishes: Some(CeremonyId::from_bytes([1; 16])),
        ..setting(present(hash), now)
    };
    let stale = store.set_password(&finishing("another", 10)).await.unwrap();
    assert!(stale.is_none());
    assert_eq!(standing(&*store, 1, 10).await, Some(Standing::Open));
    let late = store.set_password(&finishing("hash-1", 900)).await.unwrap();
    assert!(late.is_none());
    let set = store.set_password(&finishing("hash-1", 10)).await.unwrap();
    assert!(set.is_some());
    assert_eq!(standing(&*store, 1, 10).await, Some(Standing::Used));
    let again = store.set_password(&finishing("new hash", 11)).await.unwrap();
    assert!(again.is_none(), "the hash fits, and the ceremony was used");
}
