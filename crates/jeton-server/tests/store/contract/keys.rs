//! The keys, what may be done to them, and the sessions that hang on them.

use crate::prelude::*;

pub(crate) async fn the_first_key_is_made_once(database: Database) {
    let store = database.open().await;
    for (kid, purpose) in [
        ("a", Purpose::Access),
        ("b", Purpose::Access),
        ("c", Purpose::Refresh),
    ] {
        first_key(&*store, kid, purpose).await;
    }
    let mut stored = store.keys().await.unwrap();
    stored.sort_by(|one, other| one.kid.cmp(&other.kid));
    assert_eq!(stored, [key("a", Purpose::Access), key("c", Purpose::Refresh)]);
}

pub(crate) async fn a_key_reads_back_as_it_was_written(database: Database) {
    let store = database.open().await;
    first_key(&*store, "old", Purpose::Access).await;
    let changes = store
        .change_keys(&rotate_to("new", Purpose::Access, 5))
        .await
        .unwrap()
        .unwrap();
    let old = SealedKey {
        accepted_until: Some(at(5 + 60 + 3600 + 10)),
        ..key("old", Purpose::Access)
    };
    let new = SealedKey {
        created_at: at(5),
        signs_from: at(65),
        ..key("new", Purpose::Access)
    };
    assert_eq!(
        store.keys().await.unwrap(),
        [new.clone(), old.clone()],
        "the newest first"
    );
    assert_eq!((changes.added, changes.changed), (vec![new], vec![old]));
}

pub(crate) async fn what_is_refused_changes_no_key(database: Database) {
    let store = database.open().await;
    let nothing = store
        .change_keys(&rotate_to("new", Purpose::Access, 5))
        .await
        .unwrap();
    assert_eq!(nothing.unwrap_err(), Refusal::NoKeys);
    first_key(&*store, "only", Purpose::Access).await;
    let retire = KeyAct::Retire {
        kid: "only".into(),
        by: Actor::CommandLine,
        now: at(5),
    };
    let refused = store.change_keys(&retire).await.unwrap();
    assert_eq!(refused.unwrap_err(), Refusal::Signs("only".into()));
    assert_eq!(store.keys().await.unwrap(), [key("only", Purpose::Access)]);
    assert_eq!(store.events_after(0, 10).await.unwrap().len(), 1, "its making");
}

pub(crate) async fn keys_are_erased_and_deleted(database: Database) {
    let store = database.open().await;
    first_key(&*store, "old", Purpose::Access).await;
    let change = async |act| store.change_keys(&act).await.unwrap().unwrap();
    change(rotate_to("new", Purpose::Access, 5)).await;
    let clear = |now| KeyAct::Clear {
        unused: Vec::new(),
        now: at(now),
    };
    change(clear(86_400)).await;
    let old = store.keys().await.unwrap().pop().unwrap();
    assert_eq!((&*old.kid, &old.sealed[..]), ("old", &[][..]));
    change(clear(100 * 86_400)).await;
    let left = store.keys().await.unwrap();
    assert_eq!(left.iter().map(|key| &*key.kid).collect::<Vec<_>>(), ["new"]);
}

pub(crate) async fn what_is_done_to_keys_is_recorded_with_it(database: Database) {
    let store = database.open().await;
    first_key(&*store, "old", Purpose::Access).await;
    let change = async |act| store.change_keys(&act).await.unwrap().unwrap();
    change(rotate_to("new", Purpose::Access, 5)).await;
    change(KeyAct::Retire {
        kid: "old".into(),
        by: Actor::CommandLine,
        now: at(100),
    })
    .await;
    let events = store.events_after(0, 10).await.unwrap();
    let told: Vec<_> = events
        .iter()
        .map(|event| (&*event.action, event.actor.as_deref()))
        .collect();
    let by = Some("command-line");
    assert_eq!(
        told,
        [("key.made", None), ("key.rotated", by), ("key.retired", by)]
    );
    assert!(
        events[1].detail.contains("\"kid\":\"new\"") && events[1].detail.contains("\"replaces\":\"old\""),
        "{}",
        events[1].detail
    );
}

pub(crate) async fn of_two_that_rotate_at_once_the_second_is_told(database: Database) {
    let (one, other) = (database.open().await, database.open().await);
    first_key(&*one, "first", Purpose::Access).await;
    let (a, b) = (
        rotate_to("a", Purpose::Access, 5),
        rotate_to("b", Purpose::Access, 5),
    );
    let outcomes = tokio::join!(one.change_keys(&a), other.change_keys(&b));
    let made = [outcomes.0.unwrap(), outcomes.1.unwrap()];
    assert_eq!(made.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let refused = made.into_iter().find_map(Result::err).unwrap();
    assert!(matches!(refused, Refusal::Pending { .. }), "{refused:?}");
    assert_eq!(one.keys().await.unwrap().len(), 2);
}

pub(crate) async fn live_sessions_are_found_by_their_key_in_pages(database: Database) {
    let store = database.open().await;
    let [first, second, foreign] = populated(&*store).await;
    store
        .end_sessions(&ending(1, Which::One(second.id)))
        .await
        .unwrap();
    let under = async |kid: &str, after, limit, now| {
        let found = store
            .live_sessions_under(kid, after, limit, at(now))
            .await
            .unwrap();
        found.iter().map(|(session, _)| *session).collect::<Vec<_>>()
    };
    assert_eq!(under("refresh-1", None, 10, 5).await, [first.id, foreign.id]);
    assert_eq!(under("refresh-1", None, 1, 5).await, [first.id]);
    assert_eq!(under("refresh-1", Some(first.id), 1, 5).await, [foreign.id]);
    assert!(under("refresh-1", Some(foreign.id), 1, 5).await.is_empty());
    assert!(under("refresh-2", None, 10, 5).await.is_empty());
    let over = i64::try_from(WEEK.as_secs()).unwrap() + 10;
    assert!(under("refresh-1", None, 10, over).await.is_empty());
}

/// Whichever node moved it on: the row says which key signs its token.
pub(crate) async fn a_session_that_moves_on_takes_the_key_that_signs(database: Database) {
    let store = database.open().await;
    let [session, ..] = populated(&*store).await;
    let later = RotationRules {
        refresh_key: "refresh-2".into(),
        ..rules(5)
    };
    let rotation = store.rotate_session(&present(&session, 0), &later).await.unwrap();
    assert!(matches!(rotation, Rotation::Rotated(both) if both.0.refresh_key == "refresh-2"));
    // A node that has not heard of the new key, and gives the same token again.
    let again = store
        .rotate_session(&present(&session, 0), &rules(6))
        .await
        .unwrap();
    assert!(matches!(again, Rotation::Replayed(both) if both.0.refresh_key == "refresh-2"));
    let row = store.session(session.id).await.unwrap().unwrap();
    assert_eq!((row.generation, &*row.refresh_key), (Generation(1), "refresh-2"));
}
