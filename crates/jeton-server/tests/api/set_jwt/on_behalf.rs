//! Tokens an administrator makes for somebody else.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::actors::{ANY, Actor, Admin, Reply, Server, SignedIn, claims_of};

async fn cast() -> (Server, Admin, SignedIn) {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    (server, ada, romel)
}

async fn ask(admin: &Admin, wish: Value) -> Reply {
    let mut body = json!({ "username": "Romel" });
    body.as_object_mut()
        .unwrap()
        .extend(wish.as_object().unwrap().clone());
    admin.post("/set-jwt", &body).await
}

#[tokio::test]
async fn an_administrator_gets_an_access_token_alone() {
    let (server, ada, romel) = cast().await;
    let reply = ada.token_for("Romel").await;
    reply.assert(
        200,
        &json!({
            "message": "JWT created", "token": ANY, "access_token": ANY, "token_type": "bearer",
            "expires_in": 900, "user_id": romel.id,
        }),
    );
    let opened = server.visitor().get_with("/protected", reply.text("token")).await;
    opened.assert(200, &json!({ "id": romel.id, "username": "Romel" }));
}

#[tokio::test]
async fn the_token_names_who_acts_and_that_nobody_proved_themselves() {
    let (_server, ada, romel) = cast().await;
    let reply = ada.token_for("Romel").await;
    let claims = claims_of(reply.text("token"));
    assert_eq!(claims["sub"], romel.id);
    assert_eq!(claims["act"], json!({ "sub": ada.id }));
    assert_eq!(claims["auth_time"], Value::Null);
    assert_eq!(claims["roles"], Value::Null);
    assert_ne!(claims["sid"], romel.session());
}

#[tokio::test]
async fn whatever_is_done_with_it_names_who_acts() {
    let (server, ada, romel) = cast().await;
    let made = ada.token_for("Romel").await;
    let token = made.text("token");
    let visitor = server.visitor();
    let ended = format!("/sessions/{}", romel.session());
    visitor
        .call(Method::DELETE, &ended)
        .bearer(token)
        .await
        .assert_status(200);
    let guess = json!({ "current_password": "a guess at it", "new_password": "another long one" });
    visitor
        .call(Method::POST, "/password")
        .bearer(token)
        .json(&guess)
        .await
        .assert_status(403);
    visitor
        .call(Method::POST, "/logout")
        .bearer(token)
        .json(&json!({ "scope": "others" }))
        .await
        .assert_status(200);
    server.visitor().sign_in("Romel", "Romels own passphrase").await;
    visitor
        .call(Method::POST, "/logout")
        .bearer(token)
        .json(&json!({ "scope": "all" }))
        .await
        .assert_status(200);
    let told = ada.get(&format!("/admin/audit?user={}", romel.id)).await;
    let told = told.json["events"].as_array().unwrap();
    let since = told
        .iter()
        .position(|event| event["action"] == "login.on_behalf")
        .unwrap();
    let caused: Vec<_> = told[..since]
        .iter()
        .filter(|event| event["action"] != "login.succeeded")
        .collect();
    assert_eq!(caused.len(), 2, "{caused:?}");
    for event in caused {
        assert_eq!(event["by"], format!("user:{}", ada.id), "{event}");
    }
}

#[tokio::test]
async fn custom_claims_land_in_the_token_and_are_read_out() {
    let (server, ada, _romel) = cast().await;
    let custom =
        json!({ "department": "sales", "limits": { "daily": 7, "list": [1, null, "x"] }, "ok": true });
    let reply = ask(&ada, json!({ "claims": custom })).await;
    reply.assert_status(200);
    let token = reply.text("token");
    let (get_jwt, verified) = (
        server.visitor().get_with("/get-jwt", token).await,
        server
            .visitor()
            .post("/verify-token", &json!({ "token": token }))
            .await,
    );
    for (name, value) in custom.as_object().unwrap() {
        assert_eq!(claims_of(token)[name], *value);
        assert_eq!(get_jwt.json["claims"][name], *value);
        assert_eq!(verified.json["user"][name], *value);
    }
    assert_eq!(get_jwt.json["claims"], claims_of(token));
}

#[tokio::test]
async fn no_custom_claim_takes_a_name_of_the_services_own() {
    let (_server, ada, romel) = cast().await;
    for name in [
        "iss",
        "sub",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "client_id",
        "sid",
        "uv",
        "auth_time",
        "username",
        "roles",
        "scope",
        "act",
        "cnf",
    ] {
        let reply = ask(
            &ada,
            json!({ "claims": { "department": "sales", name: ["admin"] } }),
        )
        .await;
        let sentence = format!("`claims` names `{name}`, which the service sets itself: choose another name");
        reply.assert_error(422, "invalid_request", &sentence);
    }
    assert_eq!(sessions(&romel).await.len(), 1, "none was opened");
}

#[tokio::test]
async fn a_lifetime_may_only_be_shortened() {
    let (server, ada, _romel) = cast().await;
    for seconds in [0, 901, u64::MAX] {
        let reply = ask(&ada, json!({ "expires_in": seconds })).await;
        reply.assert_error(
            422,
            "invalid_request",
            "`expires_in` must be between 1 and 900 seconds",
        );
    }
    for not_seconds in [json!(-1), json!(1.5), json!("60")] {
        let reply = ask(&ada, json!({ "expires_in": not_seconds })).await;
        reply.assert_error(422, "invalid_request", "`expires_in` has a wrong type or value");
    }
    let reply = ask(&ada, json!({ "expires_in": 60 })).await;
    assert_eq!(reply.json["expires_in"], 60);
    assert_eq!(
        claims_of(reply.text("token"))["exp"],
        server.clock().seconds() + 60
    );
    server.clock().advance(Duration::from_secs(91));
    let late = server.visitor().get_with("/protected", reply.text("token")).await;
    late.assert_code(401, "token_expired");
}

#[tokio::test]
async fn the_user_sees_the_session_who_opened_it_and_can_end_it() {
    let (server, ada, romel) = cast().await;
    server.clock().advance(Duration::from_secs(1));
    let reply = ada.token_for("Romel").await;
    let opened = sessions(&romel).await.remove(0);
    assert_eq!(opened["opened_by"], ada.id);
    assert_eq!(opened["id"], claims_of(reply.text("token"))["sid"]);
    assert_eq!(opened["expires_at"], server.clock().seconds() + 900);

    let path = format!("/sessions/{}", opened["id"].as_str().unwrap());
    romel.delete(&path).await.assert_status(200);
    let ended = server.visitor().get_with("/protected", reply.text("token")).await;
    ended.assert_code(401, "token_revoked");
    romel.assert_is_in().await;
}

#[tokio::test]
async fn it_opens_no_administrator_and_nobody_who_is_not_there() {
    let (server, ada, _romel) = cast().await;
    server.admin("grace").await;
    let sentence = "The user is an administrator; their tokens come from their own login alone";
    for administrator in ["grace", "ada"] {
        ada.token_for(administrator)
            .await
            .assert_error(403, "target_is_admin", sentence);
    }
    for unknown in ["Nobody", "", "a\u{0}b"] {
        ada.token_for(unknown)
            .await
            .assert_error(404, "user_not_found", "User does not exist");
    }
    server
        .sql("UPDATE users SET disabled_at = 1 WHERE username = 'Romel'")
        .await;
    ada.token_for("Romel")
        .await
        .assert_error(404, "user_not_found", "User does not exist");
}

#[tokio::test]
async fn the_administrator_must_have_signed_in_within_fifteen_minutes() {
    let server = Server::with(&[("access-lifetime", "1h")]).await;
    let ada = server.admin("ada").await;
    server.signed_up("Romel").await;
    server.clock().advance(Duration::from_mins(15));
    ada.token_for("Romel").await.assert_status(200);
    server.clock().advance(Duration::from_secs(1));
    let reply = ada.token_for("Romel").await;
    reply.assert_error(
        401,
        "insufficient_user_authentication",
        "Sign in again to do this",
    );
    let challenge = reply.header("www-authenticate");
    assert!(
        challenge.contains("error=\"insufficient_user_authentication\""),
        "{challenge}"
    );
    assert!(challenge.contains("max_age=\"900\""), "{challenge}");
}

#[tokio::test]
async fn a_refresh_does_not_make_the_sign_in_recent() {
    let (server, ada, _romel) = cast().await;
    server.clock().advance(Duration::from_mins(16));
    let refreshed = server.visitor().refresh(&ada.refresh).await;
    let reply = server
        .visitor()
        .post("/set-jwt", &json!({ "username": "Romel" }))
        .bearer(refreshed.text("token"))
        .await;
    reply.assert_code(401, "insufficient_user_authentication");
}

#[tokio::test]
async fn roles_are_read_from_the_database_not_from_the_token() {
    let (server, ada, _romel) = cast().await;
    server
        .sql("UPDATE users SET roles = '' WHERE username = 'ada'")
        .await;
    assert_eq!(claims_of(&ada.access)["roles"], json!(["admin"]));
    ada.token_for("Romel")
        .await
        .assert_code(403, "insufficient_scope");

    server
        .sql("UPDATE users SET roles = 'admin', disabled_at = 1 WHERE username = 'ada'")
        .await;
    ada.token_for("Romel")
        .await
        .assert_code(403, "insufficient_scope");
}

#[tokio::test]
async fn an_administrators_cookie_does_not_count() {
    let (server, ada, _romel) = cast().await;
    let browser = server.browser();
    browser.login("ada", &ada.password).await.assert_status(200);
    browser.get("/protected").await.assert_status(200);
    let reply = browser.post("/set-jwt", &json!({ "username": "Romel" })).await;
    reply.assert_code(422, "invalid_request");
}

#[tokio::test]
async fn it_goes_into_no_cookies() {
    let (_server, ada, _romel) = cast().await;
    let reply = ask(&ada, json!({ "cookies": true })).await;
    reply.assert_error(
        422,
        "invalid_request",
        "`cookies` are for one's own sign-in, with a password",
    );
}

#[tokio::test]
async fn the_token_cannot_make_another() {
    let (server, ada, _romel) = cast().await;
    let reply = ada.token_for("Romel").await;
    let again = server
        .visitor()
        .post("/set-jwt", &json!({ "username": "Romel" }))
        .bearer(reply.text("token"));
    again.await.assert_code(403, "insufficient_scope");
}

#[tokio::test]
async fn a_bad_administrators_token_is_refused_as_anywhere() {
    let (server, ada, _romel) = cast().await;
    let body = json!({ "username": "Romel" });
    let invalid = server.visitor().post("/set-jwt", &body).bearer("nonsense").await;
    invalid.assert_error(401, "invalid_token", "Invalid token");
    ada.post("/logout", &json!({})).await.assert_status(200);
    ada.token_for("Romel")
        .await
        .assert_error(401, "token_revoked", "Token has been revoked");
}

#[tokio::test]
async fn it_opens_no_administrators_route_whatever_becomes_of_its_user() {
    let (server, ada, _romel) = cast().await;
    let token = ada.token_for("Romel").await.text("token").to_owned();
    // Behind the service's back, so that the token itself stays good.
    server
        .sql("UPDATE users SET roles = 'admin' WHERE username = 'Romel'")
        .await;
    let visitor = server.visitor();
    visitor.get_with("/protected", &token).await.assert_status(200);
    for path in ["/admin/users", "/admin/keys", "/admin/audit", "/admin/clients"] {
        let reply = visitor.get_with(path, &token).await;
        reply.assert_code(403, "insufficient_scope");
    }
    for (path, body) in [
        ("/sign-token", json!({ "sub": "x" })),
        ("/set-jwt", json!({ "username": "ada" })),
        ("/admin/explain", json!({ "token": token })),
    ] {
        let reply = visitor.post(path, &body).bearer(&token).await;
        reply.assert_code(403, "insufficient_scope");
    }
}

#[tokio::test]
async fn it_ends_when_its_user_becomes_an_administrator() {
    let (server, ada, romel) = cast().await;
    let token = ada.token_for("Romel").await.text("token").to_owned();
    let path = format!("/admin/users/{}", romel.id);
    let promoted = ada
        .call(Method::PATCH, &path)
        .json(&json!({ "roles": ["admin"] }));
    promoted.await.assert_status(200);
    assert_ended(&server, &token).await;
    romel.assert_is_in().await;
}

#[tokio::test]
async fn it_ends_with_whatever_ends_the_administrator() {
    for end in ["role", "disabled", "deleted", "sessions", "password", "logout"] {
        let (server, ada, romel) = cast().await;
        let grace = server.admin("grace").await;
        let token = ada.token_for("Romel").await.text("token").to_owned();
        let by_grace = grace.token_for("Romel").await.text("token").to_owned();
        let path = format!("/admin/users/{}", ada.id);
        let ended = match end {
            "role" => grace.call(Method::PATCH, &path).json(&json!({ "roles": [] })),
            "disabled" => grace
                .call(Method::PATCH, &path)
                .json(&json!({ "disabled": true })),
            "deleted" => grace.call(Method::DELETE, &path),
            "sessions" => grace.call(Method::DELETE, &format!("{path}/sessions")),
            "password" => ada.post(
                "/password",
                &json!({ "current_password": ada.password, "new_password": "a brand new passphrase" }),
            ),
            _ => ada.post("/logout", &json!({ "scope": "all" })),
        };
        ended.await.assert_status(200);
        assert_ended(&server, &token).await;
        let other = server.visitor().get_with("/protected", &by_grace).await;
        other.assert_status(200);
        romel.assert_is_in().await;
        let live = sessions(&romel).await;
        let opened_by: Vec<_> = live
            .iter()
            .filter_map(|session| session["opened_by"].as_str())
            .collect();
        assert_eq!(opened_by, [&*grace.id], "{end}");
    }
}

async fn assert_ended(server: &Server, token: &str) {
    let reply = server.visitor().get_with("/protected", token).await;
    reply.assert_error(401, "token_revoked", "Token has been revoked");
}

async fn sessions(user: &SignedIn) -> Vec<Value> {
    user.get("/sessions").await.json["sessions"]
        .as_array()
        .unwrap()
        .clone()
}
