//! Whole flows: the code, the tokens, the userinfo endpoint, and what is redeemed twice.

use std::time::Duration;

use http::Method;
use serde_json::json;

use super::{ISSUER, Suite, asks, exchange, walk, walk_on, with_secret_in_header};
use crate::actors::{ANY, Actor, Application, CALLBACK, Reply, VERIFIER, claims_of, header_of};

#[track_caller]
fn assert_refused(reply: &Reply, status: u16, error: &str) {
    reply.assert(status, &json!({ "error": error, "error_description": ANY }));
}

#[tokio::test]
async fn oidcc_server() {
    let suite = Suite::start().await;
    let flow = suite.flow(&suite.asks()).await;
    assert_eq!(flow.stations, ["signs in", "allows it"]);
    assert_eq!(flow.tokens.text("scope"), "openid");
}

/// It registers for RS256, whose key is published before it signs.
#[tokio::test]
async fn oidcc_idtoken_signature() {
    let suite = Suite::with(json!({ "id_token_signed_response_alg": "RS256" })).await;
    let early = suite.user.open(&suite.asks().path()).await;
    assert!(early.location().contains("error=temporarily_unavailable"));
    suite.server.clock().advance(Duration::from_mins(6));
    suite.server.catches_up().await;
    let flow = suite.flow(&suite.asks()).await;
    let header = header_of(flow.tokens.text("id_token"));
    assert_eq!(header["alg"], "RS256");
    assert!(header["kid"].is_string(), "{header}");
}

/// Skipped by the suite where the metadata lacks `none`, and nobody can register it.
#[tokio::test]
async fn oidcc_idtoken_unsigned() {
    let suite = Suite::start().await;
    let path = "/.well-known/openid-configuration";
    let metadata = suite.server.visitor().get(path).await.json;
    let algorithms = metadata["id_token_signing_alg_values_supported"]
        .as_array()
        .unwrap();
    assert!(!algorithms.contains(&json!("none")));
    let members = json!({ "name": "x", "redirect_uris": [CALLBACK], "id_token_signed_response_alg": "none" });
    let refused = suite.ada.post("/admin/clients", &members).await;
    refused.assert_code(422, "invalid_request");
}

#[tokio::test]
async fn oidcc_userinfo_get() {
    let suite = Suite::start().await;
    let flow = suite.flow(&suite.asks()).await;
    let told = suite.client.userinfo(flow.tokens.text("access_token")).await;
    told.assert(200, &json!({ "sub": flow.id["sub"] }));
    assert_eq!(told.header("content-type"), "application/json");
}

#[tokio::test]
async fn oidcc_userinfo_post_header() {
    let suite = Suite::start().await;
    let flow = suite.flow(&suite.asks()).await;
    let call = suite.client.call(Method::POST, "/oauth/userinfo");
    let told = call.bearer(flow.tokens.text("access_token")).await;
    told.assert(200, &json!({ "sub": flow.id["sub"] }));
    assert_eq!(told.header("content-type"), "application/json");
}

#[tokio::test]
async fn oidcc_userinfo_post_body() {
    let suite = Suite::start().await;
    let flow = suite.flow(&suite.asks()).await;
    let body = format!("access_token={}", flow.tokens.text("access_token"));
    let call = suite.client.call(Method::POST, "/oauth/userinfo");
    let told = call.raw("application/x-www-form-urlencoded", body).await;
    told.assert(200, &json!({ "sub": flow.id["sub"] }));
    assert_eq!(told.header("content-type"), "application/json");
}

#[tokio::test]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    let suite = Suite::start().await;
    let flow = suite.flow(&suite.asks().without("nonce")).await;
    assert!(flow.id.get("nonce").is_none(), "{}", flow.id);
}

#[tokio::test]
async fn oidcc_ensure_request_with_unknown_parameter_succeeds() {
    let suite = Suite::start().await;
    suite.flow(&suite.asks().with("extra", "foobar")).await;
}

#[tokio::test]
async fn oidcc_ensure_post_request_succeeds() {
    let suite = Suite::start().await;
    let asking = suite.asks();
    let user = suite.server.person().from("https://app.example");
    let page = user.send_bare("/oauth/authorize", &asking.pairs()).await;
    let user = user.from(ISSUER);
    let walked = walk_on(&user, page).await;
    assert_eq!(walked.stations, ["signs in", "allows it"]);
    suite.redeemed(&suite.client, walked, &asking).await;
}

#[tokio::test]
async fn oidcc_server_client_secret_post() {
    let members = json!({ "token_endpoint_auth_method": "client_secret_post" });
    let suite = Suite::with(members).await;
    let asking = suite.asks();
    let code = suite.walk(&asking).await.answered.one("code");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", CALLBACK),
    ];
    let tokens = suite.client.token(&fields).await;
    tokens.assert_status(200);
    suite
        .verified(&suite.client, &tokens, asking.value("nonce"))
        .await;
}

#[tokio::test]
async fn oidcc_ensure_request_with_valid_pkce_succeeds() {
    let suite = Suite::start().await;
    let asking = suite.client.asks().with("scope", "openid");
    let code = suite.walk(&asking).await.answered.one("code");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let tokens = with_secret_in_header(&suite.client, "/oauth/token", &fields).await;
    tokens.assert_status(200);
    suite
        .verified(&suite.client, &tokens, asking.value("nonce"))
        .await;
}

#[tokio::test]
async fn oidcc_codereuse() {
    let suite = Suite::start().await;
    let code = suite.walk(&suite.asks()).await.answered.one("code");
    exchange(&suite.client, &code).await.assert_status(200);
    assert_refused(&exchange(&suite.client, &code).await, 400, "invalid_grant");
}

#[tokio::test]
async fn oidcc_codereuse_30seconds() {
    let suite = Suite::start().await;
    let code = suite.walk(&suite.asks()).await.answered.one("code");
    let tokens = exchange(&suite.client, &code).await;
    let access = tokens.text("access_token");
    suite.client.userinfo(access).await.assert_status(200);
    suite.server.clock().advance(Duration::from_secs(30));
    assert_refused(&exchange(&suite.client, &code).await, 400, "invalid_grant");
    suite.client.userinfo(access).await.assert_status(401);
}

#[tokio::test]
async fn oidcc_refresh_token() {
    let suite = Suite::start().await;
    let members = json!({ "name": "second", "pkce": "optional" });
    let second = Application::registered(&suite.server, &suite.ada, members).await;
    let mut last = String::new();
    for client in [&suite.client, &second] {
        let asking = asks(client)
            .with("scope", "openid offline_access")
            .with("prompt", "consent");
        let walked = walk(&suite.user, &asking.path()).await;
        assert_eq!(walked.stations.last(), Some(&"allows it"));
        let flow = suite.redeemed(client, walked, &asking).await;
        let first = flow.tokens.text("refresh_token");
        // RFC 6749 §A.17.
        assert!(first.bytes().all(|byte| (0x20..=0x7e).contains(&byte)));
        suite.server.clock().advance(Duration::from_secs(1));
        let refreshed = refresh(client, first).await;
        refreshed.assert_status(200);
        let id = suite.verified(client, &refreshed, None).await;
        for same in ["iss", "sub", "aud", "auth_time"] {
            assert_eq!(id[same], flow.id[same], "{same}");
        }
        assert!(id["iat"].as_i64() > flow.id["iat"].as_i64());
        let access = refreshed.text("access_token");
        assert_ne!(access, flow.tokens.text("access_token"));
        assert_eq!(claims_of(access)["client_id"], client.id);
        client.userinfo(access).await.assert_status(200);
        refreshed.text("refresh_token").clone_into(&mut last);
    }
    assert_refused(&refresh(&suite.client, &last).await, 400, "invalid_grant");
    refresh(&second, &last).await.assert_status(200);
}

async fn refresh(client: &Application, token: &str) -> Reply {
    let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
    with_secret_in_header(client, "/oauth/token", &fields).await
}
