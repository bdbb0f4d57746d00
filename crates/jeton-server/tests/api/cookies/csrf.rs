//! Requests that change something, authenticated by a cookie the browser added.

use http::Method;
use serde_json::json;

use super::romel_in_a_browser;
use crate::actors::{Actor, Browser, Call, Server};

/// Every route a cookie can authenticate and that changes something.
fn unsafe_requests(browser: &Browser) -> [Call; 5] {
    [
        browser.post("/refresh", &json!({})),
        browser.post("/logout", &json!({})),
        browser.post("/logout", &json!({ "scope": "all" })),
        browser.post("/sign-token", &json!({})),
        browser.delete("/sessions/019b0000-0000-7000-8000-000000000000"),
    ]
}

#[tokio::test]
async fn the_pages_script_must_repeat_the_csrf_cookie() {
    let (_server, browser, _romel) = romel_in_a_browser().await;
    for request in unsafe_requests(&browser) {
        let sentence =
            "CSRF token is missing: repeat the value of the cookie jeton_csrf in the header X-CSRF-Token";
        request
            .without("x-csrf-token")
            .await
            .assert_error(403, "csrf_failed", sentence);
    }
    browser.get("/protected").await.assert_status(200);
}

#[tokio::test]
async fn a_token_of_another_session_or_none_at_all_does_not_do() {
    let (server, browser, romel) = romel_in_a_browser().await;
    let other = server.browser();
    other.login("Romel", &romel.password).await.assert_status(200);
    let foreign = other.cookie("jeton_csrf").unwrap();
    let own = browser.cookie("jeton_csrf").unwrap();
    assert_ne!(foreign, own);
    let (access, refresh) = (
        browser.cookie("jeton_access").unwrap(),
        browser.cookie("jeton_refresh").unwrap(),
    );
    for token in ["", "nonsense", "a.b", &foreign, &own.to_uppercase()] {
        for request in unsafe_requests(&browser) {
            request
                .clone()
                .header("x-csrf-token", token)
                .await
                .assert_code(403, "csrf_failed");
            // Planted as a cookie too, by a neighbouring site.
            let cookies = format!("jeton_access={access}; jeton_refresh={refresh}; jeton_csrf={token}");
            let reply = request
                .header("cookie", cookies)
                .header("x-csrf-token", token)
                .await;
            reply.assert_code(403, "csrf_failed");
        }
    }
    browser.get("/protected").await.assert_status(200);
    browser.post("/refresh", &json!({})).await.assert_status(200);
}

#[tokio::test]
async fn the_cookie_alone_or_the_header_alone_does_not_do() {
    let (_server, browser, _romel) = romel_in_a_browser().await;
    let token = browser.cookie("jeton_csrf").unwrap();
    browser.forget("jeton_csrf");
    for request in unsafe_requests(&browser) {
        request.clone().await.assert_code(403, "csrf_failed");
        request
            .header("x-csrf-token", &token)
            .await
            .assert_code(403, "csrf_failed");
    }
}

#[tokio::test]
async fn with_it_they_do_what_they_do() {
    let (_server, browser, elsewhere) = romel_in_a_browser().await;
    browser
        .post("/sign-token", &json!({}))
        .await
        .assert_code(403, "insufficient_scope");
    let path = format!("/sessions/{}", elsewhere.session());
    browser.delete(&path).await.assert_status(200);
    elsewhere.assert_is_out().await;
    browser.post("/refresh", &json!({})).await.assert_status(200);
    browser.post("/logout", &json!({})).await.assert_status(200);
}

#[tokio::test]
async fn reading_and_bearer_tokens_need_none() {
    let (server, browser, romel) = romel_in_a_browser().await;
    browser
        .get("/protected")
        .without("x-csrf-token")
        .await
        .assert_status(200);
    romel.post("/logout", &json!({})).await.assert_status(200);
    // A refresh token in the body is no cookie, even beside cookies.
    let ramon = server.signed_up("Ramon").await;
    let body = json!({ "refresh_token": ramon.refresh });
    let reply = browser.post("/refresh", &body).without("x-csrf-token").await;
    reply.assert_status(200);
    assert!(reply.json["refresh_token"].is_string());
    assert!(!reply.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn it_outlives_the_access_token_as_the_refresh_cookie_does() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let reply = server.browser().login("Romel", &romel.password).await;
    let ages: Vec<_> = super::set_cookies(&reply)
        .into_iter()
        .map(|line| {
            (
                line.split('=').next().unwrap(),
                line.contains("; Max-Age=604800;"),
            )
        })
        .collect();
    assert_eq!(
        ages,
        [
            ("jeton_access", false),
            ("jeton_refresh", true),
            ("jeton_csrf", true),
            ("jeton_device", false)
        ]
    );
}

#[tokio::test]
async fn verifying_takes_no_token_from_a_cookie() {
    let (_server, browser, _romel) = romel_in_a_browser().await;
    let reply = browser.call(Method::POST, "/verify-token").await;
    reply.assert_error(401, "token_missing", "Token is missing");
}
