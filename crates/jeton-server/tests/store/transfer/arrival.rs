//! Everything arrives, and is the same.

use jeton_server::store::{
    Relocation,
    transfer::{Report, Stage},
};

use super::{everything_goes_on, filled, killed_in, move_to};
use crate::prelude::*;

/// Everything arrives; the source is marked, and shut for whoever has it open.
async fn arrives(from: Database, to: Database) {
    let sessions = filled(&from).await;
    let open = from.open().await;
    let report = move_to(&from, &to).await.unwrap();
    assert_eq!(report.tables.len(), 14);
    for moved in &report.tables {
        assert!(moved.rows > 0, "{} is not tested", moved.table);
    }

    let said = store::open(&from.url()).await.unwrap_err();
    assert!(
        matches!(said, StoreError::Moving(Relocation::Moved { .. })),
        "{said}"
    );
    assert!(said.to_string().contains(&report.to), "{said}");
    let refused = open.rotate_session(&present(&sessions[0], 1), &rules(20)).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
    let refused = open.end_sessions(&ending(1, Which::All)).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
    let refused = open.prune(at(1_000_000_000)).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
    assert!(
        matches!(open.accepted_from().await, Err(StoreError::Moving(_))),
        "a server that runs on must not vouch for tokens"
    );
    open.close().await;
    everything_goes_on(&to, &sessions).await;
}

#[tokio::test]
async fn everything_arrives_from_sqlite_in_postgres() {
    arrives(Database::sqlite().await, Database::postgres().await).await;
}

#[tokio::test]
async fn everything_arrives_from_postgres_in_sqlite() {
    arrives(Database::postgres().await, Database::sqlite().await).await;
}

#[tokio::test]
async fn everything_arrives_from_one_file_in_another() {
    arrives(Database::sqlite().await, Database::sqlite().await).await;
}

#[tokio::test]
async fn everything_arrives_from_one_server_on_another() {
    arrives(Database::postgres().await, Database::postgres().await).await;
}

/// The same rows have the same hashes, wherever they are.
#[tokio::test]
async fn both_engines_hash_alike() {
    let [one, two, three] = [
        Database::sqlite().await,
        Database::postgres().await,
        Database::sqlite().await,
    ];
    filled(&one).await;
    let hashes = |report: Report| -> Vec<_> { report.tables.into_iter().map(|moved| moved.hash).collect() };
    let there = hashes(move_to(&one, &two).await.unwrap());
    let back = hashes(move_to(&two, &three).await.unwrap());
    assert_eq!(there, back);
}

/// More rows than are read at a time, and a name whose old owner comes after its new one.
async fn many_arrive(to: Database) {
    let from = Database::sqlite().await;
    let store = from.open().await;
    create(&*store, 1, "root").await;
    create(&*store, 255, "zed").await;
    store.close().await;
    from.sql(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 4500) \
         INSERT INTO users (id, username, username_key, username_skeleton, password_hash, created_at) \
         SELECT unhex(printf('7f%030x', n)), 'u' || n, 'u' || n, 'u' || n, '', 0 FROM numbers",
    )
    .await;
    killed_in(&from, &to, Stage::CatchingUp).await;
    let store = from.open().await;
    let act = AdminAction {
        user: user_id(255),
        by: Actor::CommandLine,
        now: at(16),
        may_take_last_admin: false,
    };
    assert!(matches!(store.delete_user(&act).await.unwrap(), Acted::Done(..)));
    create(&*store, 0, "zed").await;
    store.close().await;
    let report = move_to(&from, &to).await.unwrap();
    assert_eq!(report.tables[0].rows, 4502);
}

#[tokio::test]
async fn many_arrive_in_postgres_page_by_page() {
    many_arrive(Database::postgres().await).await;
}

#[tokio::test]
async fn many_arrive_in_sqlite_page_by_page() {
    many_arrive(Database::sqlite().await).await;
}
