//! Opening sessions.

use crate::prelude::*;

pub(crate) async fn a_session_opens_only_for_the_account_that_was_checked(database: Database) {
    let store = database.open().await;
    let account = create(&*store, 1, "Romel").await;
    let changed_hash = Account {
        password_hash: Some(PasswordHash::new("another".into())),
        ..account.clone()
    };
    let mut changed_version = account.clone();
    changed_version.user.version = UserVersion(1);
    for stale in [changed_hash, changed_version] {
        let opened = open_session(&*store, &stale, &session(1, 1, 0)).await;
        assert!(matches!(opened, OpenSession::AccountChanged), "{opened:?}");
    }
    let nobody = open_session(&*store, &account, &session(1, 9, 0)).await;
    assert!(matches!(nobody, OpenSession::AccountChanged));
    assert!(live(&*store, 1).await.is_empty());
}

pub(crate) async fn the_oldest_session_makes_room(database: Database) {
    let store = database.open().await;
    let account = create(&*store, 1, "Romel").await;
    let limit = u8::try_from(MAX_LIVE_PER_USER).unwrap();
    for number in 0..limit {
        let opened = open_session(&*store, &account, &session(number, 1, i64::from(number) - 100)).await;
        assert!(matches!(opened, OpenSession::Opened(made_room) if made_room.is_empty()));
    }
    let OpenSession::Opened(made_room) = open_session(&*store, &account, &session(limit, 1, 1)).await else {
        panic!("not opened")
    };
    assert_eq!(made_room, [calls_back(&session(0, 1, -100))]);
    assert_eq!(revocations(&*store).await, made_room);
    let live = live(&*store, 1).await;
    assert_eq!(live.len(), usize::from(limit));
    assert_eq!(
        live[0],
        SessionId::from_bytes([limit; 16]),
        "the newest comes first"
    );
    assert!(!live.contains(&SessionId::from_bytes([0; 16])));
}
