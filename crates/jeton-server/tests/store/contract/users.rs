//! Accounts and keys: what is written once and read back.

use crate::prelude::*;

pub(crate) async fn a_name_is_given_once_whatever_its_spelling(database: Database) {
    let store = database.open().await;
    create(&*store, 1, "Paypal").await;
    for (number, name) in [(2, "paypal"), (3, "PAYPAL"), (4, "paypa1"), (5, "Paypal")] {
        let account = account(number, name);
        let taken = store.create_user(&account, &registered(&account)).await.unwrap();
        assert_eq!(taken, CreateUser::NameTaken, "{name}");
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
    assert_eq!(revocations(&*store).await, [calls_back(&first)]);
}
