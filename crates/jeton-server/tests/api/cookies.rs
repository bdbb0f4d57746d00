//! Cookie mode: tokens that a page's scripts never see, and what a request with cookies must prove.

use serde_json::{Value, json};

use crate::actors::{ANY, Actor, Browser, Reply, Server, SignedIn};

mod csrf;
mod modes;

/// Romel in a browser on the developer's machine, and a session of his elsewhere.
async fn romel_in_a_browser() -> (Server, Browser, SignedIn) {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let browser = server.browser();
    browser.login("Romel", &romel.password).await.assert_status(200);
    (server, browser, romel)
}

fn set_cookies(reply: &Reply) -> Vec<&str> {
    reply
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|line| line.to_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_login_with_cookies_keeps_the_tokens_out_of_the_body() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    for path in ["/login", "/token", "/set-jwt"] {
        let body = json!({ "username": "Romel", "password": romel.password, "cookies": true });
        let reply = server.browser().post(path, &body).await;
        let mut expected = json!({
            "token_type": "bearer", "expires_in": 900, "refresh_expires_in": 604_800, "user_id": romel.id,
            "csrf_token": ANY,
        });
        match path {
            "/login" => expected["message"] = json!("Login successful"),
            "/set-jwt" => expected["message"] = json!("JWT created"),
            _ => {}
        }
        reply.assert(200, &expected);
        assert_eq!(set_cookies(&reply).len(), 4);
    }
}

#[tokio::test]
async fn without_the_wish_no_cookie_is_set() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    for cookies in [Value::Null, json!(false)] {
        let mut body = json!({ "username": "Romel", "password": romel.password });
        if !cookies.is_null() {
            body["cookies"] = cookies;
        }
        let reply = server.browser().post("/login", &body).await;
        reply.assert_status(200);
        assert_eq!(set_cookies(&reply).len(), 0);
    }
}

#[tokio::test]
async fn the_access_cookie_opens_what_the_token_opens() {
    let (_server, browser, romel) = romel_in_a_browser().await;
    let reply = browser.get("/protected").await;
    reply.assert(200, &json!({ "id": romel.id, "username": "Romel" }));
    for path in ["/profile", "/get-jwt", "/sessions"] {
        browser.get(path).await.assert_status(200);
    }
}

#[tokio::test]
async fn a_refresh_by_cookie_answers_in_cookies() {
    let (server, browser, romel) = romel_in_a_browser().await;
    let before = ["jeton_access", "jeton_refresh", "jeton_csrf"].map(|name| browser.cookie(name).unwrap());
    let reply = browser.post("/refresh", &json!({})).await;
    reply.assert(
        200,
        &json!({
            "token_type": "bearer", "expires_in": 900, "refresh_expires_in": 604_800, "user_id": romel.id,
            "csrf_token": before[2],
        }),
    );
    let after = ["jeton_access", "jeton_refresh", "jeton_csrf"].map(|name| browser.cookie(name).unwrap());
    assert_ne!(before[0], after[0]);
    assert_ne!(before[1], after[1]);
    assert_eq!(before[2], after[2], "open pages keep their CSRF token");
    browser.get("/protected").await.assert_status(200);

    browser.post("/refresh", &json!({})).await.assert_status(200);
    server
        .visitor()
        .refresh(&before[1])
        .await
        .assert_code(401, "token_reused");
}

#[tokio::test]
async fn a_browser_whose_access_cookie_is_gone_refreshes_and_goes_on() {
    let (_server, browser, _romel) = romel_in_a_browser().await;
    browser.forget("jeton_access");
    browser
        .get("/protected")
        .await
        .assert_error(401, "token_missing", "Token is missing");
    browser.post("/refresh", &json!({})).await.assert_status(200);
    browser.get("/protected").await.assert_status(200);
}

#[tokio::test]
async fn a_logout_by_cookie_ends_the_session_and_clears_the_cookies() {
    for access_is_gone in [false, true] {
        let (server, browser, elsewhere) = romel_in_a_browser().await;
        let access = browser.cookie("jeton_access").unwrap();
        if access_is_gone {
            browser.forget("jeton_access");
        }
        let reply = browser.post("/logout", &json!({})).await;
        reply.assert(200, &json!({ "message": "Logged out" }));
        assert_eq!(
            set_cookies(&reply),
            [
                "jeton_access=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly",
                "jeton_refresh=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly",
                "jeton_csrf=; Path=/; Max-Age=0; SameSite=Lax",
            ]
        );
        browser.get("/protected").await.assert_code(401, "token_missing");
        let replayed = server.visitor().get_with("/protected", &access).await;
        replayed.assert_error(401, "token_revoked", "Token has been revoked");
        elsewhere.assert_is_in().await;
    }
}

#[tokio::test]
async fn ending_the_other_sessions_leaves_this_browsers_cookies() {
    let (_server, browser, elsewhere) = romel_in_a_browser().await;
    let reply = browser.post("/logout", &json!({ "scope": "others" })).await;
    reply.assert_status(200);
    assert_eq!(set_cookies(&reply).len(), 0);
    elsewhere.assert_is_out().await;
    browser.get("/protected").await.assert_status(200);
}

#[tokio::test]
async fn an_authorization_header_hides_the_cookies_however_broken_it_is() {
    let (server, browser, romel) = romel_in_a_browser().await;
    let ramon = server.signed_up("Ramon").await;
    for (header, status, code) in [
        ("", 401, "token_missing"),
        ("Bearer", 401, "token_missing"),
        ("Basic Um9tZWw6cGFzczE0MjU=", 401, "token_missing"),
        ("Bearer nonsense", 401, "invalid_token"),
        ("Bearer two tokens", 400, "invalid_request"),
    ] {
        browser
            .get("/protected")
            .header("authorization", header)
            .await
            .assert_code(status, code);
        for path in ["/refresh", "/logout"] {
            let reply = browser
                .post(path, &json!({}))
                .header("authorization", header)
                .await;
            reply.assert_code(status, code);
        }
    }
    let reply = browser.get("/protected").bearer(&ramon.access).await;
    reply.assert(200, &json!({ "id": ramon.id, "username": "Ramon" }));
    browser
        .post("/logout", &json!({}))
        .bearer(&ramon.access)
        .await
        .assert_status(200);
    ramon.assert_is_out().await;
    romel.assert_is_in().await;
}

#[tokio::test]
async fn a_cookie_that_is_sent_twice_or_broken_is_refused() {
    let (server, browser, romel) = romel_in_a_browser().await;
    let access = browser.cookie("jeton_access").unwrap();
    let twice = format!("jeton_access={access}; jeton_access={}", romel.access);
    let reply = server.visitor().get("/protected").header("cookie", &twice).await;
    reply.assert_code(400, "invalid_request");
    let reply = server
        .visitor()
        .get("/protected")
        .header("cookie", "jeton_access=nonsense")
        .await;
    reply.assert_error(401, "invalid_token", "Invalid token");
    let refresh = browser.cookie("jeton_refresh").unwrap();
    let twice = format!("jeton_refresh={refresh}; jeton_refresh={}", romel.refresh);
    let reply = server
        .visitor()
        .post("/refresh", &json!({}))
        .header("cookie", &twice)
        .await;
    reply.assert_error(401, "invalid_token", "Invalid token");
    // In the wrong cookie, a token of the wrong kind.
    let reply = server
        .visitor()
        .get("/protected")
        .header("cookie", format!("jeton_access={refresh}"))
        .await;
    reply.assert_error(401, "invalid_token", "Invalid token");
}

#[tokio::test]
async fn a_sign_in_ends_the_session_the_browser_had_and_no_other() {
    let (server, browser, elsewhere) = romel_in_a_browser().await;
    let john = server.signed_up("john").await;
    for path in ["/login", "/token", "/set-jwt"] {
        for user in [&john, &elsewhere] {
            let [access, refresh] =
                ["jeton_access", "jeton_refresh"].map(|name| browser.cookie(name).unwrap());
            let wrong = json!({ "username": user.username, "password": "not the password", "cookies": true });
            browser.post(path, &wrong).await.assert_status(401);
            browser.get("/protected").await.assert_status(200);

            let body = json!({ "username": user.username, "password": user.password, "cookies": true });
            browser.post(path, &body).await.assert_status(200);
            let replaced = server.visitor().get_with("/protected", &access).await;
            replaced.assert_error(401, "token_revoked", "Token has been revoked");
            let replaced = server.visitor().refresh(&refresh).await;
            replaced.assert_error(401, "token_revoked", "Token has been revoked");
            let reply = browser.get("/protected").await;
            reply.assert(200, &json!({ "id": user.id, "username": user.username }));
        }
    }
    elsewhere.assert_is_in().await;
    john.assert_is_in().await;
    let events = server.service().store().events_after(0, 100).await.unwrap();
    let replaced = events
        .iter()
        .filter(|event| event.detail.contains(r#""reason":"replaced""#));
    assert_eq!(replaced.count(), 6);
}

#[tokio::test]
async fn a_sign_in_without_cookies_or_over_ones_that_are_none_ends_nothing() {
    let (server, browser, romel) = romel_in_a_browser().await;
    let body = json!({ "username": "Romel", "password": romel.password });
    browser.post("/login", &body).await.assert_status(200);
    browser.get("/protected").await.assert_status(200);

    let before = browser.cookie("jeton_refresh").unwrap();
    let body = json!({ "username": "Romel", "password": romel.password, "cookies": true });
    for cookie in ["", "nonsense", &browser.cookie("jeton_access").unwrap()] {
        let call = server.browser().post("/login", &body);
        let call = call.header("cookie", format!("jeton_refresh={cookie}"));
        call.await.assert_status(200);
    }
    server.visitor().refresh(&before).await.assert_status(200);
}
