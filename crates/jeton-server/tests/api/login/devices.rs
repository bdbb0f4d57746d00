//! A device that has signed in before is known again, so that nobody else can lock its owner out.

use http::Method;
use serde_json::json;

use crate::actors::{Actor, Call, Reply, Server};

const WRONG: &str = "not the password";

fn login(server: &Server, username: &str, password: &str, device: &str) -> Call {
    let body = json!({ "username": username, "password": password });
    server
        .visitor()
        .post("/login", &body)
        .header("jeton-device", device)
}

/// A server on which two failures lock a name, somebody who signed in, and what their device is known by.
async fn romel_on_a_device() -> (Server, String, String) {
    let server = Server::with(&[("free-failures", "2"), ("lockout-after", "2")]).await;
    let romel = server.signed_up("Romel").await;
    let reply = server.visitor().login("Romel", &romel.password).await;
    let device = reply.header("jeton-device").to_owned();
    (server, romel.password, device)
}

/// Strangers fail until they are locked out.
async fn attack(server: &Server, username: &str) {
    for _ in 0..2 {
        server.visitor().login(username, WRONG).await.assert_status(401);
    }
    assert_throttled(&server.visitor().login(username, WRONG).await);
}

fn assert_throttled(reply: &Reply) {
    reply.assert_code(429, "too_many_attempts");
}

#[tokio::test]
async fn the_owner_gets_in_while_strangers_are_locked_out() {
    let (server, password, device) = romel_on_a_device().await;
    attack(&server, "Romel").await;
    assert_throttled(&server.visitor().login("Romel", &password).await);
    for path in ["/login", "/token", "/set-jwt"] {
        let body = json!({ "username": "Romel", "password": password });
        let call = server.visitor().post(path, &body).header("jeton-device", &device);
        let reply = call.await;
        reply.assert_status(200);
        assert_eq!(
            reply.header("jeton-device"),
            device,
            "it keeps what it is known by"
        );
    }
    assert_throttled(&server.visitor().login("Romel", &password).await);
}

#[tokio::test]
async fn its_failures_are_its_own_and_never_lock_it() {
    let (server, password, device) = romel_on_a_device().await;
    for wait in [1, 2, 4] {
        let reply = login(&server, "Romel", WRONG, &device).await;
        if wait == 1 {
            reply.assert_status(401);
            login(&server, "Romel", WRONG, &device).await.assert_status(401);
        } else {
            reply.assert_status(401);
        }
        let refused = login(&server, "Romel", &password, &device).await;
        assert_throttled(&refused);
        assert_eq!(refused.header("retry-after"), wait.to_string());
        server.clock().advance(std::time::Duration::from_secs(wait));
    }
    server.visitor().login("Romel", WRONG).await.assert_status(401);
    server
        .visitor()
        .login("Romel", &password)
        .await
        .assert_status(200);
    login(&server, "Romel", &password, &device)
        .await
        .assert_status(200);
}

#[tokio::test]
async fn each_new_device_is_known_by_something_else_and_a_token_that_is_none_counts_as_none() {
    let (server, password, device) = romel_on_a_device().await;
    let john = server.signed_up("john").await;
    let of_john = server.visitor().login("john", &john.password).await;
    let of_john = of_john.header("jeton-device").to_owned();
    let (nonce, mac) = device.split_once('.').unwrap();
    let forged = format!("{nonce}.{}", of_john.split_once('.').unwrap().1);
    let other_nonce = format!("{}.{mac}", of_john.split_once('.').unwrap().0);
    let strangers = [
        "",
        ".",
        "x",
        &of_john,
        &forged,
        &other_nonce,
        nonce,
        "\u{e9}",
        &device[1..],
    ];
    for stranger in strangers {
        let reply = login(&server, "Romel", &password, stranger).await;
        reply.assert_status(200);
        assert_ne!(reply.header("jeton-device"), device, "{stranger}");
    }
    attack(&server, "Romel").await;
    attack(&server, "Nobody").await;
    for stranger in strangers {
        assert_throttled(&login(&server, "Romel", &password, stranger).await);
        assert_throttled(&login(&server, "Nobody", &password, stranger).await);
    }
    login(&server, "Romel", &password, &device)
        .await
        .assert_status(200);
}

#[tokio::test]
async fn whatever_raises_the_version_leaves_it_known() {
    let (server, password, device) = romel_on_a_device().await;
    let ada = server.admin("ada").await;
    let mut romel = server.visitor().sign_in("Romel", &password).await;
    let path = format!("/admin/users/{}", romel.id);
    for roles in [json!(["editor"]), json!([])] {
        let changed = ada.call(Method::PATCH, &path).json(&json!({ "roles": roles }));
        changed.await.assert_status(200);
    }
    romel = romel.another_session().await;
    romel
        .post("/logout", &json!({ "scope": "all" }))
        .await
        .assert_status(200);
    attack(&server, "Romel").await;
    let known = login(&server, "Romel", &password, &device).await;
    known.assert_status(200);
    assert_eq!(known.header("jeton-device"), device);
}

/// Each sign-in without one makes a device known, with guesses of its own.
#[tokio::test]
async fn a_new_password_leaves_known_the_device_that_set_it_alone() {
    let (server, password, device) = romel_on_a_device().await;
    let mut stocked = vec![device];
    for _ in 0..3 {
        let reply = server.visitor().login("Romel", &password).await;
        stocked.push(reply.header("jeton-device").to_owned());
    }
    let known = login(&server, "Romel", &password, &stocked[0]).await;
    let new = "a brand new passphrase";
    let body = json!({ "current_password": password, "new_password": new });
    let changed = server
        .visitor()
        .post("/password", &body)
        .bearer(known.text("token"))
        .await;
    changed.assert_status(200);
    attack(&server, "Romel").await;
    for device in &stocked {
        assert_throttled(&login(&server, "Romel", WRONG, device).await);
    }
    let fresh = changed.header("jeton-device");
    login(&server, "Romel", new, fresh).await.assert_status(200);
}

#[tokio::test]
async fn a_forced_reset_forgets_every_device() {
    let (server, _, device) = romel_on_a_device().await;
    let ada = server.admin("ada").await;
    let listed = ada.get("/admin/users?search=romel").await;
    let id = listed.json["users"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/admin/users/{id}/password-reset");
    let forced = ada.post(&path, &json!({ "force": true })).await;
    let new = "a brand new passphrase";
    let body = json!({ "username": "Romel", "code": forced.text("code"), "new_password": new });
    server
        .visitor()
        .post("/password/reset", &body)
        .await
        .assert_status(200);
    attack(&server, "Romel").await;
    assert_throttled(&login(&server, "Romel", new, &device).await);
}

#[tokio::test]
async fn a_browser_is_known_by_a_cookie_that_outlives_its_session() {
    let (server, password, _) = romel_on_a_device().await;
    let browser = server.browser();
    let reply = browser.login("Romel", &password).await;
    assert!(
        !reply.headers.contains_key("jeton-device"),
        "scripts need not see it"
    );
    let device = browser.cookie("jeton_device").unwrap();
    let line = format!("jeton_device={device}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly");
    let lines = reply.headers.get_all("set-cookie").iter();
    assert!(
        lines.into_iter().any(|found| *found == *line),
        "{:?}",
        reply.headers
    );
    browser.post("/logout", &json!({})).await.assert_status(200);
    attack(&server, "Romel").await;
    assert_throttled(&server.browser().login("Romel", &password).await);
    browser.login("Romel", &password).await.assert_status(200);
    assert_eq!(browser.cookie("jeton_device").unwrap(), device);
}

#[tokio::test]
async fn it_opens_nothing() {
    let (server, _, device) = romel_on_a_device().await;
    let visitor = server.visitor();
    for path in ["/protected", "/profile", "/get-jwt", "/sessions"] {
        visitor
            .get(path)
            .header("jeton-device", &device)
            .await
            .assert_code(401, "token_missing");
        visitor
            .get_with(path, &device)
            .await
            .assert_code(401, "invalid_token");
    }
    let refreshed = visitor.call(Method::POST, "/refresh").bearer(&device).await;
    refreshed.assert_code(401, "invalid_token");
}
