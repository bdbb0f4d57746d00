//! What administrators do to users.

use super::audit::actions;
use crate::prelude::*;

fn act(user: u8) -> Act {
    Act {
        user: user_id(user),
        by: Actor::User(user_id(9)),
        now: at(5),
        may_take_last_admin: false,
    }
}

fn roles(names: &[&str]) -> Vec<Role> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn disabled(disabled: bool) -> Changes {
    Changes {
        disabled: Some(disabled),
        ..Changes::default()
    }
}

/// Calls back whatever the first user of [`populated`] was given under a version below this one.
fn calls_back_all(below: i64) -> Revocation {
    Revocation {
        target: Target::User {
            id: user_id(1),
            below: UserVersion(below),
        },
        until: at(1).plus(ACCEPTED_FOR),
    }
}

async fn change(store: &dyn Store, user: u8, changes: Changes) -> Acted<User> {
    store.change_user(&act(user), &changes).await.unwrap()
}

#[track_caller]
fn done<T>(acted: Acted<T>) -> (T, Vec<Revocation>) {
    match acted {
        Acted::Done(value, revocations) => (value, revocations),
        Acted::NotFound => panic!("not found"),
        Acted::LastAdmin => panic!("the last administrator"),
    }
}

pub(crate) async fn a_changed_user_reads_back_changed(database: Database) {
    let store = database.open().await;
    create(&*store, 1, "Romel").await;
    create(&*store, 2, "john").await;
    let changes = Changes {
        roles: Some(roles(&["reader", "admin", "editor"])),
        claims: Some(CustomClaims::parse(r#"{"plan":1,"tenant":"blue"}"#).unwrap()),
        email: Some(None),
        disabled: None,
    };
    let (user, revocations) = done(change(&*store, 1, changes).await);
    assert!(revocations.is_empty(), "nothing was taken away");
    let read = store.user(user_id(1)).await.unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{user:?}"));
    assert_eq!(read.roles, roles(&["admin", "editor", "reader"]));
    assert_eq!(read.claims.to_string(), r#"{"plan":1,"tenant":"blue"}"#);
    assert!(read.email.is_none());
    let untouched = store.user(user_id(2)).await.unwrap().unwrap();
    assert!(untouched.email.is_some());
    let event = store.events_after(2, 10).await.unwrap().remove(0);
    assert_eq!(event.action, "user.changed");
    assert_eq!(event.actor, Some(format!("user:{}", user_id(9))));
    assert!(event.detail.contains(r#""roles_added":["reader"]"#), "{event:?}");
    assert!(!event.detail.contains("example.org"), "{event:?}");
}

pub(crate) async fn a_role_that_is_taken_away_calls_tokens_back_and_leaves_the_sessions(database: Database) {
    let store = database.open().await;
    let [first, ..] = populated(&*store).await;
    let changes = Changes {
        roles: Some(roles(&["admin"])),
        ..Changes::default()
    };
    let (user, made) = done(change(&*store, 1, changes).await);
    assert_eq!((user.version, made), (UserVersion(1), vec![calls_back_all(1)]));
    assert_eq!(revocations(&*store).await, [calls_back_all(1)]);
    assert_eq!(live(&*store, 1).await.len(), 2);
    let rotated = store
        .rotate_session(&present(&first, 0), &rules(6))
        .await
        .unwrap();
    let Rotation::Rotated(both) = rotated else {
        panic!("{rotated:?}")
    };
    assert_eq!(
        (both.1.version, both.1.roles.clone()),
        (UserVersion(1), roles(&["admin"]))
    );
}

pub(crate) async fn who_is_disabled_has_no_session_and_opens_none(database: Database) {
    let store = database.open().await;
    let [first, ..] = populated(&*store).await;
    let (user, made) = done(change(&*store, 1, disabled(true)).await);
    assert!(user.disabled);
    assert_eq!(made, [calls_back_all(1)]);
    assert!(live(&*store, 1).await.is_empty());
    let refused = store
        .rotate_session(&present(&first, 0), &rules(6))
        .await
        .unwrap();
    assert!(matches!(refused, Rotation::Refused(RotationRefusal::Ended)));
    let mut owner = account(1, "Romel");
    owner.user.version = UserVersion(1);
    let opened = open_session(&*store, &owner, &session(7, 1, 6)).await;
    assert!(matches!(opened, OpenSession::AccountChanged));
    let ended = store.session(first.id).await.unwrap().unwrap().ended;
    assert_eq!(ended, Some(EndReason::Disabled));
    let before = actions(&*store).await;
    assert_eq!(before[before.len() - 2..], ["session.ended", "user.disabled"]);

    let (user, made) = done(change(&*store, 1, disabled(true)).await);
    assert_eq!(
        (user.version, made.len()),
        (UserVersion(1), 0),
        "it changes nothing"
    );
    assert_eq!(actions(&*store).await, before);

    done(change(&*store, 1, disabled(false)).await);
    let opened = open_session(&*store, &owner, &session(7, 1, 6)).await;
    assert!(matches!(opened, OpenSession::Opened(_)));
}

pub(crate) async fn somebody_can_always_administrate(database: Database) {
    let store = database.open().await;
    populated(&*store).await;
    done(change(&*store, 2, disabled(true)).await);
    let demoted = Changes {
        roles: Some(roles(&["editor"])),
        ..Changes::default()
    };
    let before = actions(&*store).await;
    for changes in [&demoted, &disabled(true)] {
        let refused = change(&*store, 1, changes.clone()).await;
        assert!(matches!(refused, Acted::LastAdmin), "{refused:?}");
    }
    let refused = store.delete_user(&act(1)).await.unwrap();
    assert!(matches!(refused, Acted::LastAdmin), "{refused:?}");
    assert_eq!(actions(&*store).await, before);
    let untouched = store.user(user_id(1)).await.unwrap().unwrap();
    assert!(untouched.is_active_admin());
    assert_eq!(live(&*store, 1).await.len(), 2);

    let anyway = Act {
        may_take_last_admin: true,
        ..act(1)
    };
    done(store.change_user(&anyway, &demoted).await.unwrap());
    done(change(&*store, 1, disabled(true)).await);
}

pub(crate) async fn who_is_deleted_leaves_nothing_but_their_id(database: Database) {
    let store = database.open().await;
    let [first, ..] = populated(&*store).await;
    let ((), made) = done(store.delete_user(&act(1)).await.unwrap());
    assert_eq!(made, [calls_back_all(1)]);
    assert_eq!(revocations(&*store).await, made);
    assert!(store.user(user_id(1)).await.unwrap().is_none());
    assert!(store.session(first.id).await.unwrap().is_none());
    let events = store.events_after(0, 100).await.unwrap();
    for event in &events {
        let erased = event.user == Some(user_id(1));
        assert!(!erased || event.personal.is_none(), "{event:?}");
        assert!(event.action != "user.registered" || event.commitment.is_some());
    }
    assert!(
        events.iter().any(|event| event.personal.is_some()),
        "somebody else's stay"
    );
    assert_eq!(events.last().unwrap().action, "user.deleted");
    let again = create(&*store, 4, "Romel").await;
    assert_eq!(again.user.version, UserVersion(0));
}

pub(crate) async fn nothing_is_done_to_nobody(database: Database) {
    let store = database.open().await;
    assert!(matches!(
        change(&*store, 1, disabled(true)).await,
        Acted::NotFound
    ));
    assert!(matches!(
        store.delete_user(&act(1)).await.unwrap(),
        Acted::NotFound
    ));
    let code = StoredCode {
        digest: SecretDigest::from_bytes([1; 32]),
        until: at(100),
    };
    let issued = store.issue_reset_code(&act(1), &code, true).await.unwrap();
    assert!(matches!(issued, Acted::NotFound));
    assert!(actions(&*store).await.is_empty());
}

pub(crate) async fn users_are_listed_in_pages_and_as_asked(database: Database) {
    let store = database.open().await;
    for (number, name) in [(1, "Anna"), (2, "berta"), (3, "Clara"), (4, "hannah")] {
        create(&*store, number, name).await;
    }
    let changes = Changes {
        roles: Some(roles(&["administrator"])),
        email: Some(Some("Ann.Other@example.org".parse().unwrap())),
        disabled: Some(true),
        ..Changes::default()
    };
    done(change(&*store, 3, changes).await);
    let list = async |query: UserQuery| -> Vec<String> {
        let users = store.users(&query).await.unwrap();
        users.iter().map(|user| user.username.to_string()).collect()
    };
    let all = UserQuery {
        limit: 10,
        ..UserQuery::default()
    };
    let searched = |search: &str| UserQuery {
        search: Some(search.into()),
        ..all.clone()
    };
    let page = |after: Option<u8>| UserQuery {
        limit: 3,
        after: after.map(user_id),
        ..all.clone()
    };
    let of_role = |role: &str| UserQuery {
        role: Some(role.parse().unwrap()),
        ..all.clone()
    };
    let switched = |disabled| UserQuery {
        disabled: Some(disabled),
        ..all.clone()
    };
    for (query, expected) in [
        (page(None), &["Anna", "berta", "Clara"][..]),
        (page(Some(3)), &["hannah"]),
        (page(Some(4)), &[]),
        (searched("ANN"), &["Anna", "Clara", "hannah"]),
        (searched("ann.OTHER@"), &["Clara"]),
        (searched("%"), &[]),
        (of_role("admin"), &["Anna", "berta", "hannah"]),
        (of_role("administrator"), &["Clara"]),
        (switched(true), &["Clara"]),
        (switched(false), &["Anna", "berta", "hannah"]),
    ] {
        assert_eq!(list(query.clone()).await, expected, "{query:?}");
    }
}
