//! The chain over the trail: whatever was changed behind the service's back shows, and what may go may go.

use jeton_server::{
    model::audit::Head,
    service::audit::{self, Flaw, Report, VerifyError},
    store::Wanted,
};

use crate::prelude::*;

pub(super) async fn verify(store: &dyn Store, expected: &[Head]) -> Result<Report, Flaw> {
    match audit::verify(store, &chain(), expected, &mut |_, _| {}).await {
        Ok(report) => Ok(report),
        Err(VerifyError::Flaw(flaw)) => Err(flaw),
        Err(error) => panic!("{error}"),
    }
}

pub(super) async fn record(store: &dyn Store, now: i64) {
    let event = Event::new(Action::UserUnlocked, at(now)).user(user_id(1));
    store.record(&event).await.unwrap();
}

/// Three events, each under a seal of its own.
pub(super) async fn three_seals(store: &dyn Store, keeper: &Keeper) {
    for now in [1, 2, 3] {
        record(store, now).await;
        assert_eq!(keeper.seal(store, at(now)).await.unwrap(), 1);
    }
    assert_eq!(keeper.alarms(), 0);
}

/// Five events under a first seal, two under a second, and one that is not sealed. Two have personal fields.
async fn sealed(store: &dyn Store) -> [Session; 3] {
    let sessions = populated(store).await;
    assert_eq!(seal(store, 10).await, 5);
    for (generation, now) in [(0, 11), (1, 12)] {
        let presented = present(&sessions[0], generation);
        store.rotate_session(&presented, &rules(now)).await.unwrap();
    }
    assert_eq!(seal(store, 20).await, 2);
    store
        .end_sessions(&ending(2, Which::One(sessions[2].id)))
        .await
        .unwrap();
    sessions
}

pub(crate) async fn a_trail_nobody_touched_verifies(database: Database) {
    let store = database.open().await;
    assert_eq!(verify(&*store, &[]).await, Ok(Report::default()));
    assert_eq!(seal(&*store, 0).await, 0, "there is nothing to seal");
    sealed(&*store).await;
    let head = store.last_seal().await.unwrap().map(|seal| seal.head());
    let report = Report {
        seals: 2,
        events: 7,
        unsealed: 1,
        head,
        ..Report::default()
    };
    assert_eq!(verify(&*store, &[]).await, Ok(report));
    assert_eq!(store.unsealed_events().await.unwrap(), 1);
    assert_eq!(seal(&*store, 30).await, 1);
    assert_eq!(verify(&*store, head.as_slice()).await.unwrap().unsealed, 0);
}

pub(crate) async fn a_batch_that_is_full_is_followed_by_another(database: Database) {
    let store = database.open().await;
    for second in 0..1001 {
        let event = Event::new(Action::Refreshed, at(second)).user(user_id(1));
        store.record(&event).await.unwrap();
    }
    assert_eq!(seal(&*store, 2000).await, 1001);
    let seals = store.seals_after(0, 10).await.unwrap();
    assert_eq!(
        seals.iter().map(|seal| seal.events).collect::<Vec<_>>(),
        [1000, 1]
    );
    assert_eq!(store.seals_after(1, 10).await.unwrap(), seals[1..]);
    let mut told = Vec::new();
    audit::verify(&*store, &chain(), &[], &mut |done, total| {
        told.push((done, total));
    })
    .await
    .unwrap();
    assert_eq!(told, [(1, 2), (2, 2)]);
}

pub(crate) async fn whatever_was_changed_in_the_trail_shows(database: Database) {
    const TABLES: [&str; 4] = ["audit", "audit_personal", "audit_seals", "audit_marks"];
    let store = database.open().await;
    sealed(&*store).await;
    for table in TABLES {
        database
            .sql(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"))
            .await;
    }
    for (tampering, flaw) in tamperings() {
        database.sql(tampering).await;
        assert_eq!(verify(&*store, &[]).await, Err(flaw), "{tampering}");
        for table in TABLES.iter().rev() {
            database.sql(&format!("DELETE FROM {table}")).await;
        }
        for table in TABLES {
            database
                .sql(&format!("INSERT INTO {table} SELECT * FROM kept_{table}"))
                .await;
        }
        assert!(
            verify(&*store, &[]).await.is_ok(),
            "what was restored is as it was"
        );
    }
}

pub(crate) async fn a_chain_of_another_key_does_not_verify(database: Database) {
    let store = database.open().await;
    sealed(&*store).await;
    let other = Chain::new(&MasterKey::new([6; 32])).unwrap();
    let outcome = audit::verify(&*store, &other, &[], &mut |_, _| {}).await;
    assert!(matches!(outcome, Err(VerifyError::Flaw(Flaw::SealChanged(1)))));
}

pub(crate) async fn a_head_kept_elsewhere_shows_what_was_cut_off(database: Database) {
    let store = database.open().await;
    sealed(&*store).await;
    let head = verify(&*store, &[]).await.unwrap().head.unwrap();
    seal(&*store, 30).await;
    assert!(verify(&*store, &[head]).await.is_ok(), "the chain has only grown");
    database
        .sql("DELETE FROM audit_seals WHERE position > 1; DELETE FROM audit WHERE number > 5")
        .await;
    assert!(verify(&*store, &[]).await.is_ok(), "by itself it looks whole");
    assert_eq!(verify(&*store, &[head]).await, Err(Flaw::CutOff(2)));
    store
        .record(&Event::new(Action::UserUnlocked, at(40)))
        .await
        .unwrap();
    seal(&*store, 40).await;
    assert_eq!(verify(&*store, &[head]).await, Err(Flaw::OtherChain(2)));
}

pub(crate) async fn erasing_a_persons_fields_keeps_the_chain(database: Database) {
    let store = database.open().await;
    sealed(&*store).await;
    let head = verify(&*store, &[]).await.unwrap().head;
    let deleting = AdminAction {
        user: user_id(1),
        by: Actor::User(user_id(2)),
        now: at(25),
        may_take_last_admin: false,
    };
    assert!(matches!(
        store.delete_user(&deleting).await.unwrap(),
        Acted::Done(..)
    ));
    let report = verify(&*store, head.as_slice()).await.unwrap();
    assert_eq!((report.events, report.erased), (7, 1));
    database.sql("DELETE FROM audit_personal WHERE number = 2").await;
    assert_eq!(
        verify(&*store, head.as_slice()).await,
        Err(Flaw::Erased(2)),
        "nobody was deleted who would explain it"
    );
}

pub(crate) async fn events_whose_time_is_over_go_and_their_last_seal_stays(database: Database) {
    let store = database.open().await;
    sealed(&*store).await;
    let head = verify(&*store, &[]).await.unwrap().head;
    let keeper = Keeper::new(chain());
    assert_eq!(keeper.give_up(&*store, at(10), at(21)).await.unwrap(), 0);
    assert_eq!(keeper.give_up(&*store, at(20), at(21)).await.unwrap(), 5);
    assert_eq!(store.events_after(0, 1).await.unwrap()[0].number, 6);
    let report = verify(&*store, head.as_slice()).await.unwrap();
    assert_eq!((report.seals, report.events, report.forgotten), (2, 2, 5));
    assert_eq!(keeper.give_up(&*store, at(1000), at(1000)).await.unwrap(), 2);
    assert_eq!(keeper.alarms(), 0);
    assert_eq!(seal(&*store, 1000).await, 1, "what no seal covers is kept");
    let report = verify(&*store, head.as_slice()).await.unwrap();
    assert_eq!((report.seals, report.events, report.forgotten), (2, 1, 7));
    database
        .sql("INSERT INTO audit (number, at, action) VALUES (2, 0, 'user.unlocked')")
        .await;
    assert_eq!(verify(&*store, head.as_slice()).await, Err(Flaw::Unproven(2)));
}

pub(crate) async fn two_that_seal_at_once_make_one_chain(database: Database) {
    let (one, other) = (database.open().await, database.open().await);
    let account = create(&*one, 1, "Romel").await;
    for round in 0..20 {
        open_session(&*one, &account, &session(round, 1, i64::from(round))).await;
        let (first, second) = tokio::join!(seal(&*one, 100), seal(&*other, 100));
        assert_eq!(first + second, if round == 0 { 2 } else { 1 });
    }
    let report = verify(&*one, &[]).await.unwrap();
    assert_eq!((report.seals, report.events), (20, 21));
}

pub(crate) async fn a_seal_has_its_place_at_the_end_alone(database: Database) {
    let store = database.open().await;
    sealed(&*store).await;
    let last = store.last_seal().await.unwrap().unwrap();
    for position in [last.position, last.position + 2, 0] {
        let elsewhere = jeton_server::model::audit::Seal {
            position,
            ..last.clone()
        };
        assert!(!store.add_seal(&elsewhere).await.unwrap(), "{position}");
    }
    assert_eq!(store.last_seal().await.unwrap(), Some(last));
}

pub(crate) async fn events_are_found_by_what_they_are_about(database: Database) {
    let store = database.open().await;
    let [first, ..] = sealed(&*store).await;
    let found = async |wanted: Wanted| {
        let events = store.events(&wanted).await.unwrap();
        events.iter().map(|event| event.number).collect::<Vec<_>>()
    };
    let wanted = || Wanted {
        limit: 100,
        ..Wanted::default()
    };
    assert_eq!(found(wanted()).await, [8, 7, 6, 5, 4, 3, 2, 1]);
    let user = Some(user_id(2));
    assert_eq!(found(Wanted { user, ..wanted() }).await, [8, 5, 2]);
    let session = Some(first.id);
    assert_eq!(found(Wanted { session, ..wanted() }).await, [7, 6, 3]);
    let action = Some(Action::SignedIn);
    assert_eq!(found(Wanted { action, ..wanted() }).await, [5, 4, 3]);
    let since = Some(at(12));
    assert_eq!(found(Wanted { since, ..wanted() }).await, [7]);
    let until = since;
    assert_eq!(found(Wanted { until, ..wanted() }).await, [8, 6, 5, 4, 3, 2, 1]);
    let page = Wanted {
        user: Some(user_id(1)),
        before: Some(7),
        limit: 2,
        ..Wanted::default()
    };
    assert_eq!(found(page).await, [6, 4]);
    assert!(store.events(&wanted()).await.unwrap()[7].personal.is_some());
}

/// What somebody who holds the database might do, and what has to be said of it.
fn tamperings() -> impl Iterator<Item = (&'static str, Flaw)> {
    with_events()
        .into_iter()
        .chain(with_what_no_seal_covers_yet())
        .chain(with_what_stands_beside())
}

fn with_events() -> Vec<(&'static str, Flaw)> {
    let events = |position, found| Flaw::Events {
        position,
        first: if position == 1 { 1 } else { 6 },
        last: if position == 1 { 5 } else { 7 },
        sealed: if position == 1 { 5 } else { 2 },
        found,
    };
    vec![
        ("UPDATE audit SET at = at + 1 WHERE number = 3", Flaw::Forged(3)),
        (
            "UPDATE audit SET action = 'login.failed' WHERE number = 3",
            Flaw::Forged(3),
        ),
        (
            "UPDATE audit SET user_id = (SELECT user_id FROM audit WHERE number = 2) WHERE number = 3",
            Flaw::Forged(3),
        ),
        (
            "UPDATE audit SET user_id = NULL WHERE number = 3",
            Flaw::Forged(3),
        ),
        (
            "UPDATE audit SET session_id = NULL WHERE number = 3",
            Flaw::Forged(3),
        ),
        (
            "UPDATE audit SET actor = 'command-line' WHERE number = 3",
            Flaw::Forged(3),
        ),
        (
            "UPDATE audit SET detail = '{\"generation\":2}' WHERE number = 6",
            Flaw::Forged(6),
        ),
        (
            "UPDATE audit SET commitment = NULL WHERE number = 1",
            Flaw::Forged(1),
        ),
        ("UPDATE audit SET mac = NULL WHERE number = 3", Flaw::Unproven(3)),
        ("UPDATE audit SET place = 9 WHERE number = 3", Flaw::Forged(3)),
        ("DELETE FROM audit WHERE number = 1", events(1, 4)),
        ("DELETE FROM audit WHERE number = 7", events(2, 1)),
        ("DELETE FROM audit WHERE number <= 5", events(1, 0)),
        (
            "INSERT INTO audit (number, at, action) VALUES (0, 0, 'user.unlocked')",
            Flaw::Unproven(0),
        ),
        (
            "INSERT INTO audit (number, at, action) VALUES (-9000000000000000000, 0, 'user.unlocked')",
            Flaw::Unproven(-9_000_000_000_000_000_000),
        ),
        (
            "UPDATE audit SET number = -number WHERE number IN (6, 7); \
             UPDATE audit SET number = 13 + number WHERE number < 0",
            events(2, 2),
        ),
    ]
}

fn with_what_no_seal_covers_yet() -> Vec<(&'static str, Flaw)> {
    vec![
        ("UPDATE audit SET at = at + 1 WHERE number = 8", Flaw::Forged(8)),
        (
            "DELETE FROM audit WHERE number = 6",
            Flaw::Events {
                position: 2,
                first: 6,
                last: 7,
                sealed: 2,
                found: 1,
            },
        ),
        (
            "INSERT INTO audit (number, at, action) VALUES (9, 0, 'user.unlocked')",
            Flaw::Unproven(9),
        ),
        (
            "INSERT INTO audit (number, at, action, writer, place, mac) VALUES (9, 0, 'user.unlocked', 1, 1, zeroblob(16))",
            Flaw::Forged(9),
        ),
        (
            "INSERT INTO audit SELECT 9, at, action, user_id, session_id, actor, detail, commitment, writer, place, mac \
             FROM audit WHERE number = 8",
            Flaw::OutOfPlace(9),
        ),
        ("UPDATE audit SET number = 10 WHERE number = 8", Flaw::Gap(10)),
    ]
}

fn with_what_stands_beside() -> Vec<(&'static str, Flaw)> {
    vec![
        ("DELETE FROM audit_seals WHERE position = 1", Flaw::SealMissing(1)),
        (
            "UPDATE audit_seals SET through = through - 1 WHERE position = 1",
            Flaw::SealChanged(1),
        ),
        (
            "UPDATE audit_seals SET events = events - 1 WHERE position = 1",
            Flaw::SealChanged(1),
        ),
        (
            "UPDATE audit_seals SET sealed_at = 0 WHERE position = 2",
            Flaw::SealChanged(2),
        ),
        (
            "UPDATE audit_seals SET digest = zeroblob(32) WHERE position = 2",
            Flaw::SealChanged(2),
        ),
        (
            "UPDATE audit_seals SET mac = zeroblob(32) WHERE position = 1",
            Flaw::SealChanged(1),
        ),
        (
            "DELETE FROM audit WHERE number <= 5; UPDATE audit_seals SET forgotten = zeroblob(32) WHERE position = 1",
            Flaw::MarkForged(1),
        ),
        (
            "UPDATE audit_personal SET fields = '{\"username\":\"Another\"}' WHERE number = 1",
            Flaw::Personal(1),
        ),
        (
            "UPDATE audit_personal SET salt = zeroblob(16) WHERE number = 2",
            Flaw::Personal(2),
        ),
        (
            "INSERT INTO audit_personal (number, salt, fields) VALUES (3, zeroblob(16), '{}')",
            Flaw::Personal(3),
        ),
        ("DELETE FROM audit_personal WHERE number = 1", Flaw::Erased(1)),
        (
            "INSERT INTO audit_personal (number, salt, fields) VALUES (8, zeroblob(16), '{}')",
            Flaw::Personal(8),
        ),
    ]
}
