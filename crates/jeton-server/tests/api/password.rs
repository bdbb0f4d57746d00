use std::time::Duration;

use serde_json::{Value, json};

use crate::actors::{ANY, Actor, Reply, Server, SignedIn, claims_of};

mod meanwhile;
mod reset;

const NEW: &str = "a brand new passphrase";

async fn change(user: &SignedIn, current: &str, new: &str) -> Reply {
    user.post("/password", &body(current, new)).await
}

fn body(current: &str, new: &str) -> Value {
    json!({ "current_password": current, "new_password": new })
}

#[tokio::test]
async fn a_new_password_ends_every_session_and_opens_one() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let other = romel.another_session().await;
    server.clock().advance(Duration::from_mins(1));
    let reply = change(&romel, &romel.password, NEW).await;
    reply.assert(
        200,
        &json!({
            "message": "Password changed", "token": ANY, "access_token": reply.json["token"], "refresh_token": ANY,
            "token_type": "bearer", "expires_in": 900, "refresh_expires_in": 604_800, "user_id": romel.id,
        }),
    );
    romel.assert_is_out().await;
    other.assert_is_out().await;
    let opened = server.visitor().get_with("/protected", reply.text("token")).await;
    opened.assert(200, &json!({ "id": romel.id, "username": "Romel" }));
    let refreshed = server.visitor().refresh(reply.text("refresh_token")).await;
    refreshed.assert_status(200);
    let auth_time = &claims_of(reply.text("token"))["auth_time"];
    assert_eq!(*auth_time, server.clock().seconds());
    let login = server.visitor().login("Romel", &romel.password).await;
    login.assert_error(401, "invalid_credentials", "Invalid username or password");
    server.visitor().sign_in("Romel", NEW).await.assert_is_in().await;
}

#[tokio::test]
async fn one_hash_is_checked_and_one_is_made() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let before = server.service().hashes_computed();
    change(&romel, "not the password", NEW).await.assert_status(401);
    assert_eq!(server.service().hashes_computed() - before, 1);
    change(&romel, &romel.password, NEW).await.assert_status(200);
    assert_eq!(server.service().hashes_computed() - before, 3);
}

#[tokio::test]
async fn a_wrong_present_password_changes_nothing_and_counts_against_its_session() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let other = romel.another_session().await;
    for _ in 0..10 {
        let reply = change(&romel, "not the password", NEW).await;
        reply.assert_error(401, "invalid_credentials", "Invalid username or password");
    }
    let before = server.service().hashes_computed();
    let reply = change(&romel, &romel.password, NEW).await;
    reply.assert_code(429, "too_many_attempts");
    assert_eq!(reply.header("retry-after"), "1");
    assert_eq!(server.service().hashes_computed(), before);
    romel.assert_is_in().await;
    change(&other, "not the password", NEW)
        .await
        .assert_code(401, "invalid_credentials");
    romel.another_session().await;
    server.clock().advance(Duration::from_secs(1));
    change(&romel, &romel.password, NEW).await.assert_status(200);
    server.visitor().sign_in("Romel", NEW).await;
}

#[tokio::test]
async fn whoever_guesses_at_the_name_keeps_nobody_from_changing_the_password() {
    let server = Server::with(&[("free-failures", "3"), ("lockout-after", "3")]).await;
    let romel = server.signed_up("Romel").await;
    for status in [401, 401, 401, 429] {
        let guess = server.visitor().login("Romel", "not the password").await;
        guess.assert_status(status);
    }
    let locked = server.visitor().login("Romel", &romel.password).await;
    locked.assert_code(429, "too_many_attempts");
    change(&romel, &romel.password, NEW).await.assert_status(200);
}

#[tokio::test]
async fn what_is_no_new_password_is_refused_before_anything_is_checked() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let before = server.service().hashes_computed();
    let same = change(&romel, &romel.password, &romel.password).await;
    same.assert_error(
        422,
        "invalid_request",
        "`new_password` is the present password: choose another",
    );
    let short = change(&romel, &romel.password, "short").await;
    short.assert_error(
        422,
        "weak_password",
        "`new_password` is shorter than 8 characters",
    );
    let common = change(&romel, &romel.password, "password123").await;
    common.assert_code(422, "weak_password");
    for (weak, sentence) in [
        (
            "romel 12345",
            "`new_password` is the username, or nearly, and would be guessed first: choose another",
        ),
        (
            "        ",
            "`new_password` holds nothing but blanks and invisible characters: choose another",
        ),
    ] {
        let reply = change(&romel, &romel.password, weak).await;
        reply.assert_error(422, "weak_password", sentence);
    }
    for body in [
        json!({}),
        json!({ "current_password": "x" }),
        json!({ "new_password": NEW }),
    ] {
        romel
            .post("/password", &body)
            .await
            .assert_code(422, "invalid_request");
    }
    assert_eq!(server.service().hashes_computed(), before);
    romel.assert_is_in().await;
}

#[tokio::test]
async fn in_a_browser_the_tokens_come_in_cookies() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let browser = server.browser();
    browser.login("Romel", &romel.password).await.assert_status(200);
    let forged = browser
        .post("/password", &body(&romel.password, NEW))
        .without("x-csrf-token")
        .await;
    forged.assert_code(403, "csrf_failed");
    let reply = browser.post("/password", &body(&romel.password, NEW)).await;
    reply.assert(
        200,
        &json!({
            "message": "Password changed", "token_type": "bearer", "expires_in": 900,
            "refresh_expires_in": 604_800, "user_id": romel.id, "csrf_token": ANY,
        }),
    );
    romel.assert_is_out().await;
    browser.get("/profile").await.assert_status(200);
    browser.post("/refresh", &json!({})).await.assert_status(200);
}

#[tokio::test]
async fn of_two_changes_at_once_one_wins() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let (first, second) = tokio::join!(
        change(&romel, &romel.password, "the first passphrase"),
        change(&romel, &romel.password, "the second passphrase"),
    );
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
    let winner = if first.status == 200 {
        "the first passphrase"
    } else {
        "the second passphrase"
    };
    server.visitor().sign_in("Romel", winner).await;
}

#[tokio::test]
async fn it_is_in_the_trail() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    change(&romel, "not the password", NEW).await.assert_status(401);
    change(&romel, &romel.password, NEW).await.assert_status(200);
    let events = server.service().store().events_after(0, 100).await.unwrap();
    let actions: Vec<_> = events.iter().map(|event| &*event.action).collect();
    assert_eq!(
        actions[actions.len() - 4..],
        [
            "login.failed",
            "password.changed",
            "session.ended",
            "login.succeeded"
        ]
    );
    assert!(!format!("{events:?}").contains(NEW));
}

#[tokio::test]
async fn who_acts_for_somebody_does_not_guess_at_their_password() {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    let acting = ada.token_for("Romel").await;
    for password in ["not the password", &romel.password] {
        let visitor = server.visitor();
        let reply = visitor
            .post("/password", &body(password, NEW))
            .bearer(acting.text("token"));
        reply.await.assert_code(403, "insufficient_scope");
    }
    romel.assert_is_in().await;
}
