//! Answers say when the access token that asked for them is near its end.

use std::time::Duration;

use serde_json::json;

use crate::actors::{Actor, Server};

const HEADER: &str = "x-token-expires-in";

#[tokio::test]
async fn the_last_fifth_of_a_tokens_life_is_told() {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    server.clock().advance(Duration::from_secs(719));
    for path in ["/protected", "/profile", "/sessions"] {
        let reply = romel.get(path).await;
        assert!(!reply.headers.contains_key(HEADER), "{path}: not yet");
    }
    server.clock().advance(Duration::from_secs(1));
    for path in ["/protected", "/profile", "/sessions"] {
        assert_eq!(romel.get(path).await.header(HEADER), "179", "{path}");
    }
    assert_eq!(ada.get("/admin/users").await.header(HEADER), "179");
    let healthz = server.visitor().get("/healthz").await;
    assert!(!healthz.headers.contains_key(HEADER));
}

#[tokio::test]
async fn a_fresh_token_is_told_nothing() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    server.clock().advance(Duration::from_mins(14));
    romel.renew().await;
    let reply = romel.get("/protected").await;
    assert!(!reply.headers.contains_key(HEADER));
}

#[tokio::test]
async fn a_browser_is_told_too() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let browser = server.browser();
    browser.login("Romel", &romel.password).await.assert_status(200);
    server.clock().advance(Duration::from_secs(890));
    assert_eq!(browser.get("/profile").await.header(HEADER), "9");
    browser.post("/refresh", &json!({})).await.assert_status(200);
    let reply = browser.get("/profile").await;
    assert!(!reply.headers.contains_key(HEADER));
}
