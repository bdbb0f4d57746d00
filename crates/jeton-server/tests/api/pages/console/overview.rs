use axum::body::Body;
use http::{Request, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::administrator;
use crate::actors::{Page, Person, Server};

/// The text in the place of a figure.
fn figure<'p>(page: &'p Page, name: &str) -> &'p str {
    page.between(&format!("data-figure=\"{name}\">"), "<")
}

#[tokio::test]
async fn the_overview_counts_what_this_node_did() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let romel = server.signed_up("romel").await;
    server
        .visitor()
        .login("romel", "not the passphrase")
        .await
        .assert_status(401);
    server.visitor().refresh(&romel.refresh).await.assert_status(200);
    server.visitor().refresh(&romel.refresh).await.assert_status(200);
    let page = root.open("/console").await;
    page.assert_status(200);
    for (name, count) in [
        ("sign_ins", "3"),
        ("failed", "1"),
        ("refreshes", "2"),
        ("replays", "1 replay"),
        ("copied", "0"),
        ("queue", "no password waits"),
    ] {
        assert_eq!(figure(&page, name), count, "{name}");
    }
    page.assert_shows("Wrong name or password")
        .assert_shows("class=\"lanes\"")
        .assert_shows("s behind");
}

/// The head of the stream of figures, and its first event.
async fn first_event(server: &Server, person: &Person) -> (http::response::Parts, Body, String) {
    let request = Request::get("/console/live").header(header::COOKIE, person.cookies());
    let request = request
        .header(header::HOST, "localhost:5000")
        .body(Body::empty())
        .unwrap();
    let (parts, mut body) = server.router().oneshot(request).await.unwrap().into_parts();
    let event = match body.frame().await {
        Some(frame) => String::from_utf8(frame.unwrap().into_data().unwrap().into()).unwrap(),
        None => String::new(),
    };
    (parts, body, event)
}

#[tokio::test]
async fn figures_come_as_events_until_the_session_ends() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let (parts, mut body, event) = first_event(&server, &root).await;
    assert_eq!(parts.status, 200);
    assert_eq!(parts.headers["content-type"], "text/event-stream");
    let figures = event.strip_prefix("data: ").unwrap().trim_end();
    let figures: serde_json::Value = serde_json::from_str(figures).unwrap();
    assert_eq!(figures["sign_ins"], "2");
    assert_eq!(figures["late"], false);

    root.open("/signout").await;
    root.send("/signout", &[]).await.assert_status(303);
    assert!(body.frame().await.is_none(), "nobody looks on who is signed out");
}

#[tokio::test]
async fn a_stream_ends_with_the_process() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let (_, mut body, _) = first_event(&server, &root).await;
    server.service().revocations().close();
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn one_administrator_has_a_few_streams_and_leaves_room_for_others() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let mut streams = Vec::new();
    loop {
        let (parts, body, _) = first_event(&server, &root).await;
        if parts.status != 200 {
            assert_eq!(parts.status, 503);
            break;
        }
        streams.push(body);
    }
    assert_eq!(streams.len(), 4);
    root.open("/console/audit/events.jsonl").await.assert_status(503);
    server.admin("ada").await;
    let ada = server.person();
    ada.sign_in("ada").await;
    assert_eq!(first_event(&server, &ada).await.0.status, 200);
    streams.pop();
    assert_eq!(first_event(&server, &root).await.0.status, 200);
}

#[tokio::test]
async fn without_a_stream_the_figures_are_asked_for() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let request = Request::get("/console/figures").header(header::COOKIE, root.cookies());
    let request = request
        .header(header::HOST, "localhost:5000")
        .body(Body::empty())
        .unwrap();
    let answer = server.router().oneshot(request).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let figures: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(figures["failed"], "0");
    for path in ["/console/figures", "/console/live"] {
        server.person().open(path).await.assert_status(303);
    }
}
