//! Opening sessions.

use tokio::task::JoinSet;

use super::{
    administration::administered,
    passwords::{present, setting},
};
use crate::prelude::*;

pub(crate) async fn a_session_opens_only_for_the_account_that_was_checked(database: Database) {
    let store = database.open().await;
    let account = create(&*store, 1, "Romel").await;
    let changed_hash = Account {
        password_hash: Some(PasswordHash::new("another".into())),
        ..account.clone()
    };
    let by_password = opening(&changed_hash, &session(1, 1, 0));
    let by_word = Opening {
        proof: Proof::Vouched(UserVersion(1)),
        ..by_password.clone()
    };
    for stale in [by_password, by_word] {
        let opened = store.open_session(stale).await.unwrap();
        assert!(matches!(opened, OpenSession::AccountChanged), "{opened:?}");
    }
    let nobody = open_session(&*store, &account, &session(1, 9, 0)).await;
    assert!(matches!(nobody, OpenSession::AccountChanged));
    assert!(live(&*store, 1).await.is_empty());
}

/// A change of roles and "log out everywhere" make no password wrong.
pub(crate) async fn a_session_opens_for_its_user_as_they_are_by_then(database: Database) {
    let store = database.open().await;
    let account = create(&*store, 1, "Romel").await;
    store.end_sessions(&ending(1, Which::All)).await.unwrap();
    let OpenSession::Opened(opened) = open_session(&*store, &account, &session(1, 1, 0)).await else {
        panic!("not opened")
    };
    assert_eq!(
        (account.user.version, opened.user.version),
        (UserVersion(0), UserVersion(1))
    );
    let vouched = Opening {
        proof: Proof::Vouched(UserVersion(1)),
        ..opening(&account, &session(2, 1, 0))
    };
    let opened = store.open_session(vouched).await.unwrap();
    assert!(matches!(opened, OpenSession::Opened(_)), "{opened:?}");
    assert_eq!(live(&*store, 1).await.len(), 2);
}

/// Sign-ins and a new password share a commit. Whichever comes first, nobody stays signed in by the old one.
pub(crate) async fn no_session_of_an_old_password_outlives_the_new_one(database: Database) {
    let store = database.open().await;
    let account = create(&*store, 1, "Romel").await;
    let mut acts = JoinSet::new();
    for number in 0..40 {
        let (store, account) = (Arc::clone(&store), account.clone());
        acts.spawn(async move {
            if number == 20 {
                let setting = setting(present("hash-1"), 5);
                assert!(store.set_password(&setting).await.unwrap().is_some());
            } else {
                open_session(&*store, &account, &session(number, 1, 0)).await;
            }
        });
    }
    acts.join_all().await;
    assert!(live(&*store, 1).await.is_empty());
}

pub(crate) async fn the_oldest_session_makes_room(database: Database) {
    let store = database.open().await;
    let account = create(&*store, 1, "Romel").await;
    let limit = u8::try_from(MAX_LIVE_PER_USER).unwrap();
    for number in 0..limit {
        let opened = open_session(&*store, &account, &session(number, 1, i64::from(number) - 100)).await;
        assert!(matches!(opened, OpenSession::Opened(opened) if opened.made_room.is_empty()));
    }
    let OpenSession::Opened(opened) = open_session(&*store, &account, &session(limit, 1, 1)).await else {
        panic!("not opened")
    };
    let made_room = opened.made_room;
    assert_eq!(made_room, [revocation_of(&session(0, 1, -100))]);
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

pub(crate) async fn sessions_on_behalf_make_room_among_themselves(database: Database) {
    let store = database.open().await;
    let romel = administered(&*store).await;
    let own = open_session(&*store, &romel, &session(200, 2, -200)).await;
    assert!(matches!(own, OpenSession::Opened(_)));
    let limit = u8::try_from(MAX_LIVE_PER_USER).unwrap();
    for number in 0..=limit {
        let acting = Session {
            actor: Some(user_id(1)),
            ..session(number, 2, i64::from(number) - 100)
        };
        let opened = open_session(&*store, &romel, &acting).await;
        assert!(matches!(opened, OpenSession::Opened(_)));
    }
    let live = live(&*store, 2).await;
    assert!(
        live.contains(&SessionId::from_bytes([200; 16])),
        "their own stays"
    );
    assert!(
        !live.contains(&SessionId::from_bytes([0; 16])),
        "the oldest on behalf made room"
    );
}
