use serde_json::json;

use crate::actors::{Actor, Server};

#[tokio::test]
async fn a_bearer_is_told_who_they_are() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let reply = romel.get("/protected").await;
    reply.assert(200, &json!({ "id": romel.id, "username": "Romel" }));
}

#[tokio::test]
async fn nobody_else_is_let_in() {
    let visitor = Server::start().await.visitor();
    visitor
        .get("/protected")
        .await
        .assert_error(401, "token_missing", "Token is missing");
}
