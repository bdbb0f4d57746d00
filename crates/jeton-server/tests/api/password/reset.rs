use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};

use super::NEW;
use crate::actors::{Actor, Admin, Reply, Server, SignedIn};

async fn cast() -> (Server, Admin, SignedIn) {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    (server, ada, romel)
}

async fn code_for(admin: &Admin, user: &SignedIn) -> String {
    let path = format!("/admin/users/{}/password-reset", user.id);
    let reply = admin.post(&path, &json!({})).await;
    reply.text("code").to_owned()
}

async fn reset(server: &Server, username: &str, code: &str, password: &str) -> Reply {
    let body = json!({ "username": username, "code": code, "new_password": password });
    server.visitor().post("/password/reset", &body).await
}

#[track_caller]
fn assert_invalid(reply: &Reply) {
    reply.assert_error(401, "invalid_code", "Invalid username or code");
}

#[tokio::test]
async fn a_code_sets_the_password_once_and_ends_everything() {
    let (server, ada, romel) = cast().await;
    let code = code_for(&ada, &romel).await;
    reset(&server, "ROMEL", &code, NEW)
        .await
        .assert(200, &json!({ "message": "Password set" }));
    romel.assert_is_out().await;
    let login = server.visitor().login("Romel", &romel.password).await;
    login.assert_code(401, "invalid_credentials");
    server.visitor().sign_in("Romel", NEW).await.assert_is_in().await;
    assert_invalid(&reset(&server, "Romel", &code, "yet another passphrase").await);
}

#[tokio::test]
async fn what_is_wrong_with_a_code_nobody_is_told() {
    let (server, ada, romel) = cast().await;
    let john = server.signed_up("john").await;
    let superseded = code_for(&ada, &romel).await;
    let code = code_for(&ada, &romel).await;
    let of_john = code_for(&ada, &john).await;
    let cut = &code[..code.len() - 1];
    for (username, code) in [
        ("Romel", &*superseded),
        ("Romel", &of_john),
        ("Romel", cut),
        ("Romel", "jr_AAAAAAAAAAAAAAAAAAAAAA"),
        ("Romel", ""),
        ("ada", &code),
        ("nobody", &code),
        ("two words", &code),
        ("", &code),
    ] {
        assert_invalid(&reset(&server, username, code, NEW).await);
    }
    romel.assert_is_in().await;
    reset(&server, "Romel", &code, NEW).await.assert_status(200);
}

#[tokio::test]
async fn a_refusal_takes_its_time_whoever_is_named() {
    let (server, _, romel) = cast().await;
    for username in [&*romel.username, "nobody"] {
        let asked = Instant::now();
        assert_invalid(&reset(&server, username, "jr_AAAAAAAAAAAAAAAAAAAAAA", NEW).await);
        assert!(asked.elapsed() >= Duration::from_millis(30), "{username}");
    }
}

#[tokio::test]
async fn a_code_is_good_for_a_day() {
    let (server, ada, romel) = cast().await;
    let [early, late] =
        [&romel, &server.signed_up("john").await].map(|user| (user.username.clone(), user.id.clone()));
    let mut codes = Vec::new();
    for (_, id) in [&early, &late] {
        let reply = ada
            .post(&format!("/admin/users/{id}/password-reset"), &json!({}))
            .await;
        codes.push(reply.text("code").to_owned());
    }
    server.clock().advance(Duration::from_secs(86_399));
    reset(&server, &early.0, &codes[0], NEW).await.assert_status(200);
    server.clock().advance(Duration::from_secs(1));
    assert_invalid(&reset(&server, &late.0, &codes[1], NEW).await);
}

#[tokio::test]
async fn guessing_at_codes_costs_no_hash_and_slows_nobody_down() {
    let (server, ada, romel) = cast().await;
    let code = code_for(&ada, &romel).await;
    let before = server.service().hashes_computed();
    for username in ["Romel", "nobody"] {
        for _ in 0..30 {
            assert_invalid(&reset(&server, username, "jr_guess", NEW).await);
        }
    }
    assert_eq!(server.service().hashes_computed(), before);
    server.visitor().sign_in("Romel", &romel.password).await;
    reset(&server, "Romel", &code, NEW).await.assert_status(200);
}

#[tokio::test]
async fn the_right_code_is_taken_while_the_name_is_locked_and_unlocks_it() {
    let server = Server::with(&[("free-failures", "3"), ("lockout-after", "3")]).await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    let code = code_for(&ada, &romel).await;
    for status in [401, 401, 401, 429] {
        let guess = server.visitor().login("Romel", "not the password").await;
        guess.assert_status(status);
    }
    assert_invalid(&reset(&server, "Romel", "jr_guess", NEW).await);
    reset(&server, "Romel", &code, NEW).await.assert_status(200);
    server.visitor().sign_in("Romel", NEW).await;
}

#[tokio::test]
async fn a_weak_password_leaves_the_code_unused() {
    let (server, ada, romel) = cast().await;
    let code = code_for(&ada, &romel).await;
    for username in ["Romel", "nobody"] {
        let reply = reset(&server, username, &code, "short").await;
        reply.assert_error(
            422,
            "weak_password",
            "`new_password` is shorter than 8 characters",
        );
    }
    // Whose name it is, nobody is told who has no code.
    for username in ["Romel", "nobody"] {
        assert_invalid(&reset(&server, username, "jr_guess", "Romel12345").await);
    }
    reset(&server, "Romel", &code, "Romel12345").await.assert_error(
        422,
        "weak_password",
        "`new_password` is the username, or nearly, and would be guessed first: choose another",
    );
    reset(&server, "Romel", &code, NEW).await.assert_status(200);
}

#[tokio::test]
async fn a_disabled_user_sets_no_password() {
    let (server, ada, romel) = cast().await;
    let code = code_for(&ada, &romel).await;
    ada.call(http::Method::PATCH, &format!("/admin/users/{}", romel.id))
        .json(&json!({ "disabled": true }))
        .await
        .assert_status(200);
    assert_invalid(&reset(&server, "Romel", &code, NEW).await);
}

#[tokio::test]
async fn an_account_made_without_a_password_gets_one() {
    let (server, ada, _romel) = cast().await;
    let made = ada.post("/admin/users", &json!({ "username": "Grace" })).await;
    let code = made.json["reset"]["code"].as_str().unwrap();
    reset(&server, "Grace", code, NEW).await.assert_status(200);
    server.visitor().sign_in("Grace", NEW).await;
}

#[tokio::test]
async fn a_forced_reset_ends_with_the_code() {
    let (server, ada, romel) = cast().await;
    let path = format!("/admin/users/{}/password-reset", romel.id);
    let forced = ada.post(&path, &json!({ "force": true })).await;
    reset(&server, "Romel", forced.text("code"), NEW)
        .await
        .assert_status(200);
    server.visitor().sign_in("Romel", NEW).await;
}

#[tokio::test]
async fn the_code_is_nowhere_but_in_its_answer() {
    let (server, ada, romel) = cast().await;
    let code = code_for(&ada, &romel).await;
    assert!(!server.debug().contains(&code));
    let events = server.service().store().events_after(0, 100).await.unwrap();
    assert!(!format!("{events:?}").contains(&code));
    let listed = ada.get("/admin/users").await;
    assert!(!listed.body.contains(&code));
}

#[tokio::test]
async fn a_code_made_before_sets_no_administrators_password() {
    let (server, ada, romel) = cast().await;
    let path = format!("/admin/users/{}", romel.id);
    let roles = async |roles: Value| {
        let changed = ada.call(Method::PATCH, &path).json(&json!({ "roles": roles }));
        changed.await.assert_status(200);
    };
    roles(json!(["admin"])).await;
    roles(json!([])).await;
    let forced = ada
        .post(&format!("{path}/password-reset"), &json!({ "force": true }))
        .await;
    roles(json!(["admin"])).await;
    assert_invalid(&reset(&server, "Romel", forced.text("code"), NEW).await);
}
