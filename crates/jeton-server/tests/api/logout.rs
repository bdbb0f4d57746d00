use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::actors::{Actor, Server, SignedIn};

async fn romel_on_three_devices() -> (Server, [SignedIn; 3]) {
    let server = Server::start().await;
    let here = server.signed_up("Romel").await;
    let devices = [
        here.clone(),
        here.another_session().await,
        here.another_session().await,
    ];
    (server, devices)
}

#[tokio::test]
async fn a_logout_ends_the_session_it_was_asked_from_and_no_other() {
    for body in [None, Some(json!({})), Some(json!({ "scope": "session" }))] {
        let (server, [here, there, elsewhere]) = romel_on_three_devices().await;
        let neighbour = server.signed_up("Ramon").await;
        let logout = here.call(Method::POST, "/logout");
        let reply = match &body {
            None => logout.await,
            Some(body) => logout.json(body).await,
        };
        reply.assert(200, &json!({ "message": "Logged out" }));
        here.assert_is_out().await;
        for other in [there, elsewhere, neighbour] {
            other.assert_is_in().await;
            server.visitor().refresh(&other.refresh).await.assert_status(200);
        }
    }
}

#[tokio::test]
async fn the_others_can_be_ended_from_one() {
    let (server, [here, there, elsewhere]) = romel_on_three_devices().await;
    let neighbour = server.signed_up("Ramon").await;
    here.post("/logout", &json!({ "scope": "others" }))
        .await
        .assert(200, &json!({ "message": "Logged out" }));
    there.assert_is_out().await;
    elsewhere.assert_is_out().await;
    here.assert_is_in().await;
    neighbour.assert_is_in().await;
    server.visitor().refresh(&here.refresh).await.assert_status(200);
}

#[tokio::test]
async fn all_can_be_ended_at_once_and_a_new_login_is_good_again() {
    let (server, devices) = romel_on_three_devices().await;
    let neighbour = server.signed_up("Ramon").await;
    devices[0]
        .post("/logout", &json!({ "scope": "all" }))
        .await
        .assert(200, &json!({ "message": "Logged out" }));
    for device in &devices {
        device.assert_is_out().await;
    }
    neighbour.assert_is_in().await;
    let mut again = devices[0].another_session().await;
    again.renew().await;
    again.assert_is_in().await;
}

#[tokio::test]
async fn all_includes_tokens_somebody_made_on_the_users_behalf() {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    let made = ada.token_for("Romel").await;
    romel
        .post("/logout", &json!({ "scope": "all" }))
        .await
        .assert_status(200);
    let reply = server.visitor().get_with("/protected", made.text("token")).await;
    reply.assert_error(401, "token_revoked", "Token has been revoked");
    ada.assert_is_in().await;
}

#[tokio::test]
async fn every_token_of_the_session_is_refused_everywhere_from_the_answer_on() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let before = romel.clone();
    romel.renew().await;
    romel.post("/logout", &json!({})).await.assert_status(200);
    for token in [&before.access, &romel.access] {
        for path in ["/protected", "/profile", "/get-jwt", "/sessions"] {
            let reply = server.visitor().get_with(path, token).await;
            reply.assert_error(401, "token_revoked", "Token has been revoked");
        }
        for path in ["/verify-token", "/sign-token", "/logout"] {
            let reply = server.visitor().post(path, &json!({})).bearer(token).await;
            reply.assert_error(401, "token_revoked", "Token has been revoked");
        }
    }
    for token in [&before.refresh, &romel.refresh] {
        let reply = server.visitor().refresh(token).await;
        reply.assert_error(401, "token_revoked", "Token has been revoked");
    }
}

#[tokio::test]
async fn a_second_logout_finds_nothing_to_end() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    romel.post("/logout", &json!({})).await.assert_status(200);
    romel
        .post("/logout", &json!({}))
        .await
        .assert_error(401, "token_revoked", "Token has been revoked");
    let reply = server
        .visitor()
        .call(Method::POST, "/logout")
        .bearer(&romel.refresh)
        .await;
    reply.assert_error(401, "token_revoked", "Token has been revoked");
}

#[tokio::test]
async fn nobody_is_logged_out_without_a_token() {
    let visitor = Server::start().await.visitor();
    visitor
        .call(Method::POST, "/logout")
        .await
        .assert_error(401, "token_missing", "Token is missing");
    visitor
        .post("/logout", &json!({}))
        .await
        .assert_error(401, "token_missing", "Token is missing");
    let reply = visitor.post("/logout", &json!({})).bearer("nonsense").await;
    reply.assert_error(401, "invalid_token", "Invalid token");
}

#[tokio::test]
async fn a_refresh_token_does_when_the_access_token_has_expired() {
    let (server, [here, there, elsewhere]) = romel_on_three_devices().await;
    server.clock().advance(Duration::from_secs(931));
    // In the body, beside the expired access token; then in the header.
    here.post("/logout", &json!({ "refresh_token": here.refresh }))
        .await
        .assert_status(200);
    server
        .visitor()
        .call(Method::POST, "/logout")
        .bearer(&there.refresh)
        .await
        .assert_status(200);
    for ended in [here, there] {
        let reply = server.visitor().refresh(&ended.refresh).await;
        reply.assert_error(401, "token_revoked", "Token has been revoked");
    }
    server
        .visitor()
        .refresh(&elsewhere.refresh)
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_refresh_token_ends_the_others_and_all_too() {
    for (scope, here_lives) in [("others", true), ("all", false)] {
        let (server, [here, there, elsewhere]) = romel_on_three_devices().await;
        let body = json!({ "scope": scope, "refresh_token": here.refresh });
        server.visitor().post("/logout", &body).await.assert_status(200);
        there.assert_is_out().await;
        elsewhere.assert_is_out().await;
        if here_lives {
            here.assert_is_in().await;
        } else {
            here.assert_is_out().await;
        }
    }
}

#[tokio::test]
async fn an_expired_access_token_alone_ends_nothing() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    server.clock().advance(Duration::from_secs(931));
    romel
        .post("/logout", &json!({}))
        .await
        .assert_error(401, "token_expired", "Token has expired");
    romel.renew().await;
}

#[tokio::test]
async fn an_expired_refresh_token_ends_nothing() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    server.clock().advance(Duration::from_hours(24 * 7));
    let reply = server
        .visitor()
        .call(Method::POST, "/logout")
        .bearer(&romel.refresh)
        .await;
    reply.assert_error(401, "token_expired", "Token has expired");
}

#[tokio::test]
async fn an_unknown_scope_ends_nothing() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    for scope in [json!("everything"), json!(null), json!(["all"]), json!("ALL")] {
        let reply = romel.post("/logout", &json!({ "scope": scope })).await;
        reply.assert_error(422, "invalid_request", "`scope` has a wrong type or value");
    }
    romel.assert_is_in().await;
}
