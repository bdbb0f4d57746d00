//! Exchanging refresh tokens.

use jeton_server::model::session::REFRESHES_AT_ONCE;

use crate::prelude::*;

pub(crate) async fn the_current_token_moves_its_session_on(database: Database) {
    let store = database.open().await;
    let [session, ..] = populated(&*store).await;
    let Rotation::Rotated(rotated) = store
        .rotate_session(&present(&session, 0), &rules(60))
        .await
        .unwrap()
    else {
        panic!("not rotated")
    };
    let (moved, user) = *rotated;
    assert_eq!((moved.id, moved.generation), (session.id, Generation(1)));
    assert_eq!(
        (moved.rotated_at, moved.last_seen_at, moved.expires_at),
        (at(60), at(60), at(60).plus(WEEK))
    );
    assert_eq!(moved.ends_at, session.ends_at);
    assert_eq!(user.id, user_id(1));
    let read = store.session(session.id).await.unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{moved:?}"));
}

pub(crate) async fn the_token_before_gives_the_identical_successor_within_the_grace_time(database: Database) {
    let store = database.open().await;
    let [session, ..] = populated(&*store).await;
    let Rotation::Rotated(first) = store
        .rotate_session(&present(&session, 0), &rules(60))
        .await
        .unwrap()
    else {
        panic!("not rotated")
    };
    let Rotation::Replayed(again) = store
        .rotate_session(&present(&session, 0), &rules(89))
        .await
        .unwrap()
    else {
        panic!("not replayed")
    };
    let (again, first) = (&again.0, &first.0);
    assert_eq!(
        (again.generation, again.rotated_at, again.expires_at),
        (first.generation, first.rotated_at, first.expires_at)
    );
    // An access token goes with it that lives longer than the first.
    assert_eq!(again.accepted_until, at(89).plus(ACCEPTED_FOR));
    let row = store.session(session.id).await.unwrap().unwrap();
    assert_eq!((row.accepted_until, row.replays), (again.accepted_until, 1));
    let late = store
        .rotate_session(&present(&session, 0), &rules(90))
        .await
        .unwrap();
    assert!(
        matches!(late, Rotation::Refused(RotationRefusal::Reused(entry)) if entry == revocation_after(&session, at(89)))
    );
}

pub(crate) async fn a_superseded_token_ends_its_session_and_no_other(database: Database) {
    let store = database.open().await;
    let [session, other, _] = populated(&*store).await;
    for generation in [0, 1] {
        let moved = store
            .rotate_session(&present(&session, generation), &rules(2))
            .await
            .unwrap();
        assert!(matches!(moved, Rotation::Rotated(_)));
    }
    let reused = store
        .rotate_session(&present(&session, 0), &rules(3))
        .await
        .unwrap();
    assert!(
        matches!(reused, Rotation::Refused(RotationRefusal::Reused(_))),
        "{reused:?}"
    );
    assert_eq!(live(&*store, 1).await, [other.id]);
    assert_eq!(revocations(&*store).await, [revocation_after(&session, at(2))]);
    let ended = store.session(session.id).await.unwrap().unwrap().ended;
    assert_eq!(ended, Some(EndReason::Reuse));
    let current = store
        .rotate_session(&present(&session, 2), &rules(4))
        .await
        .unwrap();
    assert!(matches!(current, Rotation::Refused(RotationRefusal::Ended)));
}

pub(crate) async fn a_token_newer_than_the_row_ends_the_session(database: Database) {
    let store = database.open().await;
    let [session, other, _] = populated(&*store).await;
    let refused = store
        .rotate_session(&present(&session, 7), &rules(2))
        .await
        .unwrap();
    assert!(
        matches!(refused, Rotation::Refused(RotationRefusal::AheadOfRow(entry)) if entry == revocation_of(&session))
    );
    assert_eq!(live(&*store, 1).await, [other.id]);
}

pub(crate) async fn a_forged_proof_changes_nothing(database: Database) {
    let store = database.open().await;
    let [session, other, _] = populated(&*store).await;
    let forgeries = [
        (session.id, 0, RefreshProof::from_bytes([0; 32])),
        (session.id, 0, other.proof(Generation(0))),
        (session.id, 0, session.proof(Generation(1))),
        (session.id, 9, session.proof(Generation(0))),
        (SessionId::from_bytes([99; 16]), 0, session.proof(Generation(0))),
    ];
    for (id, generation, proof) in forgeries {
        let forged = Presented::new(id, Generation(generation), proof);
        let refused = store.rotate_session(&forged, &rules(2)).await.unwrap();
        assert!(
            matches!(refused, Rotation::Refused(RotationRefusal::Unknown)),
            "{refused:?}"
        );
    }
    let unchanged = store.session(session.id).await.unwrap().unwrap();
    assert_eq!(format!("{unchanged:?}"), format!("{session:?}"));
    assert!(revocations(&*store).await.is_empty());
}

pub(crate) async fn a_revocation_outlives_every_token_whatever_the_lifetimes_were(database: Database) {
    let store = database.open().await;
    let [session, ..] = populated(&*store).await;
    let shorter = RotationRules {
        accepted_for: Duration::from_mins(1),
        ..rules(100)
    };
    let rotated = store
        .rotate_session(&present(&session, 0), &shorter)
        .await
        .unwrap();
    assert!(matches!(rotated, Rotation::Rotated(_)));
    let ended = store
        .end_sessions(&ending(1, Which::One(session.id)))
        .await
        .unwrap();
    assert_eq!(
        ended.revocations,
        [revocation_of(&session)],
        "the first access token lives longest"
    );
}

pub(crate) async fn replays_are_counted_in_the_row_recorded_once_and_limited(database: Database) {
    let store = database.open().await;
    let [session, ..] = populated(&*store).await;
    let rotate = async |generation, now| {
        let (presented, rules) = (present(&session, generation), rules(now));
        store.rotate_session(&presented, &rules).await.unwrap()
    };
    assert!(matches!(rotate(0, 5).await, Rotation::Rotated(_)));
    database
        .sql(&format!(
            "UPDATE sessions SET replays = {} WHERE created_at = {}",
            REFRESHES_AT_ONCE - 2,
            session.created_at.seconds()
        ))
        .await;
    for now in [5, 5, 6] {
        assert!(matches!(rotate(0, now).await, Rotation::Replayed(_)));
    }
    let before = store.session(session.id).await.unwrap().unwrap();
    let refused = rotate(0, 6).await;
    assert!(
        matches!(refused, Rotation::Refused(RotationRefusal::TooOften)),
        "{refused:?}"
    );
    let after = store.session(session.id).await.unwrap().unwrap();
    assert_eq!(format!("{after:?}"), format!("{before:?}"));
    assert!(matches!(rotate(1, 6).await, Rotation::Rotated(_)));
    assert_eq!(store.session(session.id).await.unwrap().unwrap().replays, 0);
    assert!(matches!(rotate(1, 6).await, Rotation::Replayed(_)));
    assert!(matches!(rotate(1, 6).await, Rotation::Replayed(_)));
    store
        .end_sessions(&ending(1, Which::One(session.id)))
        .await
        .unwrap();
    let events = store.events_after(5, 100).await.unwrap();
    let told: Vec<_> = events
        .iter()
        .map(|event| format!("{} {}", event.action, event.detail))
        .collect();
    assert_eq!(
        told,
        [
            r#"session.refreshed {"generation":1}"#,
            r#"session.refreshed {"generation":2,"replays":301}"#,
            r#"session.replayed {"generation":2}"#,
            r#"session.ended {"reason":"logout","replays":2,"sessions":1}"#,
        ]
    );
}

pub(crate) async fn a_session_moves_on_only_so_often(database: Database) {
    let store = database.open().await;
    let [session, ..] = populated(&*store).await;
    let full = i64::from(REFRESHES_AT_ONCE);
    database
        .sql(&format!("UPDATE sessions SET rested_at = {}", START + full + 5))
        .await;
    let rotate = async |rules: RotationRules| {
        let presented = present(&session, 0);
        store.rotate_session(&presented, &rules).await.unwrap()
    };
    let refused = rotate(rules(5)).await;
    assert!(
        matches!(refused, Rotation::Refused(RotationRefusal::TooOften)),
        "{refused:?}"
    );
    let unlimited = RotationRules {
        limited: false,
        ..rules(5)
    };
    for rules in [rules(6), unlimited] {
        let Rotation::Rotated(moved) = rotate(rules).await else {
            panic!("not rotated")
        };
        assert_eq!(moved.0.generation, Generation(1));
        assert!(moved.0.rested_at <= at(full + 6));
        database.sql("UPDATE sessions SET generation = 0").await;
    }
}

pub(crate) async fn an_expired_session_does_not_move_on(database: Database) {
    let store = database.open().await;
    let [session, ..] = populated(&*store).await;
    let week = 7 * 24 * 3600;
    let refused = store
        .rotate_session(&present(&session, 0), &rules(week))
        .await
        .unwrap();
    assert!(
        matches!(refused, Rotation::Refused(RotationRefusal::Expired)),
        "{refused:?}"
    );
    assert!(matches!(
        store
            .rotate_session(&present(&session, 0), &rules(week - 1))
            .await
            .unwrap(),
        Rotation::Rotated(_)
    ));
}

pub(crate) async fn the_expiry_slides_up_to_the_absolute_end(database: Database) {
    let store = database.open().await;
    let [session, ..] = populated(&*store).await;
    let day = 24 * 3600;
    for generation in 0..5 {
        let now = (generation + 1) * 5 * day;
        let rotation = store
            .rotate_session(&present(&session, generation), &rules(now))
            .await
            .unwrap();
        let Rotation::Rotated(rotated) = rotation else {
            panic!("{rotation:?}")
        };
        assert_eq!(rotated.0.expires_at, at(now).plus(WEEK).min(session.ends_at));
    }
    let refused = store
        .rotate_session(&present(&session, 5), &rules(28 * day))
        .await
        .unwrap();
    assert!(matches!(refused, Rotation::Refused(RotationRefusal::Expired)));
}

pub(crate) async fn two_that_race_move_the_session_on_once(database: Database) {
    let store = database.open().await;
    let [session, ..] = populated(&*store).await;
    let racers = (0..50).map(|_| {
        let (store, presented) = (Arc::clone(&store), present(&session, 0));
        tokio::spawn(async move { store.rotate_session(&presented, &rules(5)).await.unwrap() })
    });
    let (mut rotated, mut replayed) = (0, 0);
    for racer in racers.collect::<Vec<_>>() {
        match racer.await.unwrap() {
            Rotation::Rotated(_) => rotated += 1,
            Rotation::Replayed(_) => replayed += 1,
            Rotation::Refused(refusal) => panic!("{refusal:?}"),
        }
    }
    assert_eq!((rotated, replayed), (1, 49));
    assert_eq!(
        store.session(session.id).await.unwrap().unwrap().generation,
        Generation(1)
    );
}

/// Refreshes that come at once are written together; what is wrong with one must not reach the others.
pub(crate) async fn a_row_that_cannot_be_read_is_the_trouble_of_its_own_request(database: Database) {
    let store = database.open().await;
    let [first, second, third] = populated(&*store).await;
    database
        .sql(&format!(
            "UPDATE sessions SET end_reason = 'whim' WHERE created_at = {}",
            second.created_at.seconds()
        ))
        .await;
    let racers = (0..30).map(|turn| {
        let session = [&first, &second, &third][turn % 3];
        let (store, presented) = (Arc::clone(&store), present(session, 0));
        tokio::spawn(async move { store.rotate_session(&presented, &rules(5)).await })
    });
    for (turn, racer) in racers.collect::<Vec<_>>().into_iter().enumerate() {
        let rotation = racer.await.unwrap();
        assert_eq!(rotation.is_err(), turn % 3 == 1, "{rotation:?}");
    }
    for session in [&first, &third] {
        let read = store.session(session.id).await.unwrap().unwrap();
        assert_eq!(read.generation, Generation(1));
    }
}
