use serde_json::json;

use crate::actors::{ANY, Actor, Server};

#[tokio::test]
async fn it_signs_in_as_login_does_and_says_nothing_beside() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let body = json!({ "username": "Romel", "password": romel.password });
    let reply = server.visitor().post("/token", &body).await;
    reply.assert(
        200,
        &json!({
            "token": ANY, "access_token": ANY, "refresh_token": ANY, "token_type": "bearer",
            "expires_in": 900, "refresh_expires_in": 604_800, "user_id": romel.id,
        }),
    );
    server
        .visitor()
        .get_with("/protected", reply.text("token"))
        .await
        .assert_status(200);
    server
        .visitor()
        .refresh(reply.text("refresh_token"))
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
        let reply = server.visitor().post("/token", &body).await;
        reply.assert_error(401, "invalid_credentials", "Invalid username or password");
        assert_eq!(server.service().hashes_computed() - before, 1);
    }
}
