use std::time::Duration;

use http::Method;
use jeton::{KeySet, SigningKey};
use serde_json::json;

use crate::actors::{Actor, Server, claims_of, header_of};

#[tokio::test]
async fn anybody_gets_a_five_minute_sample_about_a_made_up_user() {
    let server = Server::start().await;
    let reply = server.visitor().get("/sign-token").await;
    reply.assert_status(200);
    let now = server.clock().seconds();
    let sample = json!({ "id": 1, "username": "test", "iat": now, "exp": now + 300 });
    assert_eq!(claims_of(reply.text("token")), sample);
    assert_eq!(header_of(reply.text("token"))["typ"], "JWT");
}

#[tokio::test]
async fn an_administrators_payload_is_signed_as_it_is() {
    let server = Server::start().await;
    let payload = json!({ "user": { "id": 7, "tags": ["a", null] }, "iss": "me", "exp": 4_102_444_800_u64 });
    let reply = server.admin("ada").await.post("/sign-token", &payload).await;
    reply.assert_status(200);
    assert_eq!(claims_of(reply.text("token")), payload);
    let verified = server
        .visitor()
        .post("/verify-token", &json!({ "token": reply.text("token") }))
        .await;
    verified.assert(200, &json!({ "user": payload, "typ": "JWT" }));
}

#[tokio::test]
async fn only_administrators_choose_the_payload() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let reply = server.visitor().post("/sign-token", &json!({})).await;
    reply.assert_error(401, "token_missing", "Token is missing");
    let reply = romel.post("/sign-token", &json!({})).await;
    reply.assert_error(403, "insufficient_scope", "The token's user may not do this");
    assert!(
        reply
            .header("www-authenticate")
            .contains("error=\"insufficient_scope\"")
    );
}

#[tokio::test]
async fn roles_are_read_from_the_database_not_from_the_token() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    server.sql("UPDATE users SET roles = 'editor'").await;
    ada.post("/sign-token", &json!({}))
        .await
        .assert_code(403, "insufficient_scope");
    let romel = server.signed_up("Romel").await;
    server
        .sql("UPDATE users SET roles = 'admin' WHERE username = 'Romel'")
        .await;
    romel.post("/sign-token", &json!({})).await.assert_status(200);
}

#[tokio::test]
async fn times_that_could_never_be_checked_are_refused() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    for name in ["exp", "nbf", "iat"] {
        let reply = ada.post("/sign-token", &json!({ name: "tomorrow" })).await;
        let sentence = format!("`{name}` must be a number of seconds");
        reply.assert_error(422, "invalid_request", &sentence);
    }
}

/// Nothing the playground signs opens anything, even when its payload is that of a token that would.
#[tokio::test]
async fn its_tokens_open_nothing_anywhere() {
    let server = Server::with_secret("4inK]I+X+;n2+g\"*>AMQc{p99)9DB@a@").await;
    let ada = server.admin("ada").await;
    let visitor = server.visitor();
    let sample = visitor.get("/sign-token").await;
    let as_access = ada.post("/sign-token", &claims_of(&ada.access)).await;
    let as_refresh = ada.post("/sign-token", &claims_of(&ada.refresh)).await;
    for token in [&sample, &as_access, &as_refresh].map(|reply| reply.text("token")) {
        for path in ["/protected", "/profile", "/get-jwt", "/sessions"] {
            visitor
                .get_with(path, token)
                .await
                .assert_error(401, "invalid_token", "Invalid token");
        }
        for path in ["/refresh", "/logout", "/sign-token"] {
            let reply = visitor.post(path, &json!({})).bearer(token).await;
            reply.assert_error(401, "invalid_token", "Invalid token");
        }
        let reply = visitor
            .post("/set-jwt", &json!({ "username": "ada" }))
            .bearer(token)
            .await;
        reply.assert_error(401, "invalid_token", "Invalid token");
    }
    ada.assert_is_in().await;
}

#[tokio::test]
async fn the_shared_secret_does_not_sign_them() {
    let secret = "4inK]I+X+;n2+g\"*>AMQc{p99)9DB@a@";
    let server = Server::with_secret(secret).await;
    let sample = server.visitor().get("/sign-token").await;
    let kid = header_of(sample.text("token"))["kid"]
        .as_str()
        .unwrap()
        .to_owned();
    let key = SigningKey::hs256(secret).unwrap().with_kid(kid);
    let verifier = jeton::jws::Verifier::new(KeySet::new([key.verifying_key()]).unwrap());
    assert!(verifier.verify(sample.text("token")).is_err());
}

#[tokio::test]
async fn a_sample_ends_after_five_minutes() {
    let server = Server::start().await;
    let sample = server.visitor().get("/sign-token").await;
    let verify = server
        .visitor()
        .call(Method::POST, "/verify-token")
        .bearer(sample.text("token"));
    server.clock().advance(Duration::from_secs(299));
    verify.clone().await.assert_status(200);
    server.clock().advance(Duration::from_secs(1));
    verify
        .await
        .assert_error(401, "token_expired", "Token has expired");
}
