//! What users do to their own accounts.

use tokio::task::JoinSet;

use super::{administration::administered, audit::actions};
use crate::prelude::*;

fn act(user: u8, change: OwnChange, now: i64) -> OwnAct {
    OwnAct {
        user: user_id(user),
        event: Event::new(change.action(), at(now)).user(user_id(user)),
        change,
    }
}

fn name(text: &str) -> OwnChange {
    OwnChange::Username(Username::parse(text).unwrap())
}

async fn change(store: &dyn Store, user: u8, change: OwnChange) -> OwnChanged {
    store.change_own(&act(user, change, 5)).await.unwrap()
}

async fn changed(store: &dyn Store, user: u8, wanted: OwnChange) -> (User, Vec<Revocation>) {
    match change(store, user, wanted).await {
        OwnChanged::Done(user, revocations) => (*user, revocations),
        refused => panic!("{refused:?}"),
    }
}

async fn delete(store: &dyn Store, user: u8) -> Acted<()> {
    let deletion = OwnDeletion {
        user: user_id(user),
        now: at(5),
    };
    store.delete_own(&deletion).await.unwrap()
}

pub(crate) async fn an_address_and_a_language_are_changed_by_their_owner(database: Database) {
    let store = database.open().await;
    populated(&*store).await;
    let before = actions(&*store).await.len();
    let address = OwnChange::Email(Some("romel@example.org".parse().unwrap()));
    let (romel, revocations) = changed(&*store, 1, address.clone()).await;
    assert_eq!(romel.email.unwrap().as_str(), "romel@example.org");
    assert!(revocations.is_empty());
    changed(&*store, 1, address).await;
    let (romel, _) = changed(&*store, 1, OwnChange::Locale(Some(Locale::German))).await;
    assert_eq!(romel.locale, Some(Locale::German));
    changed(&*store, 1, OwnChange::Email(None)).await;
    let romel = store.user(user_id(1)).await.unwrap().unwrap();
    assert_eq!((romel.email, romel.locale), (None, Some(Locale::German)));
    assert_eq!(
        actions(&*store).await[before..],
        ["user.email_changed", "user.locale_changed", "user.email_changed"],
        "the same again is nothing"
    );
    let john = store.user(user_id(2)).await.unwrap().unwrap();
    assert!(john.email.is_some());
    database.sql("UPDATE users SET locale = 'tlh'").await;
    let romel = store.user(user_id(1)).await.unwrap().unwrap();
    assert_eq!(romel.locale, None, "a language of a later version");
}

pub(crate) async fn a_new_name_calls_tokens_with_the_old_one_back(database: Database) {
    let store = database.open().await;
    populated(&*store).await;
    let (romel, revocations) = changed(&*store, 1, name("Rómulo")).await;
    assert_eq!(
        (romel.username.as_str(), romel.version),
        ("Rómulo", UserVersion(1))
    );
    let below = Target::User {
        id: user_id(1),
        below: UserVersion(1),
    };
    assert_eq!(revocations.len(), 1);
    assert_eq!(revocations[0].target, below);
    assert_eq!(live(&*store, 1).await.len(), 2, "its sessions stay");
    let by_name = |name: &str| UsernameKey::parse(name).unwrap();
    let found = store.account_by_name(&by_name("rómulo")).await.unwrap();
    assert_eq!(found.unwrap().user.id, user_id(1));
    assert!(store.account_by_name(&by_name("romel")).await.unwrap().is_none());
    // Its own name in another case is nobody else's.
    let (romel, _) = changed(&*store, 1, name("RÓMULO")).await;
    assert_eq!(romel.username.as_str(), "RÓMULO");
    create(&*store, 3, "Romel").await;
}

pub(crate) async fn a_name_of_somebody_else_is_not_taken(database: Database) {
    let store = database.open().await;
    populated(&*store).await;
    create(&*store, 3, "paypal").await;
    let before = actions(&*store).await;
    for taken in ["john", "JOHN", "ｊohn", "paypa1"] {
        let outcome = change(&*store, 1, name(taken)).await;
        assert!(
            matches!(outcome, OwnChanged::UsernameTaken),
            "{taken}: {outcome:?}"
        );
    }
    let romel = store.user(user_id(1)).await.unwrap().unwrap();
    assert_eq!(
        (romel.username.as_str(), romel.version),
        ("Romel", UserVersion(0))
    );
    assert_eq!(actions(&*store).await, before);
}

/// However the two come about each other, one has the name.
pub(crate) async fn of_many_who_take_a_name_at_once_one_has_it(database: Database) {
    let (one, other) = (database.open().await, database.open().await);
    for number in 1..=20 {
        create(&*one, number, &format!("user{number}x")).await;
    }
    let mut acts = JoinSet::new();
    for number in 1..=20 {
        let store = Arc::clone(if number % 2 == 0 { &one } else { &other });
        acts.spawn(async move {
            if number % 3 == 0 {
                let account = account(100 + number, "wanted");
                let made = store.create_user(&account, &registered(&account)).await.unwrap();
                made == CreateUser::Created
            } else {
                let outcome = store.change_own(&act(number, name("wanted"), 5)).await.unwrap();
                matches!(outcome, OwnChanged::Done(..))
            }
        });
    }
    let have = acts.join_all().await;
    assert_eq!(have.into_iter().filter(|has| *has).count(), 1);
}

pub(crate) async fn nobody_who_is_disabled_or_gone_changes_anything(database: Database) {
    let store = database.open().await;
    populated(&*store).await;
    let disabled = Changes {
        disabled: Some(true),
        ..Changes::default()
    };
    let by_command_line = AdminAction {
        user: user_id(1),
        by: Actor::CommandLine,
        now: at(4),
        may_take_last_admin: true,
    };
    store.change_user(&by_command_line, &disabled).await.unwrap();
    for user in [1, 9] {
        let outcome = change(&*store, user, OwnChange::Email(None)).await;
        assert!(matches!(outcome, OwnChanged::Gone), "{outcome:?}");
    }
    assert!(matches!(delete(&*store, 9).await, Acted::NotFound));
}

pub(crate) async fn users_delete_themselves_and_the_last_administrator_stays(database: Database) {
    let store = database.open().await;
    administered(&*store).await;
    let outcome = delete(&*store, 1).await;
    assert!(matches!(outcome, Acted::LastAdmin), "{outcome:?}");
    let second = store.user(user_id(2)).await.unwrap().unwrap();
    assert!(!second.is_admin());
    let account = store.account(user_id(2)).await.unwrap().unwrap();
    open_session(&*store, &account, &session(7, 2, 0)).await;
    let Acted::Done((), revocations) = delete(&*store, 2).await else {
        panic!("not deleted")
    };
    assert_eq!(revocations.len(), 1);
    assert!(store.user(user_id(2)).await.unwrap().is_none());
    let events = store.events_after(0, 1000).await.unwrap();
    let of_second: Vec<_> = events
        .iter()
        .filter(|event| event.user == Some(user_id(2)))
        .collect();
    assert!(of_second.iter().all(|event| event.personal.is_none()));
    let last = of_second.last().unwrap();
    assert_eq!((&*last.action, &last.actor), ("user.deleted", &None));
    create(&*store, 4, "another").await;
    assert!(matches!(delete(&*store, 1).await, Acted::Done(..)));
}

pub(crate) async fn a_user_sees_sessions_that_ended_lately(database: Database) {
    let store = database.open().await;
    let [first, second, _] = populated(&*store).await;
    let romel = store.account(user_id(1)).await.unwrap().unwrap();
    open_session(&*store, &romel, &session(4, 1, 3)).await;
    for (session, now) in [(second.id, 10), (first.id, 20)] {
        let end = Ending {
            now: at(now),
            ..ending(1, Which::One(session))
        };
        store.end_sessions(&end).await.unwrap();
    }
    let fourth = SessionId::from_bytes([4; 16]);
    let seen = async |ended| -> Vec<(SessionId, Option<Timestamp>)> {
        let sessions = store.sessions_of(user_id(1), ended).await.unwrap();
        sessions
            .iter()
            .map(|session| (session.id, session.ended_at))
            .collect()
    };
    assert_eq!(
        seen(10).await,
        [
            (fourth, None),
            (first.id, Some(at(20))),
            (second.id, Some(at(10)))
        ]
    );
    assert_eq!(seen(1).await, [(fourth, None), (first.id, Some(at(20)))]);
    assert_eq!(seen(0).await, [(fourth, None)]);
    let openings = store.first_events(&[first.id, fourth]).await.unwrap();
    let mut of: Vec<_> = openings
        .iter()
        .map(|event| (event.session, &*event.action))
        .collect();
    of.sort();
    assert_eq!(
        of,
        [
            (Some(first.id), "login.succeeded"),
            (Some(fourth), "login.succeeded")
        ]
    );
    assert!(store.first_events(&[]).await.unwrap().is_empty());
}
