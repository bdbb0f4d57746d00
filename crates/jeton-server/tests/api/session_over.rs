//! Why a session is over, as a refusal says it to whoever holds a token of that session.

use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::actors::{Actor, Admin, Server, SignedIn, form_to};

/// Romel, who was signed in twice, and an administrator.
struct People {
    server: Server,
    ada: Admin,
    romel: SignedIn,
    elsewhere: SignedIn,
}

impl People {
    async fn meet() -> Self {
        let server = Server::start().await;
        let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
        let elsewhere = romel.another_session().await;
        Self {
            server,
            ada,
            romel,
            elsewhere,
        }
    }

    /// Romel's tokens are refused for this reason, wherever they are shown.
    async fn assert_over(&self, reason: &str) {
        let visitor = self.server.visitor();
        for path in ["/protected", "/profile", "/sessions", "/get-jwt"] {
            let reply = self.romel.get(path).await;
            reply.assert_over("token_revoked", Some(reason));
        }
        let asked = json!({ "token": self.romel.access });
        let reply = visitor.post("/verify-token", &asked).await;
        reply.assert_over("token_revoked", Some(reason));
        let reply = visitor.refresh(&self.romel.refresh).await;
        reply.assert_over("token_revoked", Some(reason));
        let asked = json!({ "refresh_token": self.romel.refresh });
        let reply = visitor.post("/logout", &asked).await;
        reply.assert_over("token_revoked", Some(reason));
    }
}

#[tokio::test]
async fn signing_out_here_or_ending_it_elsewhere() {
    let people = People::meet().await;
    people.romel.post("/logout", &json!({})).await.assert_status(200);
    people.assert_over("logout").await;

    for scope in ["others", "all"] {
        let people = People::meet().await;
        let everywhere = people.elsewhere.post("/logout", &json!({ "scope": scope }));
        everywhere.await.assert_status(200);
        people.assert_over("ended_by_owner").await;
    }
    let people = People::meet().await;
    let path = format!("/sessions/{}", people.romel.session());
    people.elsewhere.delete(&path).await.assert_status(200);
    people.assert_over("ended_by_owner").await;
}

#[tokio::test]
async fn an_administrator() {
    let people = People::meet().await;
    let path = format!("/admin/users/{}", people.romel.id);
    let session = format!("{path}/sessions/{}", people.romel.session());
    people.ada.delete(&session).await.assert_status(200);
    people.assert_over("admin").await;
    people.elsewhere.assert_is_in().await;

    let people = People::meet().await;
    let path = format!("/admin/users/{}", people.romel.id);
    let disable = people
        .ada
        .call(Method::PATCH, &path)
        .json(&json!({ "disabled": true }));
    disable.await.assert_status(200);
    people.assert_over("disabled").await;

    let people = People::meet().await;
    let path = format!("/admin/users/{}/password-reset", people.romel.id);
    let code = people.ada.post(&path, &json!({})).await.text("code").to_owned();
    let reset = json!({ "username": "Romel", "code": code, "new_password": "another long passphrase" });
    let reply = people.server.visitor().post("/password/reset", &reset).await;
    reply.assert_status(200);
    people.assert_over("password_reset").await;
}

#[tokio::test]
async fn a_new_password() {
    let people = People::meet().await;
    let new = json!({ "current_password": people.romel.password, "new_password": "another long passphrase" });
    people.elsewhere.post("/password", &new).await.assert_status(200);
    people.assert_over("password_changed").await;
}

#[tokio::test]
async fn a_refresh_token_that_was_used_twice() {
    let mut people = People::meet().await;
    let copy = people.romel.refresh.clone();
    people.romel.renew().await;
    people.romel.renew().await;
    let reply = people.server.visitor().refresh(&copy).await;
    reply.assert_over("token_reused", Some("reuse"));
    people.assert_over("reuse").await;
}

#[tokio::test]
async fn its_time() {
    let people = People::meet().await;
    people.server.clock().advance(Duration::from_hours(7 * 24));
    let reply = people.server.visitor().refresh(&people.romel.refresh).await;
    reply.assert_over("token_expired", Some("expired"));
}

#[tokio::test]
async fn a_user_who_is_no_more() {
    let people = People::meet().await;
    let path = format!("/admin/users/{}", people.romel.id);
    people.ada.delete(&path).await.assert_status(200);
    let reply = people.romel.get("/protected").await;
    reply.assert_over("token_revoked", Some("gone"));
}

#[tokio::test]
async fn a_browser_reads_it_with_its_cookies() {
    let people = People::meet().await;
    let browser = people.server.browser();
    browser
        .login("Romel", &people.romel.password)
        .await
        .assert_status(200);
    let everywhere = people.romel.post("/logout", &json!({ "scope": "others" }));
    everywhere.await.assert_status(200);
    let reply = browser.get("/profile").await;
    reply.assert_over("token_revoked", Some("ended_by_owner"));
    let reply = browser.post("/refresh", &json!({})).await;
    reply.assert_over("token_revoked", Some("ended_by_owner"));
}

#[tokio::test]
async fn nothing_is_said_where_the_session_goes_on() {
    let people = People::meet().await;
    let (ada, romel) = (&people.ada, &people.romel);
    // The token alone was revoked.
    let alone = json!({ "token": people.elsewhere.access });
    ada.post("/admin/tokens/revoke", &alone).await.assert_status(200);
    let reply = people.elsewhere.get("/protected").await;
    reply.assert_over("token_revoked", None);
    // Every token of the user was, and the sessions stay.
    let path = format!("/admin/users/{}", romel.id);
    for roles in [json!(["editor"]), json!([])] {
        let change = ada.call(Method::PATCH, &path).json(&json!({ "roles": roles }));
        change.await.assert_status(200);
    }
    let reply = romel.get("/protected").await;
    reply.assert_over("token_revoked", None);
    people
        .server
        .visitor()
        .refresh(&romel.refresh)
        .await
        .assert_status(200);
    people.server.clock().advance(Duration::from_mins(20));
    let reply = people.elsewhere.get("/protected").await;
    reply.assert_over("token_expired", None);
}

#[tokio::test]
async fn nothing_is_said_to_strangers() {
    let people = People::meet().await;
    let (romel, visitor) = (&people.romel, people.server.visitor());
    romel.post("/logout", &json!({})).await.assert_status(200);
    let other = people.elsewhere.access.rsplit_once('.').unwrap().1;
    let (head, _) = romel.access.rsplit_once('.').unwrap();
    let forged = format!("{head}.{other}");
    let reply = visitor.get_with("/protected", &forged).await;
    reply.assert_over("invalid_token", None);
    let (head, _) = romel.refresh.rsplit_once('.').unwrap();
    let other = people.elsewhere.refresh.rsplit_once('.').unwrap().1;
    let reply = visitor.refresh(&format!("{head}.{other}")).await;
    reply.assert_over("invalid_token", None);
    visitor.get("/protected").await.assert_over("token_missing", None);
    // The bodies of OAuth's endpoints are the RFC's.
    let form = format!("grant_type=refresh_token&refresh_token={}", romel.refresh);
    let reply = form_to(&visitor, &form).await;
    reply.assert_code(400, "invalid_grant");
    assert!(reply.json.get("reason").is_none());
}
