//! Which cookies there are depends on where the service is reached.

use serde_json::json;

use super::set_cookies;
use crate::actors::{Actor, Server};

#[tokio::test]
async fn behind_https_only_host_cookies_are_set() {
    let server = Server::with(&[("issuer", "https://id.example")]).await;
    let romel = server.signed_up("Romel").await;
    let browser = server.browser();
    let reply = browser.login("Romel", &romel.password).await;
    let [access, refresh, csrf, device] = ["access", "refresh", "csrf", "device"]
        .map(|name| browser.cookie(&format!("__Host-jeton_{name}")).unwrap());
    assert_eq!(
        set_cookies(&reply),
        [
            format!("__Host-jeton_access={access}; Path=/; Max-Age=900; SameSite=Lax; Secure; HttpOnly"),
            format!("__Host-jeton_refresh={refresh}; Path=/; Max-Age=604800; SameSite=Lax; Secure; HttpOnly"),
            format!("__Host-jeton_csrf={csrf}; Path=/; Max-Age=604800; SameSite=Lax; Secure"),
            format!("__Host-jeton_device={device}; Path=/; Max-Age=31536000; SameSite=Lax; Secure; HttpOnly"),
        ]
    );
    assert_eq!(reply.json["csrf_token"], csrf);
    browser.get("/protected").await.assert_status(200);
    browser.post("/refresh", &json!({})).await.assert_status(200);
    let reply = browser.post("/logout", &json!({})).await;
    reply.assert_status(200);
    for line in set_cookies(&reply) {
        assert!(
            line.starts_with("__Host-jeton_") && line.contains("; Max-Age=0;"),
            "{line}"
        );
    }
    assert_eq!(set_cookies(&reply).len(), 3);
}

#[tokio::test]
async fn behind_https_plain_cookies_are_ignored() {
    let server = Server::with(&[("issuer", "https://id.example")]).await;
    let mut romel = server.signed_up("Romel").await;
    let plain = format!("jeton_access={}; jeton_refresh={}", romel.access, romel.refresh);
    let reply = server.visitor().get("/protected").header("cookie", &plain).await;
    reply.assert_error(401, "token_missing", "Token is missing");
    for path in ["/refresh", "/logout"] {
        let reply = server
            .visitor()
            .post(path, &json!({}))
            .header("cookie", &plain)
            .await;
        reply.assert_error(401, "token_missing", "Token is missing");
    }
    romel.renew().await;
}

#[tokio::test]
async fn on_the_developers_machine_names_are_plain_and_host_cookies_ignored() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let browser = server.browser();
    let reply = browser.login("Romel", &romel.password).await;
    for line in set_cookies(&reply) {
        assert!(line.starts_with("jeton_") && !line.contains("Secure"), "{line}");
    }
    let prefixed = format!("__Host-jeton_access={}", romel.access);
    let reply = server
        .visitor()
        .get("/protected")
        .header("cookie", prefixed)
        .await;
    reply.assert_error(401, "token_missing", "Token is missing");
}

#[tokio::test]
async fn over_plain_http_elsewhere_there_are_no_cookies() {
    let server = Server::with(&[("issuer", "http://id.example"), ("insecure", "true")]).await;
    let romel = server.signed_up("Romel").await;
    let sentence = "`cookies` needs an https issuer: over plain http the tokens would travel in the clear";
    for path in ["/login", "/token", "/set-jwt"] {
        let before = server.service().hashes_computed();
        let body = json!({ "username": "Romel", "password": romel.password, "cookies": true });
        let reply = server.browser().post(path, &body).await;
        reply.assert_error(422, "invalid_request", sentence);
        assert_eq!(set_cookies(&reply).len(), 0);
        assert_eq!(server.service().hashes_computed(), before);
    }
    for prefix in ["", "__Host-"] {
        let cookies = format!(
            "{prefix}jeton_access={}; {prefix}jeton_refresh={}",
            romel.access, romel.refresh
        );
        let reply = server
            .visitor()
            .get("/protected")
            .header("cookie", &cookies)
            .await;
        reply.assert_error(401, "token_missing", "Token is missing");
        let reply = server
            .visitor()
            .post("/refresh", &json!({}))
            .header("cookie", &cookies)
            .await;
        reply.assert_error(401, "token_missing", "Token is missing");
    }
    let reply = romel.post("/logout", &json!({})).await;
    reply.assert_status(200);
    assert_eq!(set_cookies(&reply).len(), 0);
}

/// The browser would drop them without a word, and the page would believe it is signed in.
#[tokio::test]
async fn a_page_of_another_site_is_refused_cookies_and_told_why() {
    let app = "https://app.example";
    let server = Server::with(&[("issuer", "https://id.example.org"), ("cors-origins", app)]).await;
    let romel = server.signed_up("Romel").await;
    for path in ["/login", "/token", "/set-jwt"] {
        let ask = |site: &str, cookies: bool| {
            let body = json!({ "username": "Romel", "password": romel.password, "cookies": cookies });
            let call = server.browser().post(path, &body);
            call.header("origin", app).header("sec-fetch-site", site)
        };
        let before = server.service().hashes_computed();
        let reply = ask("cross-site", true).await;
        reply.assert_error(
            403,
            "cross_site",
            "Browsers keep no cookies that a page of another site gets: serve the page from the site of \
             https://id.example.org, or leave `cookies` out and send the token as Authorization: Bearer",
        );
        assert_eq!(set_cookies(&reply).len(), 0);
        assert_eq!(server.service().hashes_computed(), before);
        ask("cross-site", false).await.assert_status(200);
        let kept = ask("same-site", true).await;
        kept.assert_status(200);
        assert_eq!(set_cookies(&kept).len(), 4);
    }
}
