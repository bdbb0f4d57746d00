use http::Method;

use crate::actors::{Actor, Server};

async fn metrics(server: &Server) -> String {
    let reply = server.visitor().get("/metrics").await;
    reply.assert_status(200);
    assert_eq!(
        reply.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    reply.body
}

/// The value of a line.
fn value<'t>(text: &'t str, name: &str) -> &'t str {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {text}"))
}

#[tokio::test]
async fn they_say_how_the_service_is() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    romel
        .post("/logout", &serde_json::json!({}))
        .await
        .assert_status(200);
    let text = metrics(&server).await;
    assert!(value(&text, "revocation_lag_seconds").parse::<f64>().unwrap() < 10.0);
    assert_eq!(value(&text, "revocation_entries"), "1");
    assert_eq!(value(&text, "hash_queue_length"), "0");
    assert_eq!(value(&text, "outbox_messages_waiting"), "0");
    // Three keys, and Romel's coming and going.
    assert_eq!(value(&text, "audit_events_unsealed"), "6");
}

#[tokio::test]
async fn attempts_are_counted_by_what_became_of_them() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let visitor = server.visitor();
    visitor.login("Romel", "wrong password").await.assert_status(401);
    visitor.login("nobody", "wrong password").await.assert_status(401);
    romel.renew().await;
    visitor.refresh("nonsense").await.assert_status(401);
    let text = metrics(&server).await;
    for (line, count) in [
        ("sign_ins_total{outcome=\"succeeded\"}", "1"),
        ("sign_ins_total{outcome=\"invalid_credentials\"}", "2"),
        ("refreshes_total{outcome=\"succeeded\"}", "1"),
        ("refreshes_total{outcome=\"invalid_token\"}", "1"),
    ] {
        assert_eq!(value(&text, line), count, "{line}");
    }
}

#[tokio::test]
async fn requests_are_timed_by_route_and_status_and_name_nobody() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    romel.get("/protected").await.assert_status(200);
    romel.get("/protected?name=Romel").await.assert_status(200);
    romel
        .delete(&format!("/sessions/{}", romel.session()))
        .await
        .assert_status(200);
    server.visitor().get("/nothing/Romel").await.assert_status(404);
    let brew = Method::from_bytes(b"BREW").unwrap();
    server.visitor().call(brew, "/login").await.assert_status(405);
    let text = metrics(&server).await;
    let count =
        |labels: &str| value(&text, &format!("http_request_duration_seconds_count{{{labels}}}")).to_owned();
    assert_eq!(count("method=\"GET\",route=\"/protected\",status=\"200\""), "2");
    assert_eq!(
        count("method=\"DELETE\",route=\"/sessions/{id}\",status=\"200\""),
        "1"
    );
    assert_eq!(count("method=\"GET\",route=\"(none)\",status=\"404\""), "1");
    assert_eq!(count("method=\"other\",route=\"/login\",status=\"405\""), "1");
    let all = "http_request_duration_seconds_bucket{method=\"GET\",route=\"/protected\",status=\"200\",le=\"+Inf\"}";
    assert_eq!(value(&text, all), "2");
    for personal in ["Romel", &romel.id, &romel.session()] {
        assert!(!text.contains(personal), "{personal}: {text}");
    }
}

/// Each metric is announced once, with its help and its type, before its first line.
#[tokio::test]
async fn the_text_is_in_the_format_of_prometheus() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    let text = metrics(&server).await;
    assert!(text.ends_with('\n'));
    let mut announced = Vec::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(["gauge", "counter", "histogram"].contains(&kind), "{line}");
            assert!(!announced.contains(&name), "{name} twice");
            announced.push(name);
        } else if !line.starts_with("# HELP ") {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let name = name.split('{').next().unwrap();
            assert!(announced.iter().any(|known| name.starts_with(known)), "{line}");
            value.parse::<f64>().unwrap();
        }
    }
}
