//! What a process that seals notices of what is done behind its back.

use jeton_server::service::audit::{self, Flaw};

use super::chain::{record, three_seals, verify};
use crate::prelude::*;

pub(crate) async fn a_chain_that_goes_back_raises_an_alarm_that_stays(database: Database) {
    let (store, keeper) = (database.open().await, Keeper::new(chain()));
    three_seals(&*store, &keeper).await;
    database
        .sql("DELETE FROM audit_seals WHERE position > 1; DELETE FROM audit WHERE number > 1")
        .await;
    database.set_last_event(1).await;
    assert!(
        verify(&*store, &[]).await.is_ok(),
        "who has not seen it before sees nothing"
    );
    keeper.seal(&*store, at(4)).await.unwrap();
    keeper.seal(&*store, at(5)).await.unwrap();
    assert_eq!(keeper.alarms(), 1);
    let events = store.events_after(1, 10).await.unwrap();
    assert_eq!(events[0].action, "audit.alarm");
    assert!(events[0].detail.contains("went_back"), "{events:?}");
    assert_eq!(
        verify(&*store, &[]).await,
        Err(Flaw::OutOfPlace(2)),
        "and what was removed left its places empty"
    );
}

pub(crate) async fn a_seal_of_somebody_without_the_key_raises_an_alarm(database: Database) {
    let (store, keeper) = (database.open().await, Keeper::new(chain()));
    three_seals(&*store, &keeper).await;
    database
        .sql(
            "INSERT INTO audit_seals (position, through, events, digest, mac, sealed_at) \
              VALUES (4, 1000000, 1, zeroblob(32), zeroblob(32), 0)",
        )
        .await;
    keeper.seal(&*store, at(4)).await.unwrap();
    assert_eq!(keeper.alarms(), 1);
    assert_eq!(verify(&*store, &[]).await, Err(Flaw::SealChanged(4)));
}

pub(crate) async fn what_others_seal_raises_no_alarm(database: Database) {
    let (store, keeper) = (database.open().await, Keeper::new(chain()));
    three_seals(&*store, &keeper).await;
    for now in [4, 5] {
        record(&*store, now).await;
        assert_eq!(seal(&*store, now).await, 1);
    }
    keeper.seal(&*store, at(6)).await.unwrap();
    assert_eq!(keeper.alarms(), 0);
}

pub(crate) async fn what_is_wrong_with_an_event_is_noticed_when_it_is_sealed(database: Database) {
    for (tampering, problem) in [
        ("UPDATE audit SET at = 0 WHERE number = 5", "forged"),
        (
            "INSERT INTO audit (number, at, action, writer, place, mac) VALUES (7, 0, 'user.unlocked', 1, 1, zeroblob(16))",
            "forged",
        ),
        ("DELETE FROM audit WHERE number = 5", "gap"),
        (
            "INSERT INTO audit SELECT 7, at, action, user_id, session_id, actor, detail, commitment, writer, place, mac \
             FROM audit WHERE number = 6",
            "out_of_place",
        ),
    ] {
        database.open().await.close().await;
        database.sql("DELETE FROM audit_seals; DELETE FROM audit").await;
        database.set_last_event(0).await;
        let (store, keeper) = (database.open().await, Keeper::new(chain()));
        three_seals(&*store, &keeper).await;
        for now in [4, 5, 6] {
            record(&*store, now).await;
        }
        database.sql(tampering).await;
        database.set_last_event(7).await;
        keeper.seal(&*store, at(6)).await.unwrap();
        assert_eq!(keeper.alarms(), 1, "{tampering}");
        let told = store.events_after(7, 10).await.unwrap();
        assert!(told[0].detail.contains(problem), "{tampering}: {told:?}");
        assert!(verify(&*store, &[]).await.is_err(), "{tampering}");
    }
}

/// A database in which a version without proofs has written two events.
async fn of_the_version_before(database: &Database) {
    database.open().await.close().await;
    database
        .sql(
            "INSERT INTO audit (number, at, action) VALUES (1, 0, 'user.unlocked'), (2, 0, 'user.unlocked'); \
              INSERT INTO audit_marks (name, number) VALUES ('unproven', 2)",
        )
        .await;
    database.set_last_event(2).await;
}

pub(crate) async fn events_from_before_proofs_are_said_to_be_and_no_others(database: Database) {
    of_the_version_before(&database).await;
    let store = database.open().await;
    let events = store.events_after(2, 10).await.unwrap();
    assert_eq!(events[0].action, "audit.proofs_began");
    assert_eq!(events[0].detail, r#"{"through":2}"#);
    assert_eq!(
        database.open().await.events_after(3, 10).await.unwrap(),
        [],
        "once"
    );
    let report = verify(&*store, &[]).await.unwrap();
    assert_eq!((report.unproven, report.unsealed), (2, 3));

    // A node of the version before, while nodes are replaced one after the other.
    database
        .sql("INSERT INTO audit (number, at, action) VALUES (4, 0, 'user.unlocked')")
        .await;
    database.set_last_event(4).await;
    let keeper = Keeper::new(chain());
    assert_eq!(keeper.seal(&*store, at(1)).await.unwrap(), 4);
    assert_eq!((keeper.alarms(), keeper.unproven()), (0, 3));
    assert_eq!(verify(&*store, &[]).await, Err(Flaw::Unproven(4)));
    let accepted = audit::accept_unproven(&*store, Actor::CommandLine, at(2)).await;
    assert_eq!(accepted.unwrap(), 4);
    assert_eq!(verify(&*store, &[]).await.unwrap().unproven, 3);
    database.sql("UPDATE audit SET at = 1 WHERE number = 4").await;
    assert!(
        matches!(verify(&*store, &[]).await, Err(Flaw::Events { .. })),
        "the seal covers it"
    );
}

pub(crate) async fn proofs_do_not_begin_twice(database: Database) {
    let store = database.open().await;
    record(&*store, 1).await;
    database
        .sql(
            "INSERT INTO audit (number, at, action) VALUES (2, 0, 'user.unlocked'); \
              INSERT INTO audit_marks (name, number) VALUES ('unproven', 2)",
        )
        .await;
    database.set_last_event(2).await;
    let events = database.open().await.events_after(2, 10).await.unwrap();
    assert_eq!(events[0].action, "audit.alarm");
    assert_eq!(verify(&*store, &[]).await, Err(Flaw::Unproven(2)));
}

/// Whoever takes events out before a seal covers them leaves no gap behind: their numbers are drawn again.
pub(crate) async fn an_event_that_vanishes_before_it_is_sealed_raises_an_alarm(database: Database) {
    let (store, keeper) = (database.open().await, Keeper::new(chain()));
    three_seals(&*store, &keeper).await;
    for now in [4, 5] {
        record(&*store, now).await;
    }
    database.sql("DELETE FROM audit WHERE number > 3").await;
    database.set_last_event(3).await;
    for now in [6, 7] {
        keeper.seal(&*store, at(now)).await.unwrap();
    }
    assert_eq!(keeper.alarms(), 1);
    let events = store.events_after(3, 10).await.unwrap();
    assert_eq!(events[0].action, "audit.alarm");
    assert_eq!(events[0].detail, r#"{"events":2,"problem":"missing"}"#);
}

pub(crate) async fn nothing_is_answered_whose_event_is_left_out(database: Database) {
    let store = database.open().await;
    record(&*store, 1).await;
    database.leave_out("audit").await;
    let event = Event::new(Action::UserUnlocked, at(2)).user(user_id(1));
    store.record(&event).await.unwrap_err();
    database.leave_out_no_longer("audit").await;
    record(&*store, 3).await;
    let events = store.events_after(0, 10).await.unwrap();
    assert_eq!(events.len(), 2);
}

pub(crate) async fn a_seal_that_is_kept_out_raises_one_alarm(database: Database) {
    let (store, keeper) = (database.open().await, Keeper::new(chain()));
    three_seals(&*store, &keeper).await;
    database.leave_out("audit_seals").await;
    for now in [4, 5, 6] {
        record(&*store, now).await;
        assert_eq!(keeper.seal(&*store, at(now)).await.unwrap(), 0);
    }
    assert_eq!(keeper.alarms(), 1);
    let alarm = store.events_after(4, 1).await.unwrap();
    assert!(alarm[0].detail.contains("not_taken"), "{alarm:?}");
    database.leave_out_no_longer("audit_seals").await;
    assert_eq!(keeper.seal(&*store, at(7)).await.unwrap(), 4);
    assert_eq!(keeper.alarms(), 1);
}
