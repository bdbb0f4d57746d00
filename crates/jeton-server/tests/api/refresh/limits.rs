//! How often one session may be refreshed.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::actors::{Actor, Reply, Server, SignedIn};

/// As many as there may be at once.
const AT_ONCE: usize = 300;

fn assert_refused(reply: &Reply) {
    let sentence = "This session was refreshed too often: try again in 1 second";
    reply.assert_error(429, "too_many_attempts", sentence);
    assert_eq!(reply.header("retry-after"), "1");
}

/// The details of a session's events of one action.
async fn details(server: &Server, action: &str) -> Vec<Value> {
    let events = server.service().store().events_after(0, 2000).await.unwrap();
    let events = events.iter().filter(|event| event.action == action);
    events
        .map(|event| serde_json::from_str(&event.detail).unwrap())
        .collect()
}

async fn replayed(server: &Server, token: &str, times: usize) {
    for _ in 0..times {
        server.visitor().refresh(token).await.assert_status(200);
    }
}

#[tokio::test]
async fn replays_are_recorded_once_counted_and_limited() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let parent = romel.refresh.clone();
    romel.renew().await;
    replayed(&server, &parent, AT_ONCE).await;
    for _ in 0..5 {
        assert_refused(&server.visitor().refresh(&parent).await);
    }
    assert_eq!(
        details(&server, "session.replayed").await,
        [json!({ "generation": 1 })]
    );
    server.clock().advance(Duration::from_secs(1));
    replayed(&server, &parent, 1).await;
    assert_refused(&server.visitor().refresh(&parent).await);

    // Nobody is locked out by it, and the count goes with what comes next.
    romel.assert_is_in().await;
    romel.renew().await;
    let refreshed = details(&server, "session.refreshed").await;
    assert_eq!(
        refreshed,
        [
            json!({ "generation": 1 }),
            json!({ "generation": 2, "replays": 301 })
        ]
    );
}

#[tokio::test]
async fn the_count_of_replays_is_told_with_the_end_too() {
    for by_reuse in [false, true] {
        let server = Server::start().await;
        let mut romel = server.signed_up("Romel").await;
        let parent = romel.refresh.clone();
        romel.renew().await;
        replayed(&server, &parent, 3).await;
        if by_reuse {
            server.clock().advance(Duration::from_secs(30));
            let reused = server.visitor().refresh(&parent).await;
            reused.assert_code(401, "token_reused");
            let told = details(&server, "session.reused").await;
            assert_eq!(told, [json!({ "generation": 1, "replays": 3 })]);
        } else {
            romel.post("/logout", &json!({})).await.assert_status(200);
            let told = details(&server, "session.ended").await;
            assert_eq!(told, [json!({ "reason": "logout", "sessions": 1, "replays": 3 })]);
        }
    }
}

#[tokio::test]
async fn a_session_moves_on_so_often_and_once_a_second_from_then_on() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    for _ in 0..AT_ONCE {
        romel.renew().await;
    }
    assert_refused(&server.visitor().refresh(&romel.refresh).await);
    server.clock().advance(Duration::from_secs(1));
    romel.renew().await;
    assert_refused(&server.visitor().refresh(&romel.refresh).await);
    romel.assert_is_in().await;
    romel.another_session().await.renew().await;
}

#[tokio::test]
async fn whoever_has_to_wait_keeps_the_cookies() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let browser = server.browser();
    browser.login("Romel", &romel.password).await.assert_status(200);
    for _ in 0..AT_ONCE {
        browser.post("/refresh", &json!({})).await.assert_status(200);
    }
    assert_refused(&browser.post("/refresh", &json!({})).await);
    browser.get("/profile").await.assert_status(200);
    server.clock().advance(Duration::from_secs(1));
    browser.post("/refresh", &json!({})).await.assert_status(200);
}

#[tokio::test]
async fn the_token_endpoint_has_the_same_limit() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    server.visitor().refresh(&romel.refresh).await.assert_status(200);
    replayed(&server, &romel.refresh, AT_ONCE).await;
    let form = format!("grant_type=refresh_token&refresh_token={}", romel.refresh);
    let reply = crate::actors::form_to(&server.visitor(), &form).await;
    assert_refused(&reply);
}

#[tokio::test]
async fn a_load_test_has_no_limit() {
    let server = Server::with(&[("rate-limit", "off")]).await;
    let mut romel: SignedIn = server.signed_up("Romel").await;
    let parent = romel.refresh.clone();
    for _ in 0..=AT_ONCE {
        romel.renew().await;
    }
    let logout = server
        .visitor()
        .call(Method::POST, "/logout")
        .bearer(&parent)
        .await;
    logout.assert_code(401, "token_reused");
}
