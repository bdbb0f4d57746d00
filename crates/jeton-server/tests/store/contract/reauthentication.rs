//! Passwords given again in a session.

use super::audit::actions;
use crate::prelude::*;

fn again(session: &Session, hash: &str, now: i64) -> Reauthentication {
    Reauthentication {
        user: session.user_id,
        session: session.id,
        checked: PasswordHash::new(hash.into()),
        forgives: None,
        event: Event::new(Action::SignedInAgain, at(now))
            .user(session.user_id)
            .session(session.id),
    }
}

async fn proved_at(store: &dyn Store, session: &Session) -> Timestamp {
    let row = store.session(session.id).await.unwrap().unwrap();
    row.authenticated_at
}

pub(crate) async fn a_session_knows_when_its_user_last_proved_who_they_are(database: Database) {
    let store = database.open().await;
    let [first, second, _] = populated(&*store).await;
    assert_eq!(proved_at(&*store, &first).await, at(0));
    let again = store.reauthenticate(&again(&first, "hash-1", 50)).await.unwrap();
    let Reauthenticated::Done(session) = again else {
        panic!("{again:?}")
    };
    assert_eq!(
        (session.id, session.authenticated_at, session.created_at),
        (first.id, at(50), at(0))
    );
    assert_eq!(proved_at(&*store, &second).await, second.created_at);
    let moved = store
        .rotate_session(&present(&first, 0), &rules(60))
        .await
        .unwrap();
    let Rotation::Rotated(both) = moved else {
        panic!("{moved:?}")
    };
    assert_eq!(both.0.authenticated_at, at(50));
    assert_eq!(
        proved_at(&*store, &first).await,
        at(50),
        "a refresh proves nobody"
    );
    let event = store.events_after(0, 100).await.unwrap();
    let event = event.iter().find(|event| event.action == "login.again").unwrap();
    assert_eq!((event.user, event.session), (Some(user_id(1)), Some(first.id)));
    // An event of the same second is not taken for its end.
    let end = Ending {
        now: at(50),
        ..ending(1, Which::All)
    };
    store.end_sessions(&end).await.unwrap();
    let cause = store.ending_event(first.id).await.unwrap().unwrap();
    assert_eq!(cause.action, "session.ended");
}

pub(crate) async fn only_the_user_of_a_live_session_proves_it_again(database: Database) {
    let store = database.open().await;
    let [first, second, foreign] = populated(&*store).await;
    let ended = Which::One(second.id);
    store.end_sessions(&ending(1, ended)).await.unwrap();
    let before = actions(&*store).await;
    let not_theirs = Reauthentication {
        user: user_id(1),
        ..again(&foreign, "hash-1", 50)
    };
    let expired = again(&first, "hash-1", i64::try_from(WEEK.as_secs()).unwrap());
    for refused in [again(&second, "hash-1", 50), not_theirs, expired] {
        let outcome = store.reauthenticate(&refused).await.unwrap();
        assert!(matches!(outcome, Reauthenticated::SessionOver), "{refused:?}");
    }
    let nobody = Reauthentication {
        user: user_id(9),
        ..again(&first, "hash-1", 50)
    };
    for refused in [again(&first, "hash-2", 50), nobody] {
        let outcome = store.reauthenticate(&refused).await.unwrap();
        assert!(matches!(outcome, Reauthenticated::AccountChanged), "{refused:?}");
    }
    assert_eq!(proved_at(&*store, &first).await, first.created_at);
    assert_eq!(proved_at(&*store, &foreign).await, foreign.created_at);
    assert_eq!(actions(&*store).await, before);
}

pub(crate) async fn a_session_of_the_version_before_was_proved_at_its_beginning(database: Database) {
    let store = database.open().await;
    let [_, second, _] = populated(&*store).await;
    database.sql("UPDATE sessions SET authenticated_at = NULL").await;
    assert_eq!(proved_at(&*store, &second).await, second.created_at);
    let live = store.live_sessions(user_id(1), at(10)).await.unwrap();
    assert!(
        live.iter()
            .all(|session| session.authenticated_at == session.created_at)
    );
}
