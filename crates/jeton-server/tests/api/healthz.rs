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

/// The rest of what browsers are told stands on every answer, and every reply is checked for it.
#[tokio::test]
async fn browsers_are_told_to_come_back_over_tls_where_there_is_tls() {
    let public = Server::with(&[("issuer", "https://id.example")]).await;
    for path in ["/healthz", "/nothing"] {
        let reply = public.visitor().get(path).await;
        assert_eq!(reply.header("strict-transport-security"), "max-age=63072000");
    }
    let reply = Server::start().await.visitor().get("/healthz").await;
    assert!(!reply.headers.contains_key("strict-transport-security"));
}
