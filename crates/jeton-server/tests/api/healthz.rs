use serde_json::json;

use crate::actors::{Actor, Server};

#[tokio::test]
async fn a_process_that_is_alive_says_so() {
    let visitor = Server::start().await.visitor();
    visitor
        .get("/healthz")
        .await
        .assert(200, &json!({ "status": "ok" }));
}
