//! A move may be given up, and one may come back.

use jeton_server::store::{
    Relocation, Restored,
    transfer::{self, Progress, Reopened, Stage},
};
use tokio::sync::mpsc;

use super::{everything_goes_on, filled, killed_in, move_to};
use crate::prelude::*;

async fn is_given_up(from: Database) {
    let to = Database::sqlite().await;
    let sessions = filled(&from).await;
    killed_in(&from, &to, Stage::Finishing).await;
    // Killed before it was shut or after: both have to be mended.
    move_until_shut(&from, &to).await;
    let said = store::open(&from.url()).await.unwrap_err();
    assert!(
        matches!(said, StoreError::Moving(Relocation::Leaving { .. })),
        "{said}"
    );
    assert!(said.to_string().contains("--reopen"), "{said}");
    let reopened = transfer::reopen(&from.url(), at(100), &|_| Ok(signer()))
        .await
        .unwrap();
    assert!(matches!(reopened, Reopened::GivenUp), "{reopened:?}");
    everything_goes_on(&from, &sessions).await;
    let reopened = transfer::reopen(&from.url(), at(100), &|_| Ok(signer()))
        .await
        .unwrap();
    assert!(matches!(reopened, Reopened::WasOpen), "{reopened:?}");
}

/// Kills a move as soon as the source is shut.
async fn move_until_shut(from: &Database, to: &Database) {
    let (told, mut rows) = mpsc::unbounded_channel();
    let (from, to) = (from.url(), to.url());
    let moving = tokio::spawn(async move {
        let mut is_finishing = false;
        let mut watch = |progress| match progress {
            Progress::Begins(stage, _) => is_finishing = stage == Stage::Finishing,
            Progress::Rows(_) if is_finishing => {
                let _ = told.send(());
            }
            Progress::Rows(_) => {}
        };
        transfer::transfer(&from, &to, &mut watch).await
    });
    rows.recv().await.unwrap();
    moving.abort();
    assert!(moving.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn a_move_from_sqlite_can_be_given_up() {
    is_given_up(Database::sqlite().await).await;
}

#[tokio::test]
async fn a_move_from_postgres_can_be_given_up() {
    is_given_up(Database::postgres().await).await;
}

/// What was revoked elsewhere is not known here: everything is.
async fn comes_back(from: Database) {
    let to = Database::sqlite().await;
    let sessions = filled(&from).await;
    move_to(&from, &to).await.unwrap();
    let reopened = transfer::reopen(&from.url(), at(100), &|_| Ok(signer()))
        .await
        .unwrap();
    let Reopened::CameBack(Restored { at: when }) = reopened else {
        panic!("{reopened:?}");
    };
    assert_eq!(when, at(100));
    let store = from.open().await;
    assert_eq!(store.accepted_from().await.unwrap(), Some(at(110)));
    let refused = store
        .rotate_session(&present(&sessions[0], 1), &rules(120))
        .await
        .unwrap();
    assert!(
        matches!(refused, Rotation::Refused(RotationRefusal::Ended)),
        "{refused:?}"
    );
    store.close().await;
}

#[tokio::test]
async fn who_comes_back_to_sqlite_begins_with_nothing_issued() {
    comes_back(Database::sqlite().await).await;
}

#[tokio::test]
async fn who_comes_back_to_postgres_begins_with_nothing_issued() {
    comes_back(Database::postgres().await).await;
}
