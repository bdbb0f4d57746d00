//! What becomes of an account while its password is hashed.

use std::future::IntoFuture;

use serde_json::json;

use crate::actors::{Reply, Server, SignedIn};

/// A hash that takes long enough for something to happen meanwhile.
pub(crate) async fn slow_server() -> Server {
    Server::with(&[("argon2-memory-kib", "8192"), ("argon2-iterations", "12")]).await
}

/// Signs in, and does something as soon as the password is being hashed.
async fn sign_in_while(server: &Server, romel: &SignedIn, statement: &str) -> Reply {
    let change = server.prepare(statement).await;
    let before = server.service().hashes_computed();
    let login = server.visitor().login(&romel.username, &romel.password);
    let login = tokio::spawn(login.into_future());
    while server.service().hashes_computed() == before {
        tokio::task::yield_now().await;
    }
    change.make().await;
    login.await.unwrap()
}

/// As a change of roles and "log out everywhere" do.
const RAISE: &str = "UPDATE users SET version = version + 1";

#[tokio::test(flavor = "multi_thread")]
async fn the_right_password_is_never_wrong_because_the_version_rose() {
    let server = slow_server().await;
    let romel = server.signed_up("Romel").await;
    for turn in 0..12 {
        let reply = sign_in_while(&server, &romel, RAISE).await;
        assert_eq!(reply.status, 200, "turn {turn}: {}", reply.body);
        let opened = server.visitor().get_with("/protected", reply.text("token")).await;
        opened.assert(200, &json!({ "id": romel.id, "username": "Romel" }));
    }
    let events = server.service().store().events_after(0, 1000).await.unwrap();
    assert!(events.iter().all(|event| event.action != "login.failed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_opens_no_session_however_late_it_was_disabled() {
    let server = slow_server().await;
    let romel = server.signed_up("Romel").await;
    let reply = sign_in_while(&server, &romel, "UPDATE users SET disabled_at = 1").await;
    reply.assert_code(401, "invalid_credentials");
}

/// The hash that was checked is not there any more: what is there decides.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_changed_meanwhile_is_wrong_and_one_that_was_hashed_anew_is_right() {
    let server = slow_server().await;
    let (romel, other) = (server.signed_up("Romel").await, server.signed_up("Ramon").await);
    server
        .visitor()
        .register("Again", &romel.password)
        .await
        .assert_status(201);
    let takes = |name: &str| {
        format!(
            "UPDATE users SET version = version + 1, password_hash = \
             (SELECT password_hash FROM users WHERE username = '{name}') WHERE username = 'Romel'"
        )
    };
    let again = sign_in_while(&server, &romel, &takes("Again")).await;
    again.assert_status(200);
    let changed = sign_in_while(&server, &romel, &takes("Ramon")).await;
    changed.assert_code(401, "invalid_credentials");
    server
        .visitor()
        .login("Romel", &other.password)
        .await
        .assert_status(200);
}
