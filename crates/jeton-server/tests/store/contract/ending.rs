//! Ending sessions, and the revocations that follow.

use crate::prelude::*;

pub(crate) async fn ending_one_or_the_others_revokes_those_sessions(database: Database) {
    let store = database.open().await;
    let [first, second, foreign] = populated(&*store).await;
    let Ended {
        sessions,
        revocations: ended,
        ..
    } = store
        .end_sessions(&ending(1, Which::AllBut(first.id)))
        .await
        .unwrap();
    assert_eq!((sessions, ended), (1, vec![revocation_of(&second)]));
    assert_eq!(live(&*store, 1).await, [first.id]);
    let again = store
        .end_sessions(&ending(1, Which::One(second.id)))
        .await
        .unwrap();
    assert_eq!(
        (again.sessions, again.revocations.len()),
        (0, 0),
        "it had ended already"
    );
    store
        .end_sessions(&ending(1, Which::One(first.id)))
        .await
        .unwrap();
    assert!(live(&*store, 1).await.is_empty());
    assert_eq!(live(&*store, 2).await, [foreign.id]);
    assert_eq!(
        revocations(&*store).await,
        [revocation_of(&second), revocation_of(&first)]
    );
}

pub(crate) async fn ending_all_raises_the_version(database: Database) {
    let store = database.open().await;
    populated(&*store).await;
    let ended = store.end_sessions(&ending(1, Which::All)).await.unwrap();
    let target = Target::User {
        id: user_id(1),
        below: UserVersion(1),
    };
    let revocation = Revocation {
        target,
        until: at(1).plus(ACCEPTED_FOR),
    };
    assert_eq!((ended.sessions, ended.revocations), (2, vec![revocation]));
    assert_eq!(
        store.user(user_id(1)).await.unwrap().unwrap().version,
        UserVersion(1)
    );
    assert_eq!(
        store.user(user_id(2)).await.unwrap().unwrap().version,
        UserVersion(0)
    );
    assert!(live(&*store, 1).await.is_empty());
    assert_eq!(live(&*store, 2).await.len(), 1);
}

pub(crate) async fn nobody_ends_somebody_elses_session(database: Database) {
    let store = database.open().await;
    let [.., foreign] = populated(&*store).await;
    let ended = store
        .end_sessions(&ending(1, Which::One(foreign.id)))
        .await
        .unwrap();
    assert_eq!((ended.sessions, ended.revocations.len()), (0, 0));
    assert_eq!(live(&*store, 2).await, [foreign.id]);
}

pub(crate) async fn an_expired_session_does_not_end_again(database: Database) {
    let store = database.open().await;
    let [first, ..] = populated(&*store).await;
    let expired = Ending {
        now: first.expires_at,
        ..ending(1, Which::One(first.id))
    };
    let ended = store.end_sessions(&expired).await.unwrap();
    assert_eq!((ended.sessions, ended.revocations.len()), (0, 0));
    // Where access tokens outlive their session, they are revoked all the same.
    database
        .sql("UPDATE sessions SET expires_at = created_at + 1")
        .await;
    let expired = ending(1, Which::One(first.id));
    let ended = store.end_sessions(&expired).await.unwrap();
    assert_eq!(
        (ended.sessions, ended.revocations),
        (0, vec![revocation_of(&first)])
    );
}

pub(crate) async fn revocations_come_in_order_and_leave_when_their_time_is_over(database: Database) {
    let store = database.open().await;
    let [first, second, _] = populated(&*store).await;
    store
        .end_sessions(&ending(1, Which::One(first.id)))
        .await
        .unwrap();
    store
        .end_sessions(&ending(1, Which::One(second.id)))
        .await
        .unwrap();
    let entries = store.revocations_after(0, at(0)).await.unwrap();
    assert_eq!(
        entries.iter().map(|entry| entry.revocation).collect::<Vec<_>>(),
        [revocation_of(&first), revocation_of(&second)]
    );
    assert!(entries[0].number < entries[1].number);
    let rest = store.revocations_after(entries[0].number, at(0)).await.unwrap();
    assert_eq!(rest, entries[1..]);
    let over = at(1).plus(ACCEPTED_FOR);
    assert!(store.revocations_after(0, over).await.unwrap().is_empty());
    assert_eq!(store.prune(at(0)).await.unwrap(), 0, "nothing is over yet");
    assert_eq!(store.prune(over).await.unwrap(), 2);
    assert!(
        store.session(first.id).await.unwrap().is_some(),
        "an ended session stays to its absolute end"
    );
    assert_eq!(store.prune(at(1).plus(4 * WEEK)).await.unwrap(), 2);
    assert!(store.session(first.id).await.unwrap().is_none());
}
