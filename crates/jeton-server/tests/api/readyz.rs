use std::time::Duration;

use serde_json::json;

use crate::actors::{Actor, Reply, Server};

/// A server whose clock agrees with its database's.
async fn server() -> Server {
    let server = Server::start().await;
    let database = server.service().store().database_time().await.unwrap();
    server.clock().set(database);
    server
}

async fn readiness(server: &Server) -> Reply {
    server.visitor().get("/readyz").await
}

#[tokio::test]
async fn a_service_that_can_answer_is_ready() {
    let server = server().await;
    readiness(&server)
        .await
        .assert(200, &json!({ "status": "ready" }));
}

#[tokio::test]
async fn without_its_database_it_is_not() {
    let server = server().await;
    server.service().store().close().await;
    let reply = readiness(&server).await;
    reply.assert_code(503, "unavailable");
    assert_eq!(reply.header("retry-after"), "5");
    server.visitor().get("/healthz").await.assert_status(200);
}

#[tokio::test]
async fn with_a_clock_that_is_off_it_is_not() {
    let server = server().await;
    let database = server.service().store().database_time().await.unwrap();
    for (clock, says) in [
        (
            database + Duration::from_mins(10),
            "seconds ahead of its database's",
        ),
        (
            database - Duration::from_secs(11),
            "seconds behind its database's",
        ),
    ] {
        server.clock().set(clock);
        let reply = readiness(&server).await;
        reply.assert_code(503, "clock_off");
        assert!(reply.text("message").contains(says), "{}", reply.body);
        assert_eq!(reply.header("retry-after"), "5");
    }
    server.clock().set(database - Duration::from_secs(5));
    readiness(&server).await.assert_status(200);
}
