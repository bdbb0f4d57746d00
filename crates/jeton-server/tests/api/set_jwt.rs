//! One's own sign-in under another name; what administrators do with it is in `set_jwt/on_behalf.rs`.

use serde_json::json;

use crate::actors::{ANY, Actor, Server};

mod on_behalf;

#[tokio::test]
async fn a_password_signs_in_as_login_does() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let body = json!({ "username": "Romel", "password": romel.password });
    let reply = server.visitor().post("/set-jwt", &body).await;
    reply.assert(
        200,
        &json!({
            "message": "JWT created", "token": ANY, "access_token": ANY, "refresh_token": ANY,
            "token_type": "bearer", "expires_in": 900, "refresh_expires_in": 604_800, "user_id": romel.id,
        }),
    );
    server
        .visitor()
        .get_with("/protected", reply.text("token"))
        .await
        .assert_status(200);
}

#[tokio::test]
async fn whoever_cannot_sign_in_gets_the_answer_login_gives() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    for (username, password) in [("Romel", "wrong password"), ("Nobody", "pass1425")] {
        let before = server.service().hashes_computed();
        let body = json!({ "username": username, "password": password });
        let reply = server.visitor().post("/set-jwt", &body).await;
        reply.assert_error(401, "invalid_credentials", "Invalid username or password");
        assert_eq!(server.service().hashes_computed() - before, 1);
    }
}

#[tokio::test]
async fn naming_a_user_is_not_enough() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    server.signed_up("Ramon").await;
    let sentence = "`password` is missing; only an administrator may leave it out";
    for username in ["Ramon", "Nobody"] {
        let body = json!({ "username": username });
        server
            .visitor()
            .post("/set-jwt", &body)
            .await
            .assert_error(422, "invalid_request", sentence);
        let reply = romel.post("/set-jwt", &body).await;
        reply.assert_error(403, "insufficient_scope", "The token's user may not do this");
    }
    romel
        .post("/set-jwt", &json!({ "username": "Romel" }))
        .await
        .assert_code(403, "insufficient_scope");
}

#[tokio::test]
async fn nobody_signs_in_with_claims_or_a_lifetime_of_their_choice() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let sentence = "`claims` and `expires_in` are for administrators, who leave `password` out";
    for wish in [
        json!({ "claims": { "department": "sales" } }),
        json!({ "expires_in": 60 }),
    ] {
        let mut body = json!({ "username": "Romel", "password": romel.password });
        body.as_object_mut()
            .unwrap()
            .extend(wish.as_object().unwrap().clone());
        server
            .visitor()
            .post("/set-jwt", &body)
            .await
            .assert_error(422, "invalid_request", sentence);
    }
}
