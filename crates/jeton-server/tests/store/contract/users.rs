//! Accounts and keys: what is written once and read back.

use std::{future::poll_fn, task::Poll, thread};

use tokio::{runtime::Builder, task::yield_now, time::timeout};

use crate::prelude::*;

pub(crate) async fn a_name_is_given_once_whatever_its_spelling(database: Database) {
    let store = database.open().await;
    create(&*store, 1, "Paypal").await;
    for (number, name) in [(2, "paypal"), (3, "PAYPAL"), (4, "paypa1"), (5, "Paypal")] {
        let account = account(number, name);
        let taken = store.create_user(&account, &registered(&account)).await.unwrap();
        assert_eq!(taken, CreateUser::UsernameTaken, "{name}");
        assert!(store.user(user_id(number)).await.unwrap().is_none());
    }
}

pub(crate) async fn an_account_reads_back_as_it_was_written(database: Database) {
    let store = database.open().await;
    let written = create(&*store, 1, "Romel").await;
    let read = store
        .account_by_name(&UsernameKey::parse("ROMEL").unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(hash(&read), hash(&written));
    assert_eq!(read.scheme, written.scheme);
    assert_eq!(format!("{:?}", read.user), format!("{:?}", written.user));
    assert_eq!(read.user.email, written.user.email);
    assert_eq!(
        format!("{:?}", store.user(user_id(1)).await.unwrap().unwrap()),
        format!("{:?}", written.user)
    );
}

/// A thread that answers requests may be busy for long, and what it has handed over is written all the same.
pub(crate) async fn what_was_handed_over_is_written_while_its_thread_is_busy(database: Database) {
    let store = database.open().await;
    let account = account(1, "Romel");
    let event = registered(&account);
    let mut creating = store.create_user(&account, &event);
    let handed_over = poll_fn(|context| Poll::Ready(creating.as_mut().poll(context))).await;
    assert!(handed_over.is_pending());

    let url = database.url();
    let seen = thread::spawn(move || seen_from_another_thread(&url, user_id(1)));
    assert!(seen.join().unwrap(), "it was not written");
    assert_eq!(creating.await.unwrap(), CreateUser::Created);
}

fn seen_from_another_thread(url: &str, user: UserId) -> bool {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let seen = async {
        let store = store::open(url).await.unwrap();
        while store.user(user).await.unwrap().is_none() {
            yield_now().await;
        }
    };
    runtime.block_on(async { timeout(Duration::from_secs(20), seen).await.is_ok() })
}

pub(crate) async fn who_is_not_there_is_none(database: Database) {
    let store = database.open().await;
    assert!(
        store
            .account_by_name(&UsernameKey::parse("nobody").unwrap())
            .await
            .unwrap()
            .is_none()
    );
    assert!(store.user(user_id(1)).await.unwrap().is_none());
    assert!(
        store
            .session(SessionId::from_bytes([1; 16]))
            .await
            .unwrap()
            .is_none()
    );
    assert!(live(&*store, 1).await.is_empty());
}

pub(crate) async fn what_was_written_is_there_after_reopening(database: Database) {
    let store = database.open().await;
    let [first, ..] = populated(&*store).await;
    store
        .end_sessions(&ending(1, Which::One(first.id)))
        .await
        .unwrap();
    store.close().await;
    let store = database.open().await;
    assert!(
        store
            .account_by_name(&UsernameKey::parse("romel").unwrap())
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(live(&*store, 1).await.len(), 1);
    assert_eq!(revocations(&*store).await, [revocation_of(&first)]);
}
