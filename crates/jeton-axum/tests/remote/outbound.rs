use std::time::{Duration, SystemTime};

use http::StatusCode;
use jeton::testkit::TestIssuer;
use jeton_axum::{Outbound, OutboundError, Rejection, RemoteKeys, RemoteKeysError};

use crate::server::{AUDIENCE, Access, Manner, Server, World, rules, serving};

const FORM: [(&str, &str); 2] = [("logout_token", "a b&c"), ("x", "ä")];

fn outbound() -> Outbound {
    Outbound::new(Duration::from_millis(500)).unwrap()
}

#[tokio::test]
async fn a_form_is_posted_and_its_answers_status_is_told() {
    for status in [200, 204, 400, 503] {
        let status = StatusCode::from_u16(status).unwrap();
        let server = Server::new(move |_| Manner::Status(status, String::new())).await;
        let url = format!("{}/there?tenant=1", server.url);
        assert_eq!(outbound().post_form(&url, &FORM).await, Ok(status.as_u16()));
        let [head] = &server.requests()[..] else {
            panic!("{:?}", server.requests())
        };
        assert!(head.starts_with("POST /there?tenant=1 HTTP/1.1\r\n"), "{head}");
        let head = head.to_lowercase();
        assert!(
            head.contains("content-type: application/x-www-form-urlencoded\r\n"),
            "{head}"
        );
        assert!(
            head.contains("content-length: 29\r\n"),
            "logout_token=a+b%26c&x=%C3%A4: {head}"
        );
    }
}

#[tokio::test]
async fn nobody_is_led_elsewhere_and_nobody_waits_for_ever() {
    let elsewhere = Server::new(|_| Manner::Status(StatusCode::OK, String::new())).await;
    let location = format!("Location: {}/\r\n", elsewhere.url);
    let redirecting =
        Server::new(move |_| Manner::Status(StatusCode::TEMPORARY_REDIRECT, location.clone())).await;
    assert_eq!(outbound().post_form(&redirecting.url, &FORM).await, Ok(307));
    assert_eq!(elsewhere.count(), 0);
    let silent = Server::new(|_| Manner::Silence).await;
    let answer = outbound().post_form(&silent.url, &FORM).await;
    assert_eq!(answer, Err(OutboundError::Timeout));
    // What comes behind the head is not waited for.
    let endless = Server::new(|_| Manner::Endless).await;
    assert_eq!(outbound().post_form(&endless.url, &FORM).await, Ok(200));
}

#[tokio::test]
async fn only_this_machine_is_spoken_to_without_encryption() {
    for (url, error) in [
        ("http://app.example/", OutboundError::NotHttps),
        ("http://10.0.0.1/", OutboundError::NotHttps),
        ("http://169.254.169.254/latest/meta-data", OutboundError::NotHttps),
        ("http://127.0.0.1.example/", OutboundError::NotHttps),
        ("http://localhost@app.example/", OutboundError::NotHttps),
        ("file:///etc/passwd", OutboundError::NotHttps),
        ("nonsense", OutboundError::Url),
    ] {
        assert_eq!(outbound().post_form(url, &FORM).await, Err(error), "{url}");
    }
    let server = Server::over_tls(|_| Manner::Status(StatusCode::OK, String::new())).await;
    let answer = outbound().post_form(&server.url, &FORM).await;
    assert_eq!(answer, Err(OutboundError::Certificate), "nobody vouches for it");
}

#[tokio::test]
async fn keys_share_connections_and_verify_what_came_by_another_way() {
    let issuer = TestIssuer::new("https://id.example").unwrap();
    let server = Server::new(serving(&issuer)).await;
    let keys = RemoteKeys::at(format!("{}/jwks", server.url), rules())
        .by(&outbound())
        .clock(issuer.clock().clone())
        .build()
        .unwrap();
    let token = issuer.token("alice", AUDIENCE, &Access {}).unwrap();
    let now: SystemTime = issuer.clock().now();
    for _ in 0..3 {
        let verified = keys.verify::<Access>(&token, now).await.unwrap();
        assert_eq!(verified.subject(), Some("alice"));
    }
    assert_eq!(server.count(), 1);
    let other = TestIssuer::new("https://id.example").unwrap();
    let forged = other.token("alice", AUDIENCE, &Access {}).unwrap();
    assert!(matches!(
        keys.verify::<Access>(&forged, now).await,
        Err(Rejection::Invalid(_))
    ));
    let elsewhere = RemoteKeys::at("http://id.example/jwks", rules())
        .by(&outbound())
        .build();
    assert!(matches!(elsewhere, Err(RemoteKeysError::NotHttps(_))));
}

#[tokio::test]
async fn keys_that_cannot_be_had_verify_nothing_and_refuse_nothing() {
    let world = World::new().await;
    world
        .server
        .now(|_| Manner::Status(StatusCode::SERVICE_UNAVAILABLE, String::new()));
    let now = world.issuer.clock().now();
    assert!(matches!(
        world.keys.verify::<Access>(&world.token(), now).await,
        Err(Rejection::KeysUnavailable)
    ));
}
