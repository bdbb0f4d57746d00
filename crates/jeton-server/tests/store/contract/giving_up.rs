//! Events whose time is over go, and nobody else's: the chain grows no longer than what it covers.

use jeton_server::{
    model::audit::Head,
    service::audit::{self, Flaw},
};

use super::chain::{record, three_seals, verify};
use crate::prelude::*;

pub(crate) async fn seals_whose_events_are_gone_are_folded_into_one(database: Database) {
    let (store, keeper) = (database.open().await, Keeper::new(chain()));
    three_seals(&*store, &keeper).await;
    let heads = store.seals_after(0, 10).await.unwrap();
    let heads: Vec<Head> = heads.iter().map(jeton_server::model::audit::Seal::head).collect();
    assert_eq!(keeper.give_up(&*store, at(1), at(3)).await.unwrap(), 0);
    assert_eq!(
        store.seals_after(0, 10).await.unwrap().len(),
        3,
        "nobody's time is over"
    );
    assert_eq!(keeper.give_up(&*store, at(3), at(3)).await.unwrap(), 2);
    assert_eq!(keeper.give_up(&*store, at(3), at(3)).await.unwrap(), 0);
    let left = store.seals_after(0, 10).await.unwrap();
    assert_eq!(left.iter().map(|seal| seal.position).collect::<Vec<_>>(), [2, 3]);
    let report = verify(&*store, &heads[1..]).await.unwrap();
    assert_eq!((report.seals, report.events, report.forgotten), (2, 1, 2));
    assert_eq!(verify(&*store, &heads).await, Err(Flaw::HeadGivenUp(1)));

    record(&*store, 4).await;
    assert_eq!(keeper.seal(&*store, at(4)).await.unwrap(), 1);
    assert_eq!(Keeper::new(chain()).seal(&*store, at(4)).await.unwrap(), 0);
    assert_eq!(keeper.give_up(&*store, at(100), at(100)).await.unwrap(), 2);
    assert_eq!(keeper.alarms(), 0);
    let report = verify(&*store, &[]).await.unwrap();
    assert_eq!((report.seals, report.events, report.forgotten), (1, 0, 4));
    assert_eq!(store.unsealed_events().await.unwrap(), 0);

    for (tampering, flaw) in [
        ("UPDATE audit_marks SET mac = zeroblob(32)", Flaw::SealMissing(1)),
        (
            "UPDATE audit_seals SET through = through + 1",
            Flaw::SealMissing(1),
        ),
        ("DELETE FROM audit_marks", Flaw::SealMissing(1)),
    ] {
        for table in ["audit_marks", "audit_seals"] {
            database
                .sql(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"))
                .await;
        }
        database.sql(tampering).await;
        assert_eq!(verify(&*store, &[]).await, Err(flaw), "{tampering}");
        for table in ["audit_marks", "audit_seals"] {
            database
                .sql(&format!(
                    "DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}; DROP TABLE kept_{table}"
                ))
                .await;
        }
    }
}

pub(crate) async fn a_beginning_is_cut_off_by_nobody_else(database: Database) {
    let (store, keeper) = (database.open().await, Keeper::new(chain()));
    three_seals(&*store, &keeper).await;
    keeper.give_up(&*store, at(2), at(3)).await.unwrap();
    database
        .sql(
            "INSERT INTO audit_marks (name, number, mac) VALUES ('base', 2, zeroblob(32)); \
              DELETE FROM audit_seals WHERE position = 1",
        )
        .await;
    assert_eq!(verify(&*store, &[]).await, Err(Flaw::SealMissing(1)));
}

/// How old an event is and which are a seal's, the service itself has to check: what it gives up on a row's word, it
/// would sign.
pub(crate) async fn no_events_are_given_up_by_what_a_row_says(database: Database) {
    for (tampering, flaw) in [
        (
            "UPDATE audit_seals SET sealed_at = 0 WHERE position = 1",
            Flaw::SealChanged(1),
        ),
        (
            "UPDATE audit_seals SET sealed_at = 0 WHERE position <= 2",
            Flaw::SealChanged(1),
        ),
        (
            "UPDATE audit_seals SET sealed_at = 0 WHERE position = 2; \
             UPDATE audit_seals SET forgotten = zeroblob(32) WHERE position = 1",
            Flaw::MarkForged(1),
        ),
        (
            "UPDATE audit_seals SET sealed_at = 0, through = 3 WHERE position = 1",
            Flaw::SealChanged(1),
        ),
        (
            "UPDATE audit_seals SET sealed_at = 0; DELETE FROM audit_seals WHERE position = 1",
            Flaw::SealMissing(1),
        ),
    ] {
        database.open().await.close().await;
        database.sql("DELETE FROM audit_seals; DELETE FROM audit").await;
        database.set_last_event(0).await;
        let (store, keeper) = (database.open().await, Keeper::new(chain()));
        three_seals(&*store, &keeper).await;
        database.sql(tampering).await;
        for _ in 0..2 {
            assert_eq!(
                keeper.give_up(&*store, at(1), at(4)).await.unwrap(),
                0,
                "{tampering}"
            );
        }
        assert_eq!(keeper.alarms(), 1, "once: {tampering}");
        let events = store.events_after(0, 10).await.unwrap();
        assert_eq!(events.len(), 4, "{tampering}");
        assert!(events[3].detail.contains("unsound"), "{tampering}: {events:?}");
        assert_eq!(verify(&*store, &[]).await, Err(flaw), "{tampering}");
    }
}

/// All traces are removed by a trigger, in the very transaction that was to give the events up.
pub(crate) async fn no_trigger_has_a_chosen_event_given_up(database: Database) {
    let (store, keeper) = (database.open().await, Keeper::new(chain()));
    three_seals(&*store, &keeper).await;
    let restoring = format!(
        "UPDATE audit_seals SET forgotten = NULL WHERE forgotten = zeroblob(32); \
         UPDATE audit_seals SET sealed_at = {} WHERE position = 2",
        at(2).seconds()
    );
    database.when_given_up(2, &restoring).await;
    database
        .sql(
            "UPDATE audit_seals SET forgotten = zeroblob(32) WHERE position < 2; \
             UPDATE audit_seals SET sealed_at = 0 WHERE position = 2",
        )
        .await;
    assert_eq!(keeper.give_up(&*store, at(1), at(4)).await.unwrap(), 0);
    assert_eq!(keeper.alarms(), 1);
    assert_eq!(store.events_after(0, 10).await.unwrap().len(), 4);
    assert!(verify(&*store, &[]).await.is_err());
}

pub(crate) async fn what_comes_before_a_seal_that_was_changed_is_given_up_in_its_time(database: Database) {
    let (store, keeper) = (database.open().await, Keeper::new(chain()));
    three_seals(&*store, &keeper).await;
    database
        .sql("UPDATE audit_seals SET through = 1000000 WHERE position = 3")
        .await;
    assert_eq!(keeper.give_up(&*store, at(100), at(100)).await.unwrap(), 2);
    assert_eq!(keeper.alarms(), 1);
    assert_eq!(
        store.seals_after(0, 10).await.unwrap().len(),
        2,
        "the way to it stays short"
    );
    assert_eq!(verify(&*store, &[]).await, Err(Flaw::SealChanged(3)));
}

pub(crate) async fn who_gives_up_while_others_do_and_verify_raises_no_alarm(database: Database) {
    let store = database.open().await;
    let (one, other) = (Keeper::new(chain()), Keeper::new(chain()));
    for round in 0..10 {
        for now in 4 * round..4 * round + 4 {
            record(&*store, now).await;
            one.seal(&*store, at(now)).await.unwrap();
        }
        let (before, now) = (at(4 * round + 3), at(4 * round + 4));
        let (first, second, report) = tokio::join!(
            one.give_up(&*store, before, now),
            other.give_up(&*store, before, now),
            verify(&*store, &[]),
        );
        let before = if round == 0 { 3 } else { 4 };
        assert_eq!(first.unwrap() + second.unwrap(), before);
        assert!(report.is_ok(), "{report:?}");
    }
    assert_eq!(one.alarms() + other.alarms(), 0);
    assert_eq!(store.seals_after(0, 10).await.unwrap().len(), 2);
}

pub(crate) async fn more_seals_than_are_read_at_once_are_given_up(database: Database) {
    let (store, keeper) = (database.open().await, Keeper::new(chain()));
    for now in 0..205 {
        record(&*store, now).await;
        keeper.seal(&*store, at(now)).await.unwrap();
    }
    assert_eq!(keeper.give_up(&*store, at(204), at(205)).await.unwrap(), 204);
    let left = store.seals_after(0, 10).await.unwrap();
    assert_eq!(
        left.iter().map(|seal| seal.position).collect::<Vec<_>>(),
        [204, 205]
    );
    let report = verify(&*store, &[]).await.unwrap();
    assert_eq!((report.events, report.forgotten), (1, 204));
    assert_eq!(keeper.alarms(), 0);
}

pub(crate) async fn an_export_without_what_was_given_up_is_checked_by_the_documented_script(
    database: Database,
) {
    let (store, keeper) = (database.open().await, Keeper::new(chain()));
    three_seals(&*store, &keeper).await;
    let folder = tempfile::tempdir().unwrap();
    let page = include_str!("../../../../../docs/audit.md");
    let script = page.split("```python\n").nth(1).unwrap();
    std::fs::write(
        folder.path().join("verify.py"),
        script.split("```").next().unwrap(),
    )
    .unwrap();
    std::fs::write(
        folder.path().join("jeton.key"),
        "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=",
    )
    .unwrap();
    let check = async || {
        let mut trail = Vec::new();
        audit::export(&*store, &mut trail, &mut |_, _| {}).await.unwrap();
        std::fs::write(folder.path().join("trail.jsonl"), trail).unwrap();
        let mut python = std::process::Command::new("python3");
        python.args(["verify.py", "jeton.key", "trail.jsonl"]);
        python
            .current_dir(folder.path())
            .output()
            .unwrap()
            .status
            .success()
    };
    for before in [1, 2, 3] {
        keeper.give_up(&*store, at(before), at(4)).await.unwrap();
        assert!(check().await, "before {before}");
    }
    gave_up_before(&*store, 2).await;
    assert!(check().await, "of a version before");
    database
        .sql("UPDATE audit_seals SET forgotten = zeroblob(32) WHERE position = 2")
        .await;
    assert!(!check().await, "of somebody else");
}

/// Marks a seal as versions did that checked neither its age nor those before it, and deletes its events.
async fn gave_up_before(store: &dyn Store, position: i64) {
    let seal = store.seal(position).await.unwrap().unwrap();
    let mark = chain().key().sign(&[b"jeton audit forgotten\0", &seal.mac]);
    store.forget_events(position - 1, &seal, &mark).await.unwrap();
}

pub(crate) async fn what_a_version_before_gave_up_is_accepted_at_the_beginning(database: Database) {
    let (store, keeper) = (database.open().await, Keeper::new(chain()));
    three_seals(&*store, &keeper).await;
    gave_up_before(&*store, 2).await;
    assert_eq!(verify(&*store, &[]).await, Err(Flaw::GivenUpAlone(2)));
    gave_up_before(&*store, 1).await;
    assert_eq!(verify(&*store, &[]).await.unwrap().forgotten, 2);
    assert_eq!(keeper.give_up(&*store, at(1), at(4)).await.unwrap(), 0);
    assert_eq!(store.seals_after(0, 10).await.unwrap().len(), 2);
    assert_eq!(keeper.give_up(&*store, at(100), at(100)).await.unwrap(), 1);
    let report = verify(&*store, &[]).await.unwrap();
    assert_eq!((report.seals, report.forgotten), (1, 3));
    assert_eq!(keeper.alarms(), 0);
}
