//! Accounts from elsewhere, and hashes made anew.

use super::audit::actions;
use crate::prelude::*;

fn imported(account: &Account) -> Event {
    Event::new(Action::UserImported, at(0)).user(account.user.id)
}

async fn import(store: &dyn Store, accounts: &[&Account]) -> Vec<Import> {
    let accounts = accounts
        .iter()
        .map(|account| (Account::clone(account), imported(account)));
    store.import_accounts(accounts.collect()).await.unwrap()
}

pub(crate) async fn an_account_from_elsewhere_is_written_once(database: Database) {
    let store = database.open().await;
    let mut away = account(2, "away");
    away.user.disabled = true;
    let [romel, john] = [account(1, "Romel"), account(3, "john")];
    assert_eq!(
        import(&*store, &[&romel, &away]).await,
        [Import::Created, Import::Created]
    );
    assert_eq!(
        import(&*store, &[&romel, &away, &john]).await,
        [Import::AlreadyThere, Import::AlreadyThere, Import::Created],
        "the same command again finishes what was interrupted"
    );
    assert_eq!(actions(&*store).await, ["user.imported"; 3]);
    for written in [&romel, &away, &john] {
        let read = store.user(written.user.id).await.unwrap().unwrap();
        assert_eq!(format!("{read:?}"), format!("{:?}", written.user));
    }
}

pub(crate) async fn an_account_from_elsewhere_is_known_again_by_its_id(database: Database) {
    let store = database.open().await;
    let romel = create(&*store, 1, "Romel").await;
    let rehashed = Account {
        password_hash: Some(PasswordHash::new("as it was in the file".into())),
        ..romel.clone()
    };
    assert_eq!(import(&*store, &[&rehashed]).await, [Import::AlreadyThere]);
}

pub(crate) async fn an_import_can_be_tried(database: Database) {
    let store = database.open().await;
    let romel = create(&*store, 1, "Romel").await;
    let other_password = Account {
        password_hash: Some(PasswordHash::new("another".into())),
        ..account(2, "romel")
    };
    let others = [other_password, account(1, "john"), account(3, "anna")];
    let accounts: Vec<Account> = std::iter::once(romel).chain(others).collect();
    let tried = store.try_import(&accounts).await.unwrap();
    let expected = [
        Import::AlreadyThere,
        Import::UsernameTaken,
        Import::IdTaken,
        Import::Created,
    ];
    assert_eq!(tried, expected);
    assert!(
        store.user(user_id(3)).await.unwrap().is_none(),
        "nothing is written"
    );
    let done = import(&*store, &accounts.iter().collect::<Vec<_>>()).await;
    assert_eq!(done, expected, "what was said is what happens");
}

pub(crate) async fn an_import_takes_nobodys_name_or_id(database: Database) {
    let store = database.open().await;
    let romel = create(&*store, 1, "Romel").await;
    let other_password = Account {
        password_hash: Some(PasswordHash::new("another".into())),
        ..account(2, "romel")
    };
    let look_alike = account(3, "rornel");
    let other_name = account(1, "john");
    let twice = [account(4, "twice"), account(5, "TWICE")];
    let outcomes = import(
        &*store,
        &[&other_password, &look_alike, &other_name, &twice[0], &twice[1]],
    )
    .await;
    assert_eq!(
        outcomes,
        [
            Import::UsernameTaken,
            Import::UsernameTaken,
            Import::IdTaken,
            Import::Created,
            Import::UsernameTaken
        ]
    );
    let kept = store
        .account_by_name(romel.user.username.key())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(hash(&kept), hash(&romel));
    assert!(store.user(user_id(2)).await.unwrap().is_none());
}

pub(crate) async fn a_hash_is_made_anew_only_in_place_of_the_one_that_was_checked(database: Database) {
    let store = database.open().await;
    let account = create(&*store, 1, "Romel").await;
    let [old, new] = ["hash-1", "newer"].map(|text| PasswordHash::new(text.into()));
    let rehashed = Event::new(Action::PasswordRehashed, at(1)).user(account.user.id);
    let replace = async |old, new| {
        store
            .rehash(user_id(1), old, new, "newer scheme", &rehashed)
            .await
    };
    assert!(!replace(&new, &old).await.unwrap(), "it is not the one stored");
    assert!(replace(&old, &new).await.unwrap());
    assert!(!replace(&old, &new).await.unwrap(), "it has been replaced");
    let read = store
        .account_by_name(account.user.username.key())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(hash(&read), "newer");
    assert_eq!(read.scheme, "newer scheme");
    assert_eq!(
        read.user.version, account.user.version,
        "the password is the same"
    );
    assert_eq!(actions(&*store).await, ["user.registered", "password.rehashed"]);
}

pub(crate) async fn schemes_are_counted(database: Database) {
    let store = database.open().await;
    assert!(store.password_schemes().await.unwrap().is_empty());
    for (number, name, scheme) in [(1, "anna", "a"), (2, "berta", "b"), (3, "clara", "a")] {
        let account = Account {
            scheme: scheme.into(),
            ..account(number, name)
        };
        assert_eq!(import(&*store, &[&account]).await, [Import::Created]);
    }
    let without = Account {
        password_hash: None,
        scheme: String::new(),
        ..account(4, "dora")
    };
    assert_eq!(import(&*store, &[&without]).await, [Import::Created]);
    assert_eq!(
        store.password_schemes().await.unwrap(),
        [("a".to_owned(), 2), ("b".to_owned(), 1)]
    );
}
