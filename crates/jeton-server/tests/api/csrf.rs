use serde_json::json;

use crate::actors::{Actor, Browser, Server};

const APP: &str = "https://app.example.org";

/// Romel in a browser on a page of another host of the same site, which cannot read the service's cookies.
async fn romel_on_another_host() -> (Server, Browser) {
    let settings = [("issuer", "https://id.example.org"), ("cors-origins", APP)];
    let server = Server::with(&settings).await;
    let romel = server.signed_up("Romel").await;
    let browser = server.browser();
    browser.login("Romel", &romel.password).await.assert_status(200);
    (server, browser)
}

#[tokio::test]
async fn a_page_on_another_host_gets_its_token_again_after_a_reload() {
    let (_server, browser) = romel_on_another_host().await;
    let reply = browser
        .get("/csrf")
        .header("origin", APP)
        .header("sec-fetch-site", "same-site")
        .await;
    reply.assert(
        200,
        &json!({ "csrf_token": browser.cookie("__Host-jeton_csrf").unwrap() }),
    );
    assert_eq!(reply.header("access-control-allow-origin"), APP);
    assert_eq!(reply.header("access-control-allow-credentials"), "true");
    assert_eq!(reply.header("cache-control"), "no-store");

    let token = reply.text("csrf_token");
    let ended = browser
        .post("/logout", &json!({}))
        .header("origin", APP)
        .header("x-csrf-token", token);
    ended.await.assert_status(200);
}

#[tokio::test]
async fn it_is_had_when_the_access_cookie_is_gone_and_a_refresh_asks_for_it() {
    let (_server, browser) = romel_on_another_host().await;
    browser.forget("__Host-jeton_access");
    let reply = browser.get("/csrf").await;
    reply.assert_status(200);
    let refreshed = browser
        .post("/refresh", &json!({}))
        .header("x-csrf-token", reply.text("csrf_token"));
    refreshed.await.assert_status(200);
    let after = browser.get("/csrf").await;
    assert_eq!(after.json, reply.json, "it stays the same for the whole session");
}

#[tokio::test]
async fn pages_that_are_not_in_the_settings_do_not_read_it() {
    let (_server, browser) = romel_on_another_host().await;
    let reply = browser
        .get("/csrf")
        .header("origin", "https://evil.example")
        .await;
    assert!(!reply.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn without_a_refresh_cookie_there_is_none() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let visitor = server.visitor();
    visitor
        .get("/csrf")
        .await
        .assert_error(401, "token_missing", "Token is missing");
    for cookie in ["nonsense", &romel.access] {
        let call = visitor.get("/csrf");
        let reply = call.header("cookie", format!("jeton_refresh={cookie}")).await;
        reply.assert_error(401, "invalid_token", "Invalid token");
    }
    let browser = server.browser();
    browser.login("Romel", &romel.password).await.assert_status(200);
    // A header, even a good one, hides the cookies: who sends it needs no CSRF token.
    let reply = browser.get("/csrf").bearer(&romel.access).await;
    reply.assert_error(401, "token_missing", "Token is missing");
}

#[tokio::test]
async fn a_page_of_another_site_is_told_why_it_has_no_cookies() {
    let server = Server::with(&[("cors-origins", APP)]).await;
    let reply = server
        .visitor()
        .get("/csrf")
        .header("origin", APP)
        .header("sec-fetch-site", "cross-site")
        .await;
    reply.assert_error(
        403,
        "cross_site",
        "Browsers send no cookies with what a page of another site asks: serve the page from the service's own site",
    );
}
