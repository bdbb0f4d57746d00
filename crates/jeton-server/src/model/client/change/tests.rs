use serde_json::json;

use super::*;

fn id() -> ClientId {
    ClientId::from_bytes([7; 16])
}

fn now() -> Timestamp {
    Timestamp::from_seconds(1_000)
}

fn made(scopes: &[&str], registration: RegistrationChange) -> Result<Client, RegistrationError> {
    let new = NewClient {
        name: "grafana".parse().unwrap(),
        scopes: scopes.iter().map(|name| name.parse().unwrap()).collect(),
        registration,
    };
    new.make(id(), now())
}

fn application() -> RegistrationChange {
    RegistrationChange {
        redirect_uris: Some(vec!["https://app.example/callback".parse().unwrap()]),
        ..RegistrationChange::default()
    }
}

#[test]
fn one_with_redirects_signs_people_in_and_has_the_scopes_for_it() {
    let program = made(&["a"], RegistrationChange::default()).unwrap();
    assert_eq!(program.registration, Registration::default());
    assert_eq!(scope::joined(&program.scopes), "a");
    let grants = [GrantType::AuthorizationCode, GrantType::RefreshToken];
    for (asked, has) in [
        (&[][..], "openid profile email offline_access roles"),
        (&["a"], "openid profile email offline_access roles a"),
        (&["openid", "a"], "openid a"),
    ] {
        let application = made(asked, application()).unwrap();
        assert_eq!(application.registration.grant_types, grants);
        assert_eq!(scope::joined(&application.scopes), has);
    }
    let many: Vec<_> = (0..30).map(|number| format!("s{number}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    assert_eq!(
        made(&many, application()).unwrap_err(),
        RegistrationError::TooManyScopes
    );
}

#[test]
fn what_is_not_named_stays() {
    let mut client = made(&[], application()).unwrap();
    let before = client.clone();
    ClientEdit::default().apply(&mut client).unwrap();
    assert_eq!(format!("{client:?}"), format!("{before:?}"));
    assert!(!narrows(&before, &client));
    assert!(differences(&before.registration, &client.registration).is_empty());
}

#[test]
fn what_is_named_changes_and_a_member_can_be_taken_away() {
    let mut client = made(&[], application()).unwrap();
    let before = client.clone();
    let mut edit = ClientEdit {
        name: Some("graphs".parse().unwrap()),
        registration: RegistrationChange {
            pkce: Some(Pkce::Optional),
            backchannel_logout_uri: Edit::Set("https://app.example/out".to_owned()),
            ..RegistrationChange::default()
        },
        ..ClientEdit::default()
    };
    edit.apply(&mut client).unwrap();
    assert_eq!(client.name.as_str(), "graphs");
    assert_eq!(
        Value::Object(differences(&before.registration, &client.registration)),
        json!({ "pkce": "optional", "backchannel_logout_uri": "https://app.example/out" })
    );
    assert!(!narrows(&before, &client));
    edit.registration.backchannel_logout_uri = Edit::Remove;
    edit.apply(&mut client).unwrap();
    assert_eq!(client.registration.backchannel_logout_uri, None);
}

#[test]
fn a_rule_holds_for_what_a_change_comes_to() {
    let mut client = made(&[], application()).unwrap();
    let edit = ClientEdit {
        registration: RegistrationChange {
            grant_types: Some(vec![GrantType::ClientCredentials]),
            ..RegistrationChange::default()
        },
        ..ClientEdit::default()
    };
    assert_eq!(edit.apply(&mut client), Err(RegistrationError::RedirectsUnused));
}

#[test]
fn a_program_that_begins_to_sign_people_in_gets_the_scopes_for_it() {
    let mut client = made(&["a"], RegistrationChange::default()).unwrap();
    let edit = ClientEdit {
        registration: RegistrationChange {
            grant_types: Some(GrantType::ALL.to_vec()),
            ..application()
        },
        ..ClientEdit::default()
    };
    let before = client.clone();
    edit.apply(&mut client).unwrap();
    assert_eq!(
        scope::joined(&client.scopes),
        "openid profile email offline_access roles a"
    );
    assert!(!narrows(&before, &client));
}

#[test]
fn whoever_may_do_less_or_proves_itself_otherwise_is_narrowed() {
    let public = RegistrationChange {
        authentication: Some(ClientAuthentication::None),
        ..RegistrationChange::default()
    };
    let codes_alone = RegistrationChange {
        grant_types: Some(vec![GrantType::AuthorizationCode]),
        ..RegistrationChange::default()
    };
    let keys_at = |address: &str| RegistrationChange {
        authentication: Some(ClientAuthentication::PrivateKeyJwt),
        jwks_uri: Edit::Set(address.to_owned()),
        ..RegistrationChange::default()
    };
    let one = keys_at("https://app.example/jwks.json");
    let other = keys_at("https://app.example/keys.json");
    let mut client = made(&[], application()).unwrap();
    for registration in [public, codes_alone, one, other] {
        let before = client.clone();
        let edit = ClientEdit {
            registration,
            ..ClientEdit::default()
        };
        edit.apply(&mut client).unwrap();
        assert!(narrows(&before, &client), "{edit:?}");
        let before = client.clone();
        edit.apply(&mut client).unwrap();
        assert!(!narrows(&before, &client), "the same again: {edit:?}");
    }
}

#[test]
fn the_trail_hears_of_keys_but_not_which() {
    let after = Registration {
        jwks: Some(json!({ "keys": [] })),
        ..Registration::default()
    };
    let differing = differences(&Registration::default(), &after);
    assert_eq!(Value::Object(differing), json!({ "jwks": true }));
}
