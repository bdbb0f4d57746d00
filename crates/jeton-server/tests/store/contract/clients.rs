//! Programs: made once, changed in one step, and revoked when they can do less than before.

use jeton_server::{
    model::{
        acceptance::all_refused_after,
        audit::Actor,
        client::{
            Client, ClientSecret, ProvenClient,
            change::{ClientEdit, RegistrationChange},
            registration::{ClientAuthentication, GrantType, Pkce, Registration},
            rules::RegistrationError,
        },
    },
    store::{ClientChange, ClientChanged, IssueToClient},
};

use crate::prelude::*;

pub(super) fn program(number: u8, name: &str) -> Client {
    Client {
        id: client_id(number),
        name: name.parse().unwrap(),
        scopes: vec!["a".parse().unwrap(), "b".parse().unwrap()],
        version: UserVersion::default(),
        disabled: false,
        created_at: at(0),
        accepted_until: Timestamp::from_seconds(0),
        registration: Registration::default(),
    }
}

fn digest(number: u8) -> SecretDigest {
    ClientSecret::new([number; 32]).digest()
}

async fn make(store: &dyn Store, number: u8, name: &str) -> bool {
    let event = Event::new(Action::ClientCreated, at(0)).user(user_id(number));
    store
        .create_client(&program(number, name), &digest(number), &event)
        .await
        .unwrap()
}

pub(super) fn nothing() -> ClientChange {
    ClientChange {
        edit: ClientEdit::default(),
        secret: None,
        by: Actor::CommandLine,
        now: at(5),
    }
}

fn asking(edit: ClientEdit) -> ClientChange {
    ClientChange { edit, ..nothing() }
}

fn disabling(disabled: bool) -> ClientChange {
    asking(ClientEdit {
        disabled: Some(disabled),
        ..ClientEdit::default()
    })
}

fn scoped(names: &[&str]) -> ClientChange {
    asking(ClientEdit {
        scopes: Some(names.iter().map(|name| name.parse().unwrap()).collect()),
        ..ClientEdit::default()
    })
}

fn registering(registration: RegistrationChange) -> ClientChange {
    asking(ClientEdit {
        registration,
        ..ClientEdit::default()
    })
}

/// Changes the first program, which must be possible.
async fn changed(store: &dyn Store, change: &ClientChange) -> (Client, Option<Revocation>) {
    match store.change_client(client_id(1), change).await.unwrap() {
        ClientChanged::Done(client, revocations) => {
            assert!(revocations.len() <= 1, "{revocations:?}");
            (*client, revocations.first().copied())
        }
        other => panic!("{change:?}: {other:?}"),
    }
}

/// Revokes a program's tokens that were issued below this version.
fn below(number: u8, version: i64) -> Revocation {
    Revocation {
        target: Target::User {
            id: user_id(number),
            below: UserVersion(version),
        },
        until: all_refused_after(at(5)),
    }
}

async fn issue(store: &dyn Store, version: i64, accepted_until: Timestamp) -> Option<Client> {
    let issue = IssueToClient {
        client: ProvenClient {
            id: client_id(1),
            version: UserVersion(version),
        },
        accepted_until,
        event: Event::new(Action::ClientToken, at(5)).user(user_id(1)),
    };
    store.issue_to_client(&issue).await.unwrap()
}

pub(crate) async fn a_client_gets_tokens_while_it_is_what_was_proven(database: Database) {
    let store = database.open().await;
    make(&*store, 1, "billing").await;
    let far = all_refused_after(at(5)).plus(WEEK);
    for (until, kept) in [(at(9), at(9)), (at(7), at(9)), (far, far)] {
        let account = issue(&*store, 0, until).await.unwrap();
        assert_eq!(account.accepted_until, kept);
    }
    assert!(
        issue(&*store, 1, at(9)).await.is_none(),
        "it is of another version"
    );
    let (account, revoked) = changed(&*store, &disabling(true)).await;
    assert_eq!(
        revoked.unwrap().until,
        far,
        "whatever issued the token that lives longest"
    );
    for version in [0, account.version.0] {
        assert!(issue(&*store, version, at(9)).await.is_none());
    }
    let events = store.events_after(0, 10).await.unwrap();
    assert_eq!(events.len(), 5, "what was refused is not recorded");
}

pub(crate) async fn a_client_reads_back_and_its_name_is_given_once(database: Database) {
    let store = database.open().await;
    assert!(make(&*store, 1, "billing").await);
    assert!(!make(&*store, 2, "billing").await);
    assert!(make(&*store, 3, "Billing").await, "it is another name");
    let (account, secret) = store.client_with_secret(client_id(1)).await.unwrap().unwrap();
    assert_eq!(format!("{account:?}"), format!("{:?}", program(1, "billing")));
    assert!(secret.is(&digest(1)) && !secret.is(&digest(2)));
    assert!(store.client(client_id(2)).await.unwrap().is_none());
    let all = store.clients().await.unwrap();
    let ids: Vec<_> = all.iter().map(|account| account.id).collect();
    assert_eq!(ids, [client_id(1), client_id(3)]);
    let events = store.events_after(0, 10).await.unwrap();
    assert_eq!(events.len(), 2, "what was refused is not recorded");
}

pub(crate) async fn a_client_that_can_do_less_is_revoked(database: Database) {
    let store = database.open().await;
    make(&*store, 1, "billing").await;
    let mut version = 0;
    let new_secret = ClientChange {
        secret: Some(digest(9)),
        ..nothing()
    };
    for (change, revokes) in [
        (nothing(), false),
        (scoped(&["b", "a", "c"]), false),
        (scoped(&["b"]), true),
        (disabling(true), true),
        (disabling(true), false),
        (disabling(false), false),
        (new_secret, true),
    ] {
        let (account, revoked) = changed(&*store, &change).await;
        version += i64::from(revokes);
        assert_eq!(account.version, UserVersion(version), "{change:?}");
        assert_eq!(revoked, revokes.then(|| below(1, version)), "{change:?}");
    }
    assert_eq!(
        revocations(&*store).await,
        [below(1, 1), below(1, 2), below(1, 3)]
    );
    let (account, secret) = store.client_with_secret(client_id(1)).await.unwrap().unwrap();
    assert!(secret.is(&digest(9)) && !account.disabled);
    assert_eq!(account.scopes.len(), 1);
    let raised = store
        .raising_event(user_id(1), UserVersion(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(raised.actor.as_deref(), Some("command-line"));
    assert!(raised.detail.contains("\"disabled\":true"), "{}", raised.detail);
}

pub(crate) async fn a_client_that_is_gone_is_revoked(database: Database) {
    let store = database.open().await;
    make(&*store, 1, "billing").await;
    let deleted = store.delete_client(client_id(1), &nothing()).await.unwrap();
    assert_eq!(deleted, Some(vec![below(1, 1)]));
    assert_eq!(revocations(&*store).await, [below(1, 1)]);
    assert!(store.client(client_id(1)).await.unwrap().is_none());
    let again = store.delete_client(client_id(1), &nothing()).await.unwrap();
    assert_eq!(again, None);
    let changed = store.change_client(client_id(1), &nothing()).await.unwrap();
    assert!(matches!(changed, ClientChanged::NotFound), "{changed:?}");
    let events = store.events_after(0, 10).await.unwrap();
    assert_eq!(events.len(), 2);
}

fn application() -> RegistrationChange {
    RegistrationChange {
        grant_types: Some(GrantType::ALL.to_vec()),
        redirect_uris: Some(vec!["https://app.example/callback".parse().unwrap()]),
        ..RegistrationChange::default()
    }
}

pub(crate) async fn a_clients_registration_is_kept_and_what_breaks_a_rule_is_not(database: Database) {
    let store = database.open().await;
    make(&*store, 1, "billing").await;
    let registering_all = registering(RegistrationChange {
        pkce: Some(Pkce::Optional),
        ..application()
    });
    let (account, revoked) = changed(&*store, &registering_all).await;
    assert_eq!(revoked, None, "it may do more");
    let kept = store.client(client_id(1)).await.unwrap().unwrap();
    assert_eq!(format!("{kept:?}"), format!("{account:?}"));
    assert!(kept.registration.allows(GrantType::AuthorizationCode));
    assert!(kept.registration.may_omit_pkce() && kept.scopes.len() == 7);
    let breaking = registering(RegistrationChange {
        redirect_uris: Some(Vec::new()),
        ..RegistrationChange::default()
    });
    let refused = store.change_client(client_id(1), &breaking).await.unwrap();
    assert!(
        matches!(refused, ClientChanged::Refused(RegistrationError::NoRedirectUri)),
        "{refused:?}"
    );
    let still = store.client(client_id(1)).await.unwrap().unwrap();
    assert_eq!(format!("{still:?}"), format!("{kept:?}"));
    let events = store.events_after(0, 10).await.unwrap();
    assert_eq!(events.len(), 2, "what was refused is not recorded");
    assert!(
        events[1].detail.contains("\"pkce\":\"optional\"")
            && events[1].detail.contains("https://app.example/callback"),
        "{}",
        events[1].detail
    );
}

pub(crate) async fn a_client_that_becomes_public_has_no_secret_any_more(database: Database) {
    let store = database.open().await;
    make(&*store, 1, "billing").await;
    let proving = |authentication| {
        registering(RegistrationChange {
            authentication: Some(authentication),
            grant_types: Some(vec![GrantType::AuthorizationCode]),
            ..application()
        })
    };
    let (_, revoked) = changed(&*store, &proving(ClientAuthentication::None)).await;
    assert_eq!(revoked, Some(below(1, 1)));
    let kept = async || store.client_with_secret(client_id(1)).await.unwrap().unwrap().1;
    assert!(!kept().await.is(&digest(1)));
    let new_secret = ClientChange {
        secret: Some(digest(9)),
        ..nothing()
    };
    let refused = store.change_client(client_id(1), &new_secret).await.unwrap();
    assert!(
        matches!(
            refused,
            ClientChanged::Refused(RegistrationError::NoSecret("none"))
        ),
        "{refused:?}"
    );
    changed(&*store, &proving(ClientAuthentication::Secret)).await;
    assert!(!kept().await.is(&digest(1)), "the old one is good for nothing");
    changed(&*store, &new_secret).await;
    assert!(kept().await.is(&digest(9)));
}

pub(crate) async fn a_client_gets_a_name_that_no_other_has(database: Database) {
    let store = database.open().await;
    make(&*store, 1, "billing").await;
    make(&*store, 2, "feeder").await;
    let named = |name: &str| {
        asking(ClientEdit {
            name: Some(name.parse().unwrap()),
            ..ClientEdit::default()
        })
    };
    let taken = store.change_client(client_id(1), &named("feeder")).await.unwrap();
    assert!(matches!(taken, ClientChanged::NameTaken), "{taken:?}");
    for name in ["billing", "invoices"] {
        let (account, revoked) = changed(&*store, &named(name)).await;
        assert_eq!((account.name.as_str(), revoked), (name, None));
    }
    let kept = store.client(client_id(1)).await.unwrap().unwrap();
    assert_eq!(kept.name.as_str(), "invoices");
}
