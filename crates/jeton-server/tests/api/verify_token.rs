use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::actors::{Actor, Server, claims_of};

#[tokio::test]
async fn an_access_token_is_read_out_from_the_header_and_from_the_body() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let expected = json!({ "user": claims_of(&romel.access), "typ": "at+jwt" });
    let in_body = server
        .visitor()
        .post("/verify-token", &json!({ "token": romel.access }));
    in_body.await.assert(200, &expected);
    let in_header = romel.call(Method::POST, "/verify-token");
    in_header.await.assert(200, &expected);
    let beside_an_empty_object = romel.post("/verify-token", &json!({}));
    beside_an_empty_object.await.assert(200, &expected);
}

#[tokio::test]
async fn without_a_token_there_is_nothing_to_verify() {
    let visitor = Server::start().await.visitor();
    for body in [json!({}), json!({ "token": null })] {
        visitor
            .post("/verify-token", &body)
            .await
            .assert_error(401, "token_missing", "Token is missing");
    }
    let reply = visitor.call(Method::POST, "/verify-token").await;
    reply.assert_error(401, "token_missing", "Token is missing");
}

#[tokio::test]
async fn refresh_tokens_and_nonsense_are_invalid() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let stranger = Server::start().await.signed_up("Romel").await;
    for token in [
        &*romel.refresh,
        &*stranger.access,
        "",
        "nonsense",
        "a.b.c",
        "..",
        "null",
    ] {
        let reply = server
            .visitor()
            .post("/verify-token", &json!({ "token": token }))
            .await;
        reply.assert_error(401, "invalid_token", "Invalid token");
    }
}

#[tokio::test]
async fn revocation_and_expiry_are_checked() {
    let server = Server::start().await;
    let (romel, later) = (server.signed_up("Romel").await, server.signed_up("later").await);
    romel.post("/logout", &json!({})).await.assert_status(200);
    let reply = server
        .visitor()
        .post("/verify-token", &json!({ "token": romel.access }))
        .await;
    reply.assert_error(401, "token_revoked", "Token has been revoked");
    server.clock().advance(Duration::from_secs(931));
    let reply = server
        .visitor()
        .post("/verify-token", &json!({ "token": later.access }))
        .await;
    reply.assert_error(401, "token_expired", "Token has expired");
}

#[tokio::test]
async fn a_playground_payload_is_held_to_its_own_times() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let now = server.clock().seconds();
    for (payload, refusal) in [
        (json!({ "no": "times" }), None),
        (json!({ "exp": now + 1, "nbf": now }), None),
        (
            json!({ "exp": now }),
            Some(("token_expired", "Token has expired")),
        ),
        (
            json!({ "nbf": now + 1 }),
            Some(("invalid_token", "Invalid token")),
        ),
    ] {
        let signed = ada.post("/sign-token", &payload).await;
        let body = json!({ "token": signed.text("token") });
        let reply = server.visitor().post("/verify-token", &body).await;
        match refusal {
            None => reply.assert(200, &json!({ "user": payload, "typ": "JWT" })),
            Some((code, sentence)) => reply.assert_error(401, code, sentence),
        }
    }
}

#[tokio::test]
async fn a_sample_of_another_server_is_nothing_here() {
    let (server, stranger) = (Server::start().await, Server::start().await);
    let sample = stranger.visitor().get("/sign-token").await;
    let reply = server
        .visitor()
        .post("/verify-token", &json!({ "token": sample.text("token") }))
        .await;
    reply.assert_error(401, "invalid_token", "Invalid token");
}
