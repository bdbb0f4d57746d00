//! The trail: everything leaves an event, and what changed nothing leaves none.

use crate::prelude::*;

pub(super) async fn actions(store: &dyn Store) -> Vec<String> {
    let events = store.events_after(0, 1000).await.unwrap();
    assert!(events.is_sorted_by_key(|event| event.number));
    events.into_iter().map(|event| event.action).collect()
}

pub(crate) async fn what_happens_is_recorded_with_its_cause(database: Database) {
    let store = database.open().await;
    let account = create(&*store, 1, "Romel").await;
    let session = session(1, 1, 0);
    open_session(&*store, &account, &session).await;
    for (generation, now) in [(0, 1), (0, 2), (1, 3), (0, 4)] {
        store
            .rotate_session(&present(&session, generation), &rules(now))
            .await
            .unwrap();
    }
    store.end_sessions(&ending(1, Which::All)).await.unwrap();
    assert_eq!(
        actions(&*store).await,
        [
            "user.registered",
            "login.succeeded",
            "session.refreshed",
            "session.replayed",
            "session.refreshed",
            "session.reused",
            "session.ended",
        ]
    );
    let events = store.events_after(1, 2).await.unwrap();
    assert_eq!(events.len(), 2, "at most as many as asked for");
    let refreshed = &events[1];
    assert_eq!(
        (refreshed.user, refreshed.session),
        (Some(user_id(1)), Some(session.id))
    );
    assert_eq!(refreshed.at, at(1));
    assert_eq!(refreshed.detail, r#"{"generation":1}"#);
}

pub(crate) async fn what_changes_nothing_is_not_recorded(database: Database) {
    let store = database.open().await;
    let [first, ..] = populated(&*store).await;
    let before = actions(&*store).await;
    let again = account(9, "romel");
    store.create_user(&again, &registered(&again)).await.unwrap();
    let stale = Account {
        password_hash: Some(PasswordHash::new("another".into())),
        ..account(1, "Romel")
    };
    open_session(&*store, &stale, &session(7, 1, 0)).await;
    let forged = Presented::new(first.id, Generation(0), RefreshProof::from_bytes([0; 32]));
    store.rotate_session(&forged, &rules(1)).await.unwrap();
    let foreign = Which::One(SessionId::from_bytes([3; 16]));
    store.end_sessions(&ending(1, foreign)).await.unwrap();
    assert_eq!(actions(&*store).await, before);
}

pub(crate) async fn personal_fields_stand_beside_their_event(database: Database) {
    let store = database.open().await;
    create(&*store, 1, "Romel").await;
    let event = store.events_after(0, 1).await.unwrap().remove(0);
    let (salt, fields) = event.personal.clone().unwrap();
    assert_eq!(fields, r#"{"username":"Romel"}"#);
    assert_eq!(event.commitment, Some(commitment(&salt, &fields)));
    assert!(!format!("{} {:?}", event.detail, event.actor).contains("Romel"));
}
