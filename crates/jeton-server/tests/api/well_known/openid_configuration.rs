use std::collections::BTreeSet;

use jeton::Algorithm;
use serde_json::{Value, json};

use crate::actors::{Actor, Server};

const PATH: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

/// The document of a service with this issuer, whose addresses begin with `base`.
pub(super) fn metadata(issuer: &str, base: &str) -> Value {
    let assertions = Algorithm::ALL.iter().filter(|one| !one.is_symmetric());
    let assertions: Vec<_> = assertions.map(|one| one.name()).collect();
    let (confidential, all) = (
        json!(["client_secret_basic", "client_secret_post", "private_key_jwt"]),
        json!([
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
            "none"
        ]),
    );
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{base}/oauth/authorize"),
        "token_endpoint": format!("{base}/oauth/token"),
        "userinfo_endpoint": format!("{base}/oauth/userinfo"),
        "jwks_uri": format!("{base}/.well-known/jwks.json"),
        "introspection_endpoint": format!("{base}/oauth/introspect"),
        "revocation_endpoint": format!("{base}/oauth/revoke"),
        "pushed_authorization_request_endpoint": format!("{base}/oauth/par"),
        "end_session_endpoint": format!("{base}/oauth/logout"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": all,
        "token_endpoint_auth_signing_alg_values_supported": assertions,
        "introspection_endpoint_auth_methods_supported": confidential,
        "introspection_endpoint_auth_signing_alg_values_supported": assertions,
        "revocation_endpoint_auth_methods_supported": all,
        "revocation_endpoint_auth_signing_alg_values_supported": assertions,
        "id_token_signing_alg_values_supported": ["ES256", "RS256", "EdDSA"],
        "userinfo_signing_alg_values_supported": ["ES256", "RS256", "EdDSA"],
        "introspection_signing_alg_values_supported": ["ES256", "RS256", "EdDSA"],
        "subject_types_supported": ["public"],
        "scopes_supported": ["openid", "profile", "email", "address", "phone", "offline_access", "roles"],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid",
            "preferred_username", "name", "locale", "email", "email_verified", "roles", "groups",
        ],
        "acr_values_supported": ["urn:jeton:1"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": ["en", "de"],
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
    })
}

#[tokio::test]
async fn it_describes_the_provider() {
    let server = Server::start().await;
    let reply = server.visitor().get(PATH).await;
    reply.assert(200, &metadata("http://localhost:5000", "http://localhost:5000"));
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("cache-control"), "public, max-age=300");
}

/// What OpenID Connect Discovery §3 and RFC 8414 §2 require, and what they have us never leave out: `request_uri` is
/// taken for supported where nothing is said.
#[tokio::test]
async fn it_has_every_member_that_is_required() {
    let server = Server::start().await;
    let document = server.visitor().get(PATH).await.json;
    for member in [
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
        "request_uri_parameter_supported",
    ] {
        assert!(!document[member].is_null(), "{member}");
    }
    // OpenID Connect Discovery §3: RS256 must be among them.
    assert!(
        document["id_token_signing_alg_values_supported"]
            .as_array()
            .unwrap()
            .contains(&json!("RS256"))
    );
    // RFC 8414 §3.2: no member without elements.
    for (name, value) in document.as_object().unwrap() {
        assert!(
            value.as_array().is_none_or(|elements| !elements.is_empty()),
            "{name}"
        );
        let distinct = value
            .as_array()
            .map(|all| all.iter().map(Value::to_string).collect::<BTreeSet<_>>());
        assert_eq!(
            distinct.map(|distinct| distinct.len()),
            value.as_array().map(Vec::len),
            "{name}"
        );
    }
}

/// OpenID Connect Discovery §4 puts it behind the issuer's path, RFC 8414 §3.1 between host and path.
#[tokio::test]
async fn it_is_at_each_place_where_clients_look_for_it() {
    for end in ["", "/"] {
        let issuer = format!("https://id.example/auth{end}");
        let server = Server::with(&[("issuer", &issuer)]).await;
        let expected = metadata(&issuer, "https://id.example/auth");
        for document in [PATH, OAUTH] {
            for place in [
                document.to_owned(),
                format!("{document}/auth"),
                format!("{document}/auth/"),
                format!("/auth{document}"),
            ] {
                server.visitor().get(&place).await.assert(200, &expected);
            }
        }
        for other in [format!("{PATH}/other"), format!("/other{PATH}")] {
            server.visitor().get(&other).await.assert_code(404, "not_found");
        }
    }
}

#[tokio::test]
async fn beside_a_shared_secret_there_is_no_provider() {
    let server = Server::with_secret("4inK]I+X+;n2+g\"*>AMQc{p99)9DB@a@").await;
    server.visitor().get(PATH).await.assert_error(
        404,
        "provider_off",
        "Tokens are signed with JWT_SECRET here, and there is no OpenID provider beside it: without JWT_SECRET there is",
    );
}

#[tokio::test]
async fn without_pages_nobody_is_signed_in_for_others() {
    let server = Server::with(&[("pages", "off")]).await;
    let reply = server.visitor().get("/.well-known/openid-configuration").await;
    reply.assert_code(404, "provider_off");
    let reply = server
        .visitor()
        .get("/.well-known/oauth-authorization-server")
        .await;
    assert_eq!(reply.json["response_types_supported"], serde_json::json!([]));
}
