//! New passwords, and the codes that set them.

use super::audit::actions;
use crate::prelude::*;

fn act() -> AdminAction {
    AdminAction {
        user: user_id(1),
        by: Actor::CommandLine,
        now: at(5),
        may_take_last_admin: false,
    }
}

fn code(number: u8) -> StoredCode {
    StoredCode {
        digest: SecretDigest::from_bytes([number; 32]),
        until: at(100),
    }
}

pub(super) fn setting(proof: PasswordProof, now: i64) -> SetPassword {
    SetPassword {
        user: user_id(1),
        hash: PasswordHash::new("new hash".into()),
        scheme: "new scheme".into(),
        proof,
        reason: EndReason::PasswordChanged,
        event: Event::new(Action::PasswordChanged, at(now)).user(user_id(1)),
        finishes: None,
        opens: None,
    }
}

pub(super) fn present(hash: &str) -> PasswordProof {
    PasswordProof::Present(PasswordHash::new(hash.into()))
}

fn with_code(number: u8) -> PasswordProof {
    PasswordProof::Code(SecretDigest::from_bytes([number; 32]))
}

async fn set(store: &dyn Store, proof: PasswordProof, now: i64) -> Option<Vec<Revocation>> {
    let set = store.set_password(&setting(proof, now)).await.unwrap();
    set.map(|PasswordSet { revocations, .. }| revocations)
}

async fn romel(store: &dyn Store) -> Account {
    let name = UsernameKey::parse("romel").unwrap();
    store.account_by_name(&name).await.unwrap().unwrap()
}

async fn issue(store: &dyn Store, number: u8, force: bool) -> Vec<Revocation> {
    match store
        .issue_reset_code(&act(), &code(number), force)
        .await
        .unwrap()
    {
        Acted::Done((), revocations) => revocations,
        refused => panic!("{refused:?}"),
    }
}

pub(crate) async fn a_new_password_ends_every_session(database: Database) {
    let store = database.open().await;
    let [first, ..] = populated(&*store).await;
    let made = set(&*store, present("hash-1"), 5).await.unwrap();
    let expected = Revocation {
        target: Target::User {
            id: user_id(1),
            below: UserVersion(1),
        },
        until: at(1).plus(ACCEPTED_FOR),
    };
    assert_eq!(made, [expected]);
    assert_eq!(revocations(&*store).await, made);
    assert!(live(&*store, 1).await.is_empty());
    assert_eq!(live(&*store, 2).await.len(), 1);
    let ended = store.session(first.id).await.unwrap().unwrap().ended;
    assert_eq!(ended, Some(EndReason::PasswordChanged));
    let account = romel(&*store).await;
    assert_eq!((hash(&account), &*account.scheme), ("new hash", "new scheme"));
    assert_eq!(account.user.version, UserVersion(1));
    let actions = actions(&*store).await;
    assert_eq!(
        actions[actions.len() - 2..],
        ["password.changed", "session.ended"]
    );
}

/// Whoever sets it is signed in by the same transaction, whatever happened to the version before.
pub(crate) async fn a_new_password_opens_a_session_in_the_same_transaction(database: Database) {
    let store = database.open().await;
    populated(&*store).await;
    store.end_sessions(&ending(1, Which::All)).await.unwrap();
    let account = Account {
        password_hash: Some(PasswordHash::new("new hash".into())),
        ..account(1, "Romel")
    };
    let setting = SetPassword {
        opens: Some(opening(&account, &session(9, 1, 6))),
        ..setting(present("hash-1"), 6)
    };
    let set = store.set_password(&setting).await.unwrap().unwrap();
    assert_eq!(set.opened.unwrap().user.version, UserVersion(2));
    assert_eq!(set.revocations.len(), 1);
    assert_eq!(live(&*store, 1).await, [SessionId::from_bytes([9; 16])]);
    let actions = actions(&*store).await;
    assert_eq!(
        actions[actions.len() - 3..],
        ["password.changed", "session.ended", "login.succeeded"]
    );
    let stale = SetPassword {
        opens: Some(opening(&account, &session(8, 1, 6))),
        ..setting
    };
    assert!(store.set_password(&stale).await.unwrap().is_none());
    assert_eq!(
        live(&*store, 1).await.len(),
        1,
        "nothing ended and nothing opened"
    );
}

pub(crate) async fn a_new_password_needs_the_account_that_was_checked(database: Database) {
    let store = database.open().await;
    populated(&*store).await;
    let before = actions(&*store).await;
    for stale in [present("another"), present(""), with_code(1)] {
        assert!(set(&*store, stale.clone(), 5).await.is_none(), "{stale:?}");
    }
    assert_eq!(hash(&romel(&*store).await), "hash-1");
    assert_eq!(live(&*store, 1).await.len(), 2);
    assert_eq!(actions(&*store).await, before);
}

pub(crate) async fn a_reset_code_sets_a_password_once_and_in_time(database: Database) {
    let store = database.open().await;
    populated(&*store).await;
    assert!(issue(&*store, 1, false).await.is_empty());
    assert_eq!(live(&*store, 1).await.len(), 2, "the present password stays good");
    assert_eq!(hash(&romel(&*store).await), "hash-1");
    issue(&*store, 2, false).await;
    assert!(
        set(&*store, with_code(1), 6).await.is_none(),
        "one live code for each user"
    );
    assert!(
        set(&*store, with_code(2), 100).await.is_none(),
        "its time is over"
    );
    let kept = romel(&*store).await.reset_code.unwrap();
    assert!(kept.admits(&code(2).digest, at(99)));
    assert_eq!(set(&*store, with_code(2), 99).await.unwrap().len(), 1);
    assert!(live(&*store, 1).await.is_empty());
    assert!(set(&*store, with_code(2), 99).await.is_none(), "it is used up");
    assert!(romel(&*store).await.reset_code.is_none());
}

pub(crate) async fn a_new_password_voids_the_reset_code(database: Database) {
    let store = database.open().await;
    populated(&*store).await;
    issue(&*store, 1, false).await;
    assert!(set(&*store, present("hash-1"), 5).await.is_some());
    assert!(set(&*store, with_code(1), 6).await.is_none());
}

pub(crate) async fn a_forced_reset_leaves_the_code_alone(database: Database) {
    let store = database.open().await;
    populated(&*store).await;
    assert_eq!(issue(&*store, 1, true).await.len(), 1);
    assert!(live(&*store, 1).await.is_empty());
    let account = romel(&*store).await;
    assert!(account.password_hash.is_none() && account.scheme.is_empty());
    assert!(set(&*store, with_code(1), 6).await.is_some());
    assert_eq!(hash(&romel(&*store).await), "new hash");
}

pub(crate) async fn a_disabled_user_sets_no_password(database: Database) {
    let store = database.open().await;
    populated(&*store).await;
    issue(&*store, 1, false).await;
    let disabled = Changes {
        disabled: Some(true),
        ..Changes::default()
    };
    store.change_user(&act(), &disabled).await.unwrap();
    assert!(set(&*store, with_code(1), 6).await.is_none());
    assert!(set(&*store, present("hash-1"), 6).await.is_none());
}

pub(crate) async fn an_account_may_begin_with_a_code_instead_of_a_password(database: Database) {
    let store = database.open().await;
    let account = Account {
        password_hash: None,
        scheme: String::new(),
        reset_code: Some(code(1)),
        ..account(1, "Romel")
    };
    let created = store.create_user(&account, &registered(&account)).await.unwrap();
    assert_eq!(created, CreateUser::Created);
    let read = romel(&*store).await;
    assert!(read.password_hash.is_none());
    assert!(read.reset_code.unwrap().admits(&code(1).digest, at(99)));
    assert!(set(&*store, with_code(1), 6).await.is_some());
}
