//! A move that is interrupted goes on.

use jeton_server::store::{Relocation, transfer::Stage};

use super::{filled, killed_in, move_to};
use crate::prelude::*;

/// Interrupted in every stage, with the source changed in between as a running service changes it.
async fn resumes(from: Database, to: Database) {
    let sessions = filled(&from).await;
    killed_in(&from, &to, Stage::Copying).await;
    killed_in(&from, &to, Stage::CatchingUp).await;

    let said = store::open(&to.url()).await.unwrap_err();
    assert!(
        matches!(said, StoreError::Moving(Relocation::Arriving { .. })),
        "{said}"
    );
    let store = from.open().await;
    create(&*store, 7, "Latecomer").await;
    store
        .rotate_session(&present(&sessions[0], 1), &rules(15))
        .await
        .unwrap();
    let act = AdminAction {
        user: user_id(2),
        by: Actor::CommandLine,
        now: at(16),
        may_take_last_admin: false,
    };
    assert!(matches!(store.delete_user(&act).await.unwrap(), Acted::Done(..)));
    create(&*store, 8, "john").await;
    store.close().await;

    killed_in(&from, &to, Stage::Finishing).await;
    let report = move_to(&from, &to).await.unwrap();
    let rows = |table| {
        report
            .tables
            .iter()
            .find(|moved| moved.table == table)
            .unwrap()
            .rows
    };
    assert_eq!((rows("users"), rows("sessions")), (3, 2));
    let store = to.open().await;
    let john = store
        .account_by_name(account(8, "john").user.username.key())
        .await
        .unwrap();
    assert_eq!(john.unwrap().user.id, user_id(8));
    let rotated = store
        .rotate_session(&present(&sessions[0], 2), &rules(20))
        .await
        .unwrap();
    assert!(matches!(rotated, Rotation::Rotated(_)), "{rotated:?}");
    store.close().await;
}

#[tokio::test]
async fn a_move_to_postgres_goes_on_where_it_was_interrupted() {
    resumes(Database::sqlite().await, Database::postgres().await).await;
}

#[tokio::test]
async fn a_move_to_sqlite_goes_on_where_it_was_interrupted() {
    resumes(Database::postgres().await, Database::sqlite().await).await;
}
