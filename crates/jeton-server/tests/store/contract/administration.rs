//! What administrators do to users.

use super::audit::actions;
use crate::prelude::*;

/// By the command line, which need be nobody.
fn act(user: u8) -> AdminAction {
    AdminAction {
        user: user_id(user),
        by: Actor::CommandLine,
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

/// Revokes whatever the first user of [`populated`] was given under a version below this one.
fn revocation_of_all(below: i64) -> Revocation {
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
        Acted::TargetIsAdmin => panic!("an administrator"),
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
    assert_eq!(event.actor.as_deref(), Some("command-line"));
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
    assert_eq!((user.version, made), (UserVersion(1), vec![revocation_of_all(1)]));
    assert_eq!(revocations(&*store).await, [revocation_of_all(1)]);
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
    assert_eq!(made, [revocation_of_all(1)]);
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

    let anyway = AdminAction {
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
    assert_eq!(made, [revocation_of_all(1)]);
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

pub(crate) async fn who_is_deleted_leaves_nothing_in_what_they_did_to_others(database: Database) {
    let store = database.open().await;
    populated(&*store).await;
    // Nobody acts for an administrator.
    let changes = Changes {
        roles: Some(roles(&["editor"])),
        ..Changes::default()
    };
    let (john, _) = done(change(&*store, 2, changes).await);
    let on_behalf = Session {
        actor: Some(user_id(1)),
        ..session(7, 2, 3)
    };
    let address = Personal::new([7; 16]).field("address", "192.0.2.1");
    let acting = Event::new(Action::ActedFor, at(3))
        .user(john.id)
        .session(on_behalf.id)
        .by(Some(Actor::User(user_id(1))))
        .personal(address.clone());
    let opening = Opening {
        proof: Proof::Vouched(john.version),
        event: acting,
        ..opening(&account(2, "john"), &on_behalf)
    };
    let opened = store.open_session(opening).await.unwrap();
    assert!(matches!(opened, OpenSession::Opened(_)));
    let by_another = Event::new(Action::UserUnlocked, at(4))
        .user(john.id)
        .by(Some(Actor::User(user_id(3))))
        .personal(address);
    store.record(&by_another).await.unwrap();

    let deleting = AdminAction {
        may_take_last_admin: true,
        ..act(1)
    };
    done(store.delete_user(&deleting).await.unwrap());
    let events = store.events_after(0, 100).await.unwrap();
    let acted = |actor: u8| {
        let name = Some(Actor::User(user_id(actor)).to_string());
        events
            .iter()
            .find(|event| event.actor == name && event.commitment.is_some())
    };
    assert!(acted(1).unwrap().personal.is_none());
    assert!(acted(3).unwrap().personal.is_some(), "somebody else's stays");
    let kept = store.session(on_behalf.id).await.unwrap().unwrap();
    assert_eq!(kept.device.as_str(), "", "it was the device of who acted");
}

pub(crate) async fn nothing_personal_is_written_of_who_was_deleted_before(database: Database) {
    let store = database.open().await;
    populated(&*store).await;
    done(store.delete_user(&act(1)).await.unwrap());
    for user in [1, 2] {
        let failed = Event::new(Action::SignInFailed, at(6))
            .user(user_id(user))
            .personal(Personal::new([7; 16]).field("address", "192.0.2.1"));
        store.record(&failed).await.unwrap();
    }
    let wanted = store::Wanted {
        action: Some(Action::SignInFailed),
        limit: 2,
        ..store::Wanted::default()
    };
    let [of_john, of_romel] = &store.events(&wanted).await.unwrap()[..] else {
        panic!("two failed");
    };
    assert!(of_john.personal.is_some());
    assert!(of_romel.personal.is_none() && of_romel.commitment.is_some());
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

fn by(actor: u8, user: u8) -> AdminAction {
    AdminAction {
        by: Actor::User(user_id(actor)),
        ..act(user)
    }
}

/// A session that somebody opens in its owner's place.
fn opening_for(owner: &Account, number: u8, actor: u8) -> Opening {
    let session = Session {
        actor: Some(user_id(actor)),
        ..session(number, 2, 0)
    };
    Opening {
        proof: Proof::Vouched(owner.user.version),
        ..opening(owner, &session)
    }
}

/// One administrator, two users who are none, and what the second's account is.
pub(crate) async fn administered(store: &dyn Store) -> Account {
    create(store, 1, "ada").await;
    let mut owner = create(store, 2, "Romel").await;
    create(store, 3, "john").await;
    for user in [2, 3] {
        let changes = Changes {
            roles: Some(Vec::new()),
            ..Changes::default()
        };
        owner.user.version = done(change(store, user, changes).await).0.version;
    }
    owner
}

fn code() -> StoredCode {
    StoredCode {
        digest: SecretDigest::from_bytes([1; 32]),
        until: at(100),
    }
}

pub(crate) async fn whatever_administrators_do_needs_one(database: Database) {
    let store = database.open().await;
    let owner = administered(&*store).await;
    first_key(&*store, "first", Purpose::Access).await;
    let done_before = actions(&*store).await;
    let refused = |result: Result<(), StoreError>, what| {
        assert!(
            matches!(result, Err(StoreError::NotAdministrator)),
            "{what}: {result:?}"
        );
    };
    // Somebody who is no administrator, and somebody who is not there.
    for nobody in [3, 9] {
        let (actor, act) = (Some(Actor::User(user_id(nobody))), by(nobody, 2));
        let event = Event::new(Action::UserUnlocked, at(5)).by(actor);
        let ending = Ending {
            by: actor,
            ..ending(2, Which::All)
        };
        let program = super::clients::program(7, "billing");
        let secret = SecretDigest::from_bytes([1; 32]);
        let change = store::ClientChange {
            by: act.by,
            ..super::clients::nothing()
        };
        let KeyAct::Rotate(new) = rotate_to("second", Purpose::Access, 5) else {
            unreachable!()
        };
        let rotate = KeyAct::Rotate(NewKey { by: act.by, ..new });
        let revocation = revocation_of(&session(1, 2, 0));
        let account = account(8, "made");
        let changed = store.change_user(&act, &disabled(true)).await.map(drop);
        refused(changed, "change");
        refused(store.delete_user(&act).await.map(drop), "delete");
        refused(
            store.issue_reset_code(&act, &code(), true).await.map(drop),
            "reset",
        );
        refused(store.end_sessions(&ending).await.map(drop), "sessions");
        refused(store.create_user(&account, &event).await.map(drop), "create");
        let key = jeton_server::model::throttle::AccountKey::from_bytes([1; 32]);
        refused(store.unlock(&key, &event).await.map(drop), "unlock");
        refused(store.revoke(&revocation, &event).await, "revoke");
        let made = store.create_client(&program, &secret, &event).await;
        refused(made.map(drop), "create a client");
        let changed = store.change_client(program.id, &change).await;
        refused(changed.map(drop), "change a client");
        let deleted = store.delete_client(program.id, &change).await;
        refused(deleted.map(drop), "delete a client");
        refused(store.change_keys(&rotate).await.map(drop), "rotate");
        let opened = store.open_session(opening_for(&owner, 5, nobody)).await;
        refused(opened.map(drop), "act for somebody");
    }
    assert_eq!(actions(&*store).await, done_before);
    done(store.change_user(&by(1, 2), &disabled(true)).await.unwrap());
}

pub(crate) async fn who_acts_for_others_does_so_while_an_administrator(database: Database) {
    let store = database.open().await;
    let owner = administered(&*store).await;
    create(&*store, 4, "grace").await;
    let opens = async |number: u8, actor: u8| {
        let opened = store
            .open_session(opening_for(&owner, number, actor))
            .await
            .unwrap();
        assert!(matches!(opened, OpenSession::Opened(_)), "{opened:?}");
        let acting = session(number, 2, 0);
        (acting.id, revocation_of(&acting))
    };
    let roles_of = |names: &[&str]| Changes {
        roles: Some(roles(names)),
        ..Changes::default()
    };
    let (by_grace, _) = opens(100, 4).await;
    let without_a_role = async || done(change(&*store, 1, roles_of(&[])).await).1;
    let switched_off = async || done(change(&*store, 1, disabled(true)).await).1;
    let signed_out = async || {
        store
            .end_sessions(&ending(1, Which::All))
            .await
            .unwrap()
            .revocations
    };
    let back = async || {
        done(change(&*store, 1, roles_of(&["admin"])).await);
        done(change(&*store, 1, disabled(false)).await);
    };

    let (acting, entry) = opens(11, 1).await;
    assert!(without_a_role().await.contains(&entry));
    assert_eq!(live(&*store, 2).await, [by_grace]);
    back().await;
    let (_, entry) = opens(12, 1).await;
    assert!(switched_off().await.contains(&entry));
    assert_eq!(live(&*store, 2).await, [by_grace]);
    back().await;
    let (_, entry) = opens(13, 1).await;
    assert!(signed_out().await.contains(&entry));
    assert_eq!(live(&*store, 2).await, [by_grace]);
    let (_, entry) = opens(14, 1).await;
    assert!(done(store.delete_user(&act(1)).await.unwrap()).1.contains(&entry));
    assert_eq!(live(&*store, 2).await, [by_grace]);
    assert!(revocations(&*store).await.contains(&entry));

    let ended = store.session(acting).await.unwrap().unwrap().ended;
    assert_eq!(ended, Some(EndReason::OnBehalfOver));
    let events = store.events_after(0, 100).await.unwrap();
    let told: Vec<_> = events
        .iter()
        .filter(|event| event.session == Some(acting) && event.action == "session.ended")
        .collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].user, Some(user_id(2)));
    assert_eq!(told[0].detail, r#"{"reason":"on_behalf_over"}"#);

    done(change(&*store, 2, roles_of(&["admin"])).await);
    assert!(
        live(&*store, 2).await.is_empty(),
        "nobody acts for an administrator"
    );
    let refused = store.open_session(opening_for(&owner, 15, 4)).await.unwrap();
    assert!(matches!(refused, OpenSession::AccountChanged));
}

pub(crate) async fn of_two_who_take_the_role_from_each_other_one_does(database: Database) {
    // Two handles to the database, as two nodes have them.
    let stores = [database.open().await, database.open().await];
    create(&*stores[0], 9, "grace").await;
    let demoted = Changes {
        roles: Some(Vec::new()),
        ..Changes::default()
    };
    for round in 0..10_u8 {
        let (one, other) = (100 + 2 * round, 101 + 2 * round);
        create(&*stores[0], one, &format!("ada{round}")).await;
        create(&*stores[0], other, &format!("bert{round}")).await;
        let (by_one, by_other) = (by(one, other), by(other, one));
        let (first, second) = tokio::join!(
            stores[0].change_user(&by_one, &demoted),
            stores[1].change_user(&by_other, &demoted)
        );
        let outcomes = [first, second];
        let done = outcomes
            .iter()
            .filter(|outcome| matches!(outcome, Ok(Acted::Done(..))));
        let refused = outcomes
            .iter()
            .filter(|outcome| matches!(outcome, Err(StoreError::NotAdministrator)));
        assert_eq!((done.count(), refused.count()), (1, 1), "{outcomes:?}");
    }
}

pub(crate) async fn no_administrator_makes_a_code_for_another(database: Database) {
    let store = database.open().await;
    administered(&*store).await;
    create(&*store, 4, "grace").await;
    for force in [false, true] {
        for target in [1, 4] {
            let refused = store
                .issue_reset_code(&by(1, target), &code(), force)
                .await
                .unwrap();
            assert!(matches!(refused, Acted::TargetIsAdmin), "{refused:?}");
        }
    }
    let grace = UsernameKey::parse("grace").unwrap();
    let untouched = store.account_by_name(&grace).await.unwrap().unwrap();
    assert!(untouched.password_hash.is_some() && untouched.reset_code.is_none());
    done(store.issue_reset_code(&by(1, 2), &code(), false).await.unwrap());
    done(store.issue_reset_code(&act(4), &code(), false).await.unwrap());
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
