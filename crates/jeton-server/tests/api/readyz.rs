use serde_json::json;

use crate::actors::{Actor, Server};

#[tokio::test]
async fn a_service_that_can_answer_is_ready() {
    let server = Server::start().await;
    let reply = server.visitor().get("/readyz").await;
    reply.assert(200, &json!({ "status": "ready" }));
}

#[tokio::test]
async fn without_its_database_it_is_not() {
    let server = Server::start().await;
    server.service().store().close().await;
    let reply = server.visitor().get("/readyz").await;
    reply.assert_code(503, "unavailable");
    server.visitor().get("/healthz").await.assert_status(200);
}
