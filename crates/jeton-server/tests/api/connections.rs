//! How many may be connected, and who makes room for whom.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::Request,
    middleware::{Next, from_fn},
    routing::get,
};
use jeton_server::http::server::{ConnectionLimits, Patience};
use tokio::sync::Notify;

use crate::actors::{Connection, Port, Program, Server, limits, with_proxies};

/// A connection on which a request was answered: it is there for certain.
async fn connected(port: &Port, source: &str) -> Connection {
    let mut connection = port.connect_from(source).await;
    assert_eq!(connection.get("/healthz").await.status, 200);
    connection
}

#[tokio::test]
async fn the_connection_of_an_address_that_waited_longest_makes_room_for_its_next() {
    let server = Server::start().await;
    let port = Port::with(&server, limits(100, 3)).await;
    let mut elsewhere = connected(&port, "127.0.0.9").await;
    let first = connected(&port, "127.0.0.1").await;
    let mut second = connected(&port, "127.0.0.1").await;
    let mut third = connected(&port, "127.0.0.1").await;
    let mut fourth = connected(&port, "127.0.0.1").await;
    first.wait_until_closed().await;
    for connection in [&mut second, &mut third, &mut fourth, &mut elsewhere] {
        assert_eq!(connection.get("/healthz").await.status, 200);
    }
}

#[tokio::test]
async fn in_all_the_address_that_has_most_makes_room_and_a_proxy_last() {
    let server = Server::start().await;
    let port = Port::with(&server, with_proxies(limits(6, 3), &["127.0.0.9/32"])).await;
    let mut by_proxy = Vec::new();
    for _ in 0..3 {
        by_proxy.push(connected(&port, "127.0.0.9").await);
    }
    let mut alone = connected(&port, "127.0.0.3").await;
    let first = connected(&port, "127.0.0.1").await;
    let mut second = connected(&port, "127.0.0.1").await;
    let mut newcomer = connected(&port, "127.0.0.2").await;
    first.wait_until_closed().await;
    for connection in by_proxy
        .iter_mut()
        .chain([&mut alone, &mut second, &mut newcomer])
    {
        assert_eq!(connection.get("/healthz").await.status, 200);
    }
}

#[tokio::test]
async fn no_address_has_more_than_half_of_all() {
    let server = Server::start().await;
    let port = Port::with(&server, limits(4, 1000)).await;
    let first = connected(&port, "127.0.0.1").await;
    let _second = connected(&port, "127.0.0.1").await;
    let _third = connected(&port, "127.0.0.1").await;
    first.wait_until_closed().await;
}

/// Somebody's request that is being answered is never cut for another's.
#[tokio::test]
async fn who_is_being_answered_keeps_the_place_and_the_next_is_told_to_come_back() {
    let server = Server::start().await;
    let (begun, finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, finished) = (Arc::clone(&begun), Arc::clone(&finish));
    let work = get(async move || {
        begins.notify_one();
        finished.notified().await;
    });
    let router = server.router().route("/work", work);
    let port = Port::serving(router, limits(100, 1)).await;
    let mut working = port.connect().await;
    working
        .write("GET /work HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await;
    begun.notified().await;
    let refused = port
        .send("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await;
    assert_eq!(refused.len(), 1);
    refused[0].assert_last(503, "overloaded");
    assert_eq!(refused[0].header("retry-after"), "1");
    assert_eq!(
        connected(&port, "127.0.0.2").await.get("/healthz").await.status,
        200
    );
    finish.notify_one();
    assert_eq!(working.answer().await.status, 200);
}

/// They wait for news for as long as anybody has, and can be asked for again: however the query's name is written.
#[tokio::test]
async fn who_follows_the_feed_holds_no_place_that_somebody_needs() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let program = Program::new(&server, &ada, "feeder", &["revocations:read"]).await;
    let token = &program.access;
    for wait in ["wait", "%77ait"] {
        let begun = Arc::new(Notify::new());
        let begins = Arc::clone(&begun);
        let router = server
            .router()
            .layer(from_fn(move |request: Request, next: Next| {
                begins.notify_one();
                next.run(request)
            }));
        let port = Port::serving(router, limits(100, 1)).await;
        let mut following = port.connect().await;
        following
            .write(format!(
                "GET /revocations?{wait}=25 HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n"
            ))
            .await;
        begun.notified().await;
        // For a moment it is being answered, and keeps its place.
        let deadline = Instant::now() + Duration::from_secs(10);
        let ask = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        while port.send(ask).await[0].status != 200 {
            assert!(Instant::now() < deadline, "{wait}: it holds its place");
        }
        following.wait_until_closed().await;
    }
}

#[tokio::test]
async fn an_answer_that_is_not_read_is_given_up() {
    let server = Server::start().await;
    let patience = Patience {
        answer: Duration::from_millis(300),
        ..Patience::default()
    };
    let limits = ConnectionLimits {
        patience,
        ..limits(10, 10)
    };
    let port = Port::with(&server, limits).await;
    let mut stalled = port.connect().await;
    let ask = "GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n";
    stalled.write(ask.repeat(200)).await;
    stalled.wait_until_closed_unread().await;
}

#[tokio::test]
async fn the_end_waits_for_no_client_that_neither_reads_nor_writes() {
    let server = Server::start().await;
    let patience = Patience {
        at_the_end: Duration::from_millis(300),
        ..Patience::default()
    };
    let limits = ConnectionLimits {
        patience,
        ..limits(100, 100)
    };
    let port = Port::with(&server, limits).await;
    let ask = "GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(200);
    let mut hanging = Vec::new();
    for sent in [
        "",
        "GET /healthz HTTP/1.1\r\nhost: local",
        "POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
        &ask,
    ] {
        let mut connection = port.connect().await;
        connection.write(sent).await;
        hanging.push(connection);
    }
    hanging.push(connected(&port, "127.0.0.1").await);
    let began = std::time::Instant::now();
    port.close().await;
    // Far below the twenty seconds that requests at work are given.
    assert!(began.elapsed() < Duration::from_secs(10));
}
