//! Facts about the database as a whole.

use crate::prelude::*;

pub(crate) async fn a_time_is_kept_and_a_beginning_noted(database: Database) {
    let store = database.open().await;
    assert_eq!(store.kept_time().await.unwrap(), None);
    assert!(!store.has_begun().await.unwrap());
    store.keep_time(at(10)).await.unwrap();
    store.keep_time(at(5)).await.unwrap();
    store.begin().await.unwrap();
    store.close().await;
    let store = database.open().await;
    assert_eq!(
        store.kept_time().await.unwrap(),
        Some(at(5)),
        "a clock may be set back"
    );
    assert!(store.has_begun().await.unwrap());
}

pub(crate) async fn a_database_that_takes_what_is_written_passes_the_trial(database: Database) {
    let store = database.open().await;
    for _ in 0..3 {
        store.check().await.unwrap();
    }
    assert!(
        store.events_after(0, 10).await.unwrap().is_empty(),
        "a trial leaves no trace"
    );
    store.close().await;
    assert!(matches!(store.check().await, Err(StoreError::Closed)));
}
