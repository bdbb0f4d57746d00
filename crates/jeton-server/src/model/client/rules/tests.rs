use jeton::{Algorithm, SigningKey};
use serde_json::json;

use super::*;
use crate::model::client::registration::IdTokenAlg;

fn application() -> Registration {
    Registration {
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        redirect_uris: vec!["https://app.example/callback".parse().unwrap()],
        ..Registration::default()
    }
}

fn public() -> Registration {
    Registration {
        authentication: ClientAuthentication::None,
        ..application()
    }
}

fn by_key(jwks: Option<Value>, jwks_uri: Option<&str>) -> Registration {
    Registration {
        authentication: ClientAuthentication::PrivateKeyJwt,
        jwks,
        jwks_uri: jwks_uri.map(str::to_owned),
        ..application()
    }
}

fn key() -> Value {
    let key = SigningKey::generate(Algorithm::Es256).unwrap().with_kid("a");
    serde_json::to_value(key.verifying_key().to_jwk().unwrap()).unwrap()
}

#[test]
fn programs_and_applications_can_be_registered() {
    let good = [
        Registration::default(),
        application(),
        public(),
        Registration {
            grant_types: GrantType::ALL.to_vec(),
            pkce: Pkce::Optional,
            id_token_alg: IdTokenAlg::Rs256,
            userinfo_alg: Some(IdTokenAlg::EdDsa),
            post_logout_redirect_uris: vec!["https://app.example".parse().unwrap()],
            backchannel_logout_uri: Some("http://127.0.0.1:8080/logout".to_owned()),
            client_uri: Some("https://app.example".to_owned()),
            logo_uri: Some("https://app.example/logo.png".to_owned()),
            ..application()
        },
        Registration {
            redirect_uris: vec!["com.example.app:/callback".parse().unwrap()],
            ..public()
        },
        by_key(Some(json!({ "keys": [key()] })), None),
        by_key(None, Some("https://app.example/jwks.json")),
        by_key(None, Some("http://localhost:3000/jwks.json")),
    ];
    for registration in good {
        assert_eq!(registration.check(), Ok(()), "{registration:?}");
    }
}

/// Asserts that a registration is refused at a member, which the sentence names.
fn refused(field: &str, bad: &Registration) {
    let error = bad.check().expect_err(field);
    assert_eq!(error.field(), field, "{error}");
    assert!(error.to_string().contains(&format!("`{field}`")), "{error}");
}

#[test]
fn grants_and_addresses_go_together() {
    let grants = |grant_types: &[GrantType], of: Registration| Registration {
        grant_types: grant_types.to_vec(),
        ..of
    };
    let redirects = |redirect_uris: Vec<RedirectUri>| Registration {
        redirect_uris,
        ..application()
    };
    let after_sign_out = |post_logout_redirect_uris: Vec<RedirectUri>| Registration {
        post_logout_redirect_uris,
        ..application()
    };
    let private: Vec<RedirectUri> = vec!["com.example.app:/callback".parse().unwrap()];
    let many = vec!["https://app.example/callback".parse().unwrap(); MAX_ADDRESSES + 1];
    refused("grant_types", &grants(&[], Registration::default()));
    refused(
        "grant_types",
        &grants(&[GrantType::RefreshToken], Registration::default()),
    );
    refused(
        "grant_types",
        &grants(&[GrantType::ClientCredentials], application()),
    );
    refused("grant_types", &grants(&GrantType::ALL, public()));
    refused("redirect_uris", &redirects(vec![]));
    refused("redirect_uris", &redirects(many.clone()));
    refused("redirect_uris", &redirects(private.clone()));
    refused("post_logout_redirect_uris", &after_sign_out(many));
    refused("post_logout_redirect_uris", &after_sign_out(private));
}

#[test]
fn a_public_client_sends_pkce_and_one_with_a_key_says_where_it_is() {
    let without = Registration {
        pkce: Pkce::Optional,
        ..public()
    };
    refused("pkce", &without);
    let keys = json!({ "keys": [key()] });
    refused("jwks", &by_key(None, None));
    refused(
        "jwks_uri",
        &by_key(Some(keys), Some("https://app.example/jwks.json")),
    );
    for elsewhere in [
        "http://app.example/jwks.json",
        "com.example.app:/jwks",
        "file:///etc/passwd",
        "https://app.example/jwks.json#one",
    ] {
        refused("jwks_uri", &by_key(None, Some(elsewhere)));
    }
}

#[test]
fn addresses_that_are_called_or_shown_lead_to_web_servers() {
    for bad in [
        "https://app.example/out#now",
        "http://10.0.0.1/out",
        "javascript:alert(1)",
    ] {
        let registration = Registration {
            backchannel_logout_uri: Some(bad.to_owned()),
            ..application()
        };
        refused("backchannel_logout_uri", &registration);
    }
    let long = format!("https://app.example/{}", "x".repeat(MAX_PAGE));
    for bad in [
        "javascript:alert(1)",
        "http://app.example/logo.png",
        "https://",
        "https://ada@app.example",
        "",
        &long,
    ] {
        let bad = Some(bad.to_owned());
        let of = application;
        refused(
            "logo_uri",
            &Registration {
                logo_uri: bad.clone(),
                ..of()
            },
        );
        refused(
            "client_uri",
            &Registration {
                client_uri: bad.clone(),
                ..of()
            },
        );
        refused(
            "policy_uri",
            &Registration {
                policy_uri: bad.clone(),
                ..of()
            },
        );
        refused("tos_uri", &Registration { tos_uri: bad, ..of() });
    }
}

#[test]
fn only_public_keys_that_can_be_used_are_registered() {
    let private = SigningKey::generate(Algorithm::Es256).unwrap();
    let private: Value = serde_json::from_str(&private.to_private_jwk().unwrap()).unwrap();
    let mut unsound = key();
    unsound["x"] = json!("AAAA");
    let mut encrypts = key();
    encrypts["use"] = json!("enc");
    for (jwks, part) in [
        (json!({ "keys": [private] }), "has a private or symmetric key"),
        (
            json!({ "keys": [{ "kty": "oct", "alg": "HS256", "k": "AAAA" }] }),
            "has a private or symmetric key",
        ),
        (json!({ "keys": [] }), "has no key"),
        (json!({}), "cannot be read"),
        (json!("keys"), "cannot be read"),
        (json!({ "keys": [key(), unsound] }), "cannot be read"),
        (
            json!({ "keys": [encrypts] }),
            "has a key that cannot be used, number 1",
        ),
        (json!({ "keys": vec![key(); 2] }), "cannot be read"),
        (json!({ "keys": vec![key(); 300] }), "is longer than"),
    ] {
        let error = by_key(Some(jwks), None).check().unwrap_err();
        assert_eq!(error.field(), "jwks");
        assert!(
            error.to_string().starts_with(&format!("`jwks` {part}")),
            "{error}"
        );
    }
}
