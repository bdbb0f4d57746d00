use axum::response::Response;
use http::{Request, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::administrator;
use crate::actors::{Person, Server};

/// The answer that begins the file of a query of the trail.
async fn begun(server: &Server, person: &Person, query: &str) -> Response {
    let request = Request::get(format!("/console/audit/events.jsonl?{query}"))
        .header(header::HOST, "localhost:5000")
        .header(header::COOKIE, person.cookies());
    let request = request.body(axum::body::Body::empty()).unwrap();
    let answer = server.router().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.headers()["content-disposition"],
        "attachment; filename=\"audit.jsonl\""
    );
    answer
}

/// The lines of that file.
async fn file(server: &Server, person: &Person, query: &str) -> Vec<serde_json::Value> {
    let answer = begun(server, person, query).await;
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8(body.into()).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn events_are_found_by_user_action_session_and_day() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let romel = server.signed_up("romel").await;
    server.visitor().refresh(&romel.refresh).await.assert_status(200);
    let session = romel.session();
    let all = root.open("/console/audit").await;
    all.assert_status(200)
        .assert_shows("What happened?")
        .assert_shows("<code>session.refreshed</code>")
        .assert_shows("wait for their seal");
    for (query, finds) in [
        ("user=romel", true),
        (&*format!("user={}", romel.id), true),
        ("user=root", false),
        ("action=session.refreshed", true),
        ("action=login.failed", false),
        (&*format!("session={session}"), true),
        ("from=2026-01-02&to=2026-01-02", true),
        ("from=2026-01-03", false),
        ("to=2026-01-01", false),
    ] {
        let page = root.open(&format!("/console/audit?{query}")).await;
        page.assert_status(200);
        assert_eq!(
            page.html.contains("<code>session.refreshed</code>"),
            finds,
            "{query}"
        );
        let lines = file(&server, &root, query).await;
        let found = lines
            .iter()
            .any(|line| line["event"]["action"] == "session.refreshed");
        assert_eq!(found, finds, "{query}");
    }
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_said_at_its_field() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    for (query, field) in [
        ("user=nobody", "user"),
        ("session=nothing", "session"),
        ("from=yesterday", "from"),
        ("to=2026-02-30", "to"),
    ] {
        let page = root.open(&format!("/console/audit?{query}")).await;
        page.assert_status(422).assert_wrong_at(field);
        root.open(&format!("/console/audit/events.jsonl?{query}"))
            .await
            .assert_status(422);
    }
}

#[tokio::test]
async fn a_long_trail_has_pages_and_one_file() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    for number in 0..12 {
        let name = format!("person{number}");
        server.signed_up(&name).await;
    }
    let shown = |html: &str| html.matches("<code>user.registered</code>").count();
    let first = root.open("/console/audit").await;
    let next = first
        .between("<a class=\"button\" href=\"/console/audit?", "\" rel=\"next\"")
        .replace("&#38;", "&");
    let second = root.open(&format!("/console/audit?{next}")).await;
    assert_eq!(shown(&first.html) + shown(&second.html), 12);
    second.assert_shows("To the first page");
    assert_eq!(file(&server, &root, "action=user.registered").await.len(), 12);
}

#[tokio::test]
async fn the_file_ends_with_the_session_of_whoever_asked_for_it() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let answer = begun(&server, &root, "").await;
    root.open("/signout").await;
    root.send("/signout", &[]).await.assert_status(303);
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(body.is_empty(), "{body:?}");
}
