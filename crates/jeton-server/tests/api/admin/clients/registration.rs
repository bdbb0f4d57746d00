//! What clients register: read back as it was given, held to the rules, and in the audit trail.

use jeton::{Algorithm, SigningKey};
use serde_json::{Value, json};

use super::{cast, make, patch};
use crate::actors::{Actor, form_to};

fn application() -> Value {
    json!({ "name": "grafana", "redirect_uris": ["https://grafana.example/login/generic_oauth"] })
}

/// The application with these members beside its own, or in their place.
fn with(members: Value) -> Value {
    let mut body = application();
    let Value::Object(members) = members else {
        unreachable!("members are an object")
    };
    body.as_object_mut().unwrap().extend(members);
    body
}

fn keys() -> Value {
    let key = SigningKey::generate(Algorithm::Es256).unwrap().with_kid("a");
    json!({ "keys": [key.verifying_key().to_jwk().unwrap()] })
}

#[tokio::test]
async fn an_application_has_what_it_takes_to_sign_people_in() {
    let (_server, ada) = cast().await;
    let made = make(&ada, application()).await;
    made.assert_status(201);
    let client = &made.json["client"];
    assert_eq!(
        client["grant_types"],
        json!(["authorization_code", "refresh_token"])
    );
    assert_eq!(
        client["scopes"],
        json!(["openid", "profile", "email", "offline_access", "roles"])
    );
    assert_eq!(client["pkce"], "required");
    let own = with(json!({ "name": "other", "scopes": ["openid", "api:read"] }));
    let own = make(&ada, own).await;
    assert_eq!(own.json["client"]["scopes"], json!(["openid", "api:read"]));
}

#[tokio::test]
async fn every_member_reads_back_and_null_takes_it_away() {
    let (_server, ada) = cast().await;
    let members = json!({
        "grant_types": ["authorization_code"],
        "token_endpoint_auth_method": "private_key_jwt",
        "redirect_uris": ["http://localhost:3000/callback", "https://app.example/callback?tenant=blue"],
        "post_logout_redirect_uris": ["https://app.example/bye"],
        "backchannel_logout_uri": "https://app.example/logout",
        "pkce": "optional",
        "first_party": true,
        "id_token_signed_response_alg": "RS256",
        "userinfo_signed_response_alg": "EdDSA",
        "jwks": keys(),
        "client_uri": "https://app.example",
        "logo_uri": "https://app.example/logo.png",
        "policy_uri": "https://app.example/privacy",
        "tos_uri": "https://app.example/terms",
    });
    let made = make(&ada, with(members.clone())).await;
    made.assert_status(201);
    assert!(
        made.json.get("client_secret").is_none(),
        "it has a key: {}",
        made.body
    );
    for (name, value) in members.as_object().unwrap() {
        assert_eq!(&made.json["client"][name], value, "{name}");
    }
    let id = made.text("client_id");
    let optional = [
        "backchannel_logout_uri",
        "userinfo_signed_response_alg",
        "client_uri",
        "logo_uri",
        "policy_uri",
        "tos_uri",
    ];
    let mut body: Value = optional
        .iter()
        .map(|name| ((*name).to_owned(), Value::Null))
        .collect();
    body["jwks"] = Value::Null;
    body["jwks_uri"] = json!("https://app.example/jwks.json");
    body["name"] = json!("renamed");
    let changed = patch(&ada, id, body).await;
    changed.assert_status(200);
    for name in optional.iter().chain(&["jwks"]) {
        assert!(changed.json.get(name).is_none(), "{name}: {}", changed.body);
    }
    assert_eq!(changed.text("name"), "renamed");
    assert_eq!(changed.text("jwks_uri"), "https://app.example/jwks.json");
    assert_eq!(
        changed.json["redirect_uris"], members["redirect_uris"],
        "what is left out stays"
    );
    let events = ada.get("/admin/audit?action=service_account.changed").await;
    let detail = &events.json["events"][0]["detail"];
    assert_eq!(detail["registration"]["jwks"], false, "{}", events.body);
    assert_eq!(
        detail["registration"]["jwks_uri"],
        "https://app.example/jwks.json"
    );
    assert_eq!(detail["name"], "renamed");
}

#[tokio::test]
async fn a_public_client_has_no_secret_and_gets_none() {
    let (_server, ada) = cast().await;
    let public = with(json!({ "token_endpoint_auth_method": "none" }));
    let made = make(&ada, public).await;
    made.assert_status(201);
    assert!(made.json.get("client_secret").is_none(), "{}", made.body);
    let id = made.text("client_id");
    let secret = ada.post(&format!("/admin/clients/{id}/secret"), &json!({})).await;
    secret.assert_error(
        422,
        "invalid_request",
        "`token_endpoint_auth_method` is `none`, so the client has no secret: choose `client_secret_basic` first",
    );
    patch(
        &ada,
        id,
        json!({ "token_endpoint_auth_method": "client_secret_post" }),
    )
    .await
    .assert_status(200);
    let secret = ada.post(&format!("/admin/clients/{id}/secret"), &json!({})).await;
    secret.assert_status(200);
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_its_member_and_nothing_is_repeated() {
    let (_server, ada) = cast().await;
    make(&ada, json!({ "name": "taken" })).await.assert_status(201);
    let id = make(&ada, application()).await.text("client_id").to_owned();
    for (members, named) in [
        (
            json!({ "redirect_uris": ["https://evil.example/#x"] }),
            "`redirect_uris` number 1",
        ),
        (
            json!({ "redirect_uris": ["https://app.example/cb", "javascript:evil"] }),
            "`redirect_uris` number 2",
        ),
        (
            json!({ "redirect_uris": ["https://*.evil.example/cb"] }),
            "`redirect_uris` number 1",
        ),
        (
            json!({ "redirect_uris": ["com.evil.app:/cb"] }),
            "`redirect_uris`",
        ),
        (
            json!({ "redirect_uris": "https://app.example/cb" }),
            "`redirect_uris` has a wrong type",
        ),
        (
            json!({ "grant_types": ["password"] }),
            "`grant_types` knows these names",
        ),
        (
            json!({ "grant_types": ["client_credentials"] }),
            "`grant_types` lacks",
        ),
        (
            json!({ "token_endpoint_auth_method": "evil" }),
            "`token_endpoint_auth_method` knows these names",
        ),
        (
            json!({ "token_endpoint_auth_method": "private_key_jwt" }),
            "`jwks` is missing",
        ),
        (
            json!({ "token_endpoint_auth_method": "none", "pkce": "optional" }),
            "`pkce`",
        ),
        (json!({ "pkce": "plain" }), "`pkce` knows these names"),
        (
            json!({ "id_token_signed_response_alg": "none" }),
            "`id_token_signed_response_alg` knows these names",
        ),
        (
            json!({ "userinfo_signed_response_alg": "HS256" }),
            "`userinfo_signed_response_alg` knows these names",
        ),
        (
            json!({ "jwks": { "keys": [{ "kty": "oct", "k": "evil" }] } }),
            "`jwks` has a private or symmetric key",
        ),
        (
            json!({ "jwks_uri": "http://evil.example/jwks" }),
            "`jwks_uri` cannot be registered",
        ),
        (
            json!({ "backchannel_logout_uri": "http://169.254.169.254/evil" }),
            "`backchannel_logout_uri`",
        ),
        (
            json!({ "logo_uri": "http://evil.example/logo.svg" }),
            "`logo_uri` must be an https address",
        ),
    ] {
        let refused = make(&ada, with(members.clone())).await;
        refused.assert_code(422, "invalid_request");
        let message = refused.text("message");
        assert!(message.starts_with(named), "{members}: {message}");
        assert!(!message.contains("evil"), "{message}");
        let refused = patch(&ada, &id, members).await;
        refused.assert_code(422, "invalid_request");
        assert!(refused.text("message").starts_with(named), "{}", refused.body);
    }
    let without = patch(&ada, &id, json!({ "redirect_uris": [] })).await;
    without.assert_code(422, "invalid_request");
    assert!(
        without.text("message").starts_with("`redirect_uris` is empty"),
        "{}",
        without.body
    );
    patch(&ada, &id, json!({ "name": "taken" }))
        .await
        .assert_code(409, "name_taken");
    patch(&ada, &id, json!({ "name": " " }))
        .await
        .assert_code(422, "invalid_request");
}

/// A client that signs people in gets no token of its own, and a program none about users.
#[tokio::test]
async fn tokens_of_its_own_are_for_clients_registered_for_them() {
    let (server, ada) = cast().await;
    let made = make(&ada, application()).await;
    let ask = async |members: &str| {
        let secret = made.text("client_secret");
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={secret}{members}",
            made.text("client_id")
        );
        form_to(&server.visitor(), &form).await
    };
    ask("").await.assert_code(400, "unauthorized_client");
    let both = json!({
        "grant_types": ["authorization_code", "client_credentials"],
        "scopes": ["openid", "a"],
    });
    patch(&ada, made.text("client_id"), both).await.assert_status(200);
    let token = ask("").await;
    token.assert_status(200);
    assert_eq!(token.text("scope"), "a");
    ask("&scope=openid").await.assert_code(400, "invalid_scope");
}
