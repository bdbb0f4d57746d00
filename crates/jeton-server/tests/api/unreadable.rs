//! Requests that cannot be read, or could be taken for two: answered as every other failure is, once, and the connection closed.

use std::time::Duration;

use jeton_server::http::server::Patience;
use serde_json::json;

use crate::actors::{Actor, Answer, Connection, Port, Server, limits};

/// A request smuggled behind one whose end is in doubt.
const NEXT: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// The one answer to a request and what is hidden behind it.
async fn only_answer(port: &Port, request: impl AsRef<[u8]>) -> Answer {
    let mut bytes = request.as_ref().to_vec();
    bytes.extend_from_slice(NEXT.as_bytes());
    let mut answers = port.send(&bytes).await;
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
    assert_eq!(answers.len(), 1, "{shown:?}: {answers:?}");
    answers.remove(0)
}

#[tokio::test]
async fn what_is_no_request_of_http_1_1_is_told_so() {
    let port = Port::of(&Server::start().await).await;
    let cases: [&[u8]; 16] = [
        b"nonsense\r\n\r\n",
        b"GET /healthz\r\n\r\n",
        b"GET /healthz HTTP/3.7\r\nhost: localhost\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /a b HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost : localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: localhost\r\n folded: on\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: local\0host\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-length: x\r\n\r\n",
        b"POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n",
        b"POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-length: +2\r\n\r\n{}",
        b"POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2, 2\r\n\r\n{}",
        b"POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
        b"POST /login HTTP/1.0\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ];
    for case in cases {
        only_answer(&port, case).await.assert_last(400, "invalid_request");
    }
}

#[tokio::test]
async fn a_head_without_end_is_too_large() {
    let port = Port::of(&Server::start().await).await;
    let target = format!("GET /{} HTTP/1.1\r\nhost: localhost\r\n\r\n", "x".repeat(70_000));
    only_answer(&port, target)
        .await
        .assert_last(414, "invalid_request");
    let field = format!(
        "GET / HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n",
        "x".repeat(70_000)
    );
    only_answer(&port, field)
        .await
        .assert_last(431, "invalid_request");
    let fields = format!(
        "GET / HTTP/1.1\r\nhost: localhost\r\n{}\r\n",
        "x: x\r\n".repeat(101)
    );
    only_answer(&port, fields)
        .await
        .assert_last(431, "invalid_request");
}

#[tokio::test]
async fn a_head_that_does_not_end_in_time_is_timed_out_and_an_idle_connection_is_just_closed() {
    let server = Server::start().await;
    let head = Duration::from_millis(300);
    let patience = Patience {
        head,
        ..Patience::default()
    };
    let port = Port::with(
        &server,
        jeton_server::http::server::ConnectionLimits {
            patience,
            ..limits(10, 10)
        },
    )
    .await;
    let answers = port.send("GET /healthz HTTP/1.1\r\nhost: local").await;
    assert_eq!(answers.len(), 1, "{answers:?}");
    answers[0].assert_last(408, "request_timeout");
    assert!(port.send("").await.is_empty());
    let mut kept = port.connect().await;
    assert_eq!(kept.get("/healthz").await.status, 200);
    assert!(kept.answers().await.is_empty());
}

#[tokio::test]
async fn a_bad_request_behind_a_good_one_costs_the_good_one_nothing() {
    let port = Port::of(&Server::start().await).await;
    let answers = port.send(format!("{NEXT}{NEXT}nonsense\r\n\r\n{NEXT}")).await;
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 400]);
    answers[2].assert_last(400, "invalid_request");
}

#[tokio::test]
async fn a_request_says_once_whom_it_is_for() {
    let port = Port::of(&Server::start().await).await;
    for hosts in [
        "",
        "host: localhost\r\nhost: localhost\r\n",
        "host: localhost\r\nhost: evil.example\r\n",
        "host:\r\n",
        "host: a b\r\n",
        "host: a/b\r\n",
        "host: user@localhost\r\n",
        "host: a, b\r\n",
    ] {
        let request = format!("GET /healthz HTTP/1.1\r\n{hosts}\r\n");
        only_answer(&port, request)
            .await
            .assert_last(400, "invalid_request");
    }
    for (version, host) in [
        ("1.0", ""),
        ("1.0", "host: localhost\r\n"),
        ("1.1", "host: id.example:5000\r\n"),
        ("1.1", "host: [::1]:5000\r\n"),
    ] {
        let request = format!("GET /healthz HTTP/{version}\r\n{host}connection: close\r\n\r\n");
        let answers = port.send(request).await;
        assert_eq!((answers.len(), answers[0].status), (1, 200), "{version} {host}");
    }
}

/// A body as chunks, behind these header lines.
fn chunked(lines: &str) -> String {
    let body = r#"{"username":"Romel","password":"pass1425"}"#;
    format!(
        "POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{lines}\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    )
}

#[tokio::test]
async fn chunked_is_the_only_transfer_coding_and_stands_alone() {
    let port = Port::of(&Server::start().await).await;
    for coding in ["chunked", "Chunked"] {
        let request = chunked(&format!("transfer-encoding: {coding}\r\nconnection: close\r\n"));
        let answers = port.send(request).await;
        assert_eq!((answers.len(), answers[0].status), (1, 401), "{answers:?}");
    }
    for lines in [
        "transfer-encoding: gzip, chunked\r\n",
        "transfer-encoding: chunked, gzip\r\n",
        "transfer-encoding: chunked, chunked\r\n",
        "transfer-encoding: identity\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding: xchunked\r\n",
        "transfer-encoding: chunked;q=1\r\n",
        "transfer-encoding: \"chunked\"\r\n",
        "transfer-encoding:\r\n",
        "transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
        "transfer-encoding: gzip, chunked\r\ncontent-length: 4\r\n",
        "content-length: 4\r\ntransfer-encoding: chunked, chunked\r\n",
    ] {
        only_answer(&port, chunked(lines))
            .await
            .assert_last(400, "invalid_request");
    }
}

/// RFC 9112 §6.1: the transfer coding decides, and nothing behind the body is believed.
#[tokio::test]
async fn a_body_with_two_ends_ends_the_connection() {
    let port = Port::of(&Server::start().await).await;
    for lines in [
        "transfer-encoding: chunked\r\ncontent-length: 4\r\n",
        "content-length: 4\r\ntransfer-encoding: chunked\r\n",
    ] {
        let answer = only_answer(&port, chunked(lines)).await;
        answer.assert_last(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn chunks_that_are_none_end_the_connection() {
    let port = Port::of(&Server::start().await).await;
    for body in [
        "0x2\r\n{}\r\n0\r\n\r\n",
        "-2\r\n{}\r\n",
        "fffffffffffffffff\r\n{}\r\n",
        "2\r\n{}x\r\n0\r\n\r\n",
        " 2\r\n{}\r\n",
    ] {
        let request = format!(
            "POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n{body}"
        );
        let answer = only_answer(&port, request).await;
        assert_eq!(answer.status, 400, "{body:?}");
    }
}

/// Waits for an answer to a head that asks whether to go on.
async fn asks_first(port: &Port, length: usize) -> (Connection, Answer) {
    let mut connection = port.connect().await;
    connection
        .write(format!(
            "POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
             expect: 100-continue\r\n\r\n"
        ))
        .await;
    let answer = connection.answer().await;
    (connection, answer)
}

#[tokio::test]
async fn who_asks_before_sending_too_much_is_refused_at_once() {
    let port = Port::of(&Server::start().await).await;
    let (connection, answer) = asks_first(&port, 1_000_000).await;
    answer.assert_last(413, "payload_too_large");
    connection.wait_until_closed().await;

    let body = json!({ "username": "Romel", "password": "pass1425" }).to_string();
    let (mut connection, interim) = asks_first(&port, body.len()).await;
    assert_eq!(interim.status, 100);
    connection.write(&body).await;
    assert_eq!(connection.answer().await.status, 401);
}

#[tokio::test]
async fn unread_requests_are_counted_and_logged_as_no_route() {
    let server = Server::start().await;
    let port = Port::of(&server).await;
    port.send("nonsense\r\n\r\n").await;
    let metrics = server.visitor().get("/metrics").await.body;
    let count = "http_request_duration_seconds_count{method=\"GET\",route=\"(none)\",status=\"400\"} 1";
    assert!(metrics.contains(count), "{metrics}");
}
