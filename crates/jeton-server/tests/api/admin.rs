//! Who may use the administrators' routes.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::actors::{Actor, Admin, Call, Server, SignedIn};

mod audit;
mod clients;
mod explain;
mod keys;
mod service_accounts;
mod tokens;
mod users;

const NOBODY: &str = "019b0000-0000-7000-8000-000000000000";

pub(crate) async fn cast() -> (Server, Admin, SignedIn) {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    (server, ada, romel)
}

/// The path of a user, and what is below it.
pub(crate) fn path_of(user: &SignedIn, below: &str) -> String {
    format!("/admin/users/{}{below}", user.id)
}

pub(crate) async fn patch(admin: &impl Actor, user: &SignedIn, changes: Value) -> crate::actors::Reply {
    admin.call(Method::PATCH, &path_of(user, "")).json(&changes).await
}

/// What reads, each about somebody.
fn reading(actor: &impl Actor, user: &str) -> Vec<Call> {
    [
        "/admin/users",
        "/admin/users/{id}",
        "/admin/users/{id}/sessions",
        "/admin/keys",
        "/admin/clients",
        "/admin/service-accounts",
        "/admin/audit",
    ]
    .map(|path| actor.get(&path.replace("{id}", user)))
    .into()
}

/// What changes something, each about somebody.
fn changing(actor: &impl Actor, user: &str) -> Vec<Call> {
    let new = json!({ "username": "new", "password": "news own passphrase" });
    [
        (Method::POST, "/admin/users", new),
        (Method::POST, "/admin/keys", json!({ "purpose": "playground" })),
        (Method::PATCH, "/admin/users/{id}", json!({ "disabled": true })),
        (
            Method::POST,
            "/admin/users/{id}/password-reset",
            json!({ "force": true }),
        ),
        (Method::POST, "/admin/users/{id}/unlock", json!({})),
        (Method::DELETE, "/admin/users/{id}/sessions/{id}", json!({})),
        (Method::DELETE, "/admin/users/{id}/sessions", json!({})),
        (Method::DELETE, "/admin/users/{id}", json!({})),
        (Method::POST, "/admin/clients", json!({ "name": "billing" })),
        (Method::PATCH, "/admin/clients/{id}", json!({ "disabled": true })),
        (Method::POST, "/admin/clients/{id}/secret", json!({})),
        (Method::DELETE, "/admin/clients/{id}", json!({})),
        (
            Method::POST,
            "/admin/service-accounts",
            json!({ "name": "billing" }),
        ),
        (
            Method::PATCH,
            "/admin/service-accounts/{id}",
            json!({ "disabled": true }),
        ),
        (Method::POST, "/admin/service-accounts/{id}/secret", json!({})),
        (Method::DELETE, "/admin/service-accounts/{id}", json!({})),
        (
            Method::POST,
            "/admin/tokens/revoke",
            json!({ "jti": NOBODY, "until": 0 }),
        ),
    ]
    .map(|(method, path, body)| actor.call(method, &path.replace("{id}", user)).json(&body))
    .into()
}

fn all(actor: &impl Actor, user: &str) -> Vec<Call> {
    [reading(actor, user), changing(actor, user)].concat()
}

#[tokio::test]
async fn they_are_for_administrators_alone() {
    let (server, ada, romel) = cast().await;
    let visitor = server.visitor();
    for call in all(&visitor, &romel.id) {
        call.await.assert_error(401, "token_missing", "Token is missing");
    }
    let on_behalf = ada.token_for("Romel").await.text("token").to_owned();
    for token in [&romel.access, &on_behalf] {
        for call in all(&visitor, &romel.id) {
            call.bearer(token).await.assert_code(403, "insufficient_scope");
        }
    }
    for call in all(&visitor, &romel.id) {
        call.bearer(&romel.refresh)
            .await
            .assert_error(401, "invalid_token", "Invalid token");
    }
    romel.assert_is_in().await;
}

#[tokio::test]
async fn the_role_is_read_from_the_database_whatever_the_token_says() {
    let (server, ada, romel) = cast().await;
    // Behind the service's back, so that the token itself stays good.
    server
        .sql("UPDATE users SET roles = '' WHERE username = 'ada'")
        .await;
    ada.assert_is_in().await;
    for call in all(&*ada, &romel.id) {
        call.await.assert_code(403, "insufficient_scope");
    }
    server
        .sql("UPDATE users SET roles = 'admin', disabled_at = 1 WHERE username = 'ada'")
        .await;
    for call in all(&*ada, &romel.id) {
        call.await.assert_code(403, "insufficient_scope");
    }
    server
        .sql("UPDATE users SET roles = 'admin' WHERE username = 'Romel'")
        .await;
    romel.get("/admin/users").await.assert_status(200);
}

#[tokio::test]
async fn what_changes_something_asks_for_a_sign_in_a_short_time_ago() {
    let server = Server::with(&[("access-lifetime", "1h")]).await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    server.clock().advance(Duration::from_mins(15));
    patch(&ada, &romel, json!({ "roles": ["editor"] }))
        .await
        .assert_status(200);
    server.clock().advance(Duration::from_secs(1));
    for call in changing(&*ada, &romel.id) {
        let reply = call.await;
        reply.assert_code(401, "insufficient_user_authentication");
        assert!(
            reply.header("www-authenticate").contains("max_age=\"900\""),
            "{reply:?}"
        );
    }
    for call in reading(&*ada, &romel.id) {
        call.await.assert_status(200);
    }
    romel.assert_is_in().await;
    let again = server.visitor().sign_in("ada", &ada.password).await;
    patch(&again, &romel, json!({ "disabled": true }))
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_browser_needs_the_csrf_token() {
    let (server, ada, romel) = cast().await;
    let browser = server.browser();
    browser.login("ada", &ada.password).await.assert_status(200);
    for call in changing(&browser, &romel.id) {
        call.without("x-csrf-token").await.assert_code(403, "csrf_failed");
    }
    romel.assert_is_in().await;
    for call in reading(&browser, &romel.id) {
        call.without("x-csrf-token").await.assert_status(200);
    }
    patch(&browser, &romel, json!({ "disabled": true }))
        .await
        .assert_status(200);
    romel.assert_is_out().await;
}

#[tokio::test]
async fn who_is_not_there_is_not_found() {
    let (_server, ada, _romel) = cast().await;
    for nobody in [NOBODY, "Romel", "%00", "..%2F.."] {
        for call in all(&*ada, nobody) {
            if call.is_below("/admin/users/") {
                call.await
                    .assert_error(404, "user_not_found", "User does not exist");
            }
        }
    }
}

#[tokio::test]
async fn a_member_nobody_knows_is_refused() {
    let (server, ada, romel) = cast().await;
    let sentence = "The body has a member this route does not know";
    for call in changing(&*ada, &romel.id) {
        let call = call.json(&json!({ "username": "new", "is_admin": true }));
        let reply = call.clone().await;
        let without_a_body = reply.sent.method == Method::DELETE
            || ["/unlock", "/secret"]
                .iter()
                .any(|end| reply.sent.path.ends_with(end));
        if !without_a_body {
            reply.assert_error(422, "invalid_request", sentence);
        }
    }
    let login = server.visitor().login("new", "news own passphrase").await;
    login.assert_code(401, "invalid_credentials");
}

#[tokio::test]
async fn nobody_registers_as_an_administrator() {
    let server = Server::start().await;
    let body = json!({
        "username": "mallory", "password": "mallorys own passphrase", "roles": ["admin"], "role": "admin",
        "claims": { "tenant": "blue" }, "disabled": false, "is_admin": true,
    });
    server.visitor().post("/register", &body).await.assert_status(201);
    let mallory = server
        .visitor()
        .sign_in("mallory", "mallorys own passphrase")
        .await;
    let profile = mallory.get("/profile").await;
    assert_eq!(profile.json["roles"], json!([]));
    mallory
        .get("/admin/users")
        .await
        .assert_code(403, "insufficient_scope");
}

#[tokio::test]
async fn of_two_who_take_the_role_from_each_other_one_does() {
    let server = Server::start().await;
    server.admin("grace").await;
    for round in 0..10 {
        let (ada, bert) = (
            server.admin(&format!("ada{round}")).await,
            server.admin(&format!("bert{round}")).await,
        );
        let nothing = json!({ "roles": [] });
        let (one, other) = tokio::join!(
            patch(&ada, &bert, nothing.clone()),
            patch(&bert, &ada, nothing.clone())
        );
        let (done, refused) = if one.status == 200 {
            (one, other)
        } else {
            (other, one)
        };
        done.assert_status(200);
        // Its token was revoked, or its role was gone when its turn came.
        assert!(
            ["token_revoked", "insufficient_scope"].contains(&refused.text("error")),
            "{refused:?}"
        );
    }
}
