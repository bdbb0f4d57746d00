//! The first administrator.

use tokio::task::JoinSet;

use super::{audit::actions, ceremonies::ceremony};
use crate::prelude::*;

fn setup(number: u8, name: &str) -> SetUp {
    let account = with_roles(number, name, vec![Role::admin()]);
    SetUp {
        ceremony: CeremonyId::from_bytes([1; 16]),
        event: Event::new(Action::SetUp, at(5)).user(account.user.id),
        opens: opening(&account, &session(number, number, 5)),
        account,
    }
}

fn with_roles(number: u8, name: &str, roles: Vec<Role>) -> Account {
    let mut account = account(number, name);
    account.user.roles = roles;
    account
}

fn on(user: u8) -> AdminAction {
    AdminAction {
        user: user_id(user),
        by: Actor::CommandLine,
        now: at(4),
        may_take_last_admin: true,
    }
}

async fn refused(store: &dyn Store, setup: &SetUp) -> SetUpOutcome {
    let outcome = store.set_up(setup).await.unwrap();
    assert!(!matches!(outcome, SetUpOutcome::Done(_)), "{outcome:?}");
    assert!(store.user(setup.account.user.id).await.unwrap().is_none());
    outcome
}

async fn begin(store: &dyn Store, number: u8) {
    store
        .begin_ceremony(&ceremony(number, Kind::Setup))
        .await
        .unwrap();
}

pub(crate) async fn the_first_administrator_is_made_once(database: Database) {
    let store = database.open().await;
    assert!(!store.has_administrator().await.unwrap());
    assert_eq!(store.enabled_administrators(2).await.unwrap(), 0);
    let without = refused(&*store, &setup(1, "boss")).await;
    assert!(matches!(without, SetUpOutcome::CeremonyOver), "{without:?}");
    begin(&*store, 1).await;
    begin(&*store, 2).await;
    let made = store.set_up(&setup(1, "boss")).await.unwrap();
    let SetUpOutcome::Done(opened) = made else {
        panic!("{made:?}")
    };
    assert!(opened.user.is_active_admin());
    assert_eq!(live(&*store, 1).await, [SessionId::from_bytes([1; 16])]);
    assert_eq!(actions(&*store).await, ["user.set_up", "login.succeeded"]);
    assert!(store.has_administrator().await.unwrap());
    assert_eq!(store.enabled_administrators(2).await.unwrap(), 1);
    let with_another_link = SetUp {
        ceremony: CeremonyId::from_bytes([2; 16]),
        ..setup(2, "chief")
    };
    for again in [setup(2, "chief"), with_another_link] {
        let outcome = refused(&*store, &again).await;
        assert!(
            matches!(outcome, SetUpOutcome::AdministratorExists),
            "{outcome:?}"
        );
    }
}

pub(crate) async fn a_link_takes_the_place_of_those_before(database: Database) {
    let store = database.open().await;
    let reset = ceremony(3, Kind::Reset);
    store.begin_ceremony(&reset).await.unwrap();
    for number in [1, 2] {
        let setup = ceremony(number, Kind::Setup);
        store.begin_setup(&setup).await.unwrap();
    }
    let is_there = async |number| {
        let secret = ceremony(number, Kind::Setup).secret;
        store.ceremony(&secret).await.unwrap().is_some()
    };
    assert!(!is_there(1).await && is_there(2).await && is_there(3).await);
    let outcome = refused(&*store, &setup(1, "boss")).await;
    assert!(matches!(outcome, SetUpOutcome::CeremonyOver), "{outcome:?}");
}

pub(crate) async fn of_fifty_who_set_up_at_once_one_does(database: Database) {
    let (one, other) = (database.open().await, database.open().await);
    for number in 1..=50 {
        begin(&*one, number).await;
    }
    let mut settings = JoinSet::new();
    for number in 1..=50 {
        let store = Arc::clone(if number % 2 == 0 { &one } else { &other });
        settings.spawn(async move {
            let setup = SetUp {
                ceremony: CeremonyId::from_bytes([number; 16]),
                ..setup(number, &format!("boss{number}"))
            };
            let outcome = store.set_up(&setup).await.unwrap();
            matches!(outcome, SetUpOutcome::Done(_))
        });
    }
    let made = settings.join_all().await;
    assert_eq!(made.into_iter().filter(|done| *done).count(), 1);
    let query = UserQuery {
        limit: 100,
        ..UserQuery::default()
    };
    assert_eq!(one.users(&query).await.unwrap().len(), 1);
    assert_eq!(actions(&*one).await, ["user.set_up", "login.succeeded"]);
}

pub(crate) async fn a_link_is_worth_nothing_once_there_was_an_administrator(database: Database) {
    let store = database.open().await;
    begin(&*store, 1).await;
    create(&*store, 3, "Romel").await;
    let disabled = Changes {
        disabled: Some(true),
        ..Changes::default()
    };
    store.change_user(&on(3), &disabled).await.unwrap();
    assert_eq!(store.enabled_administrators(2).await.unwrap(), 0);
    let outcome = refused(&*store, &setup(1, "boss")).await;
    assert!(
        matches!(outcome, SetUpOutcome::AdministratorExists),
        "a disabled one is one: {outcome:?}"
    );
    let demoted = Changes {
        roles: Some(Vec::new()),
        ..Changes::default()
    };
    store.change_user(&on(3), &demoted).await.unwrap();
    assert!(!store.has_administrator().await.unwrap());
    let outcome = refused(&*store, &setup(1, "boss")).await;
    assert!(matches!(outcome, SetUpOutcome::CeremonyOver), "{outcome:?}");
    begin(&*store, 1).await;
    create(&*store, 4, "john").await;
    store.delete_user(&on(4)).await.unwrap();
    let outcome = refused(&*store, &setup(1, "boss")).await;
    assert!(matches!(outcome, SetUpOutcome::CeremonyOver), "{outcome:?}");
    begin(&*store, 1).await;
    let made = store.set_up(&setup(1, "boss")).await.unwrap();
    assert!(matches!(made, SetUpOutcome::Done(_)), "{made:?}");
}

pub(crate) async fn a_name_that_is_taken_leaves_the_link_good(database: Database) {
    let store = database.open().await;
    begin(&*store, 1).await;
    let romel = with_roles(3, "Romel", Vec::new());
    store.create_user(&romel, &registered(&romel)).await.unwrap();
    let outcome = refused(&*store, &setup(1, "romel")).await;
    assert!(matches!(outcome, SetUpOutcome::UsernameTaken), "{outcome:?}");
    let made = store.set_up(&setup(1, "boss")).await.unwrap();
    assert!(matches!(made, SetUpOutcome::Done(_)), "{made:?}");
}
