use http::Method;
use serde_json::json;

use crate::actors::{ANY, Actor, Answered, Application, Server};

#[tokio::test]
async fn a_request_pushed_beforehand_is_taken_once_by_its_reference() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let application = Application::new(&server, &ada, "Grafana").await;
    let other = Application::new(&server, &ada, "another").await;
    let person = server.person();
    person.sign_in("ada").await;
    let asking = application.asks();
    let pushed: Vec<_> = asking
        .pairs()
        .into_iter()
        .filter(|(name, _)| *name != "client_id")
        .collect();
    let reply = application.form("/oauth/par", &pushed).await;
    reply.assert(201, &json!({ "request_uri": ANY, "expires_in": 90 }));
    let reference = reply.text("request_uri");
    assert!(reference.starts_with("urn:ietf:params:oauth:request_uri:"));
    let by = |client: &str| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("client_id", client)
            .append_pair("request_uri", reference);
        format!("/oauth/authorize?{}", query.finish())
    };
    person.open(&by(&other.id)).await.assert_status(400);
    let page = person.open(&by(&application.id)).await;
    let question = person.open(page.location()).await;
    let ceremony = question.value_of("ceremony").unwrap().to_owned();
    let answer = person
        .send("/consent", &[("ceremony", &ceremony), ("decision", "allow")])
        .await;
    let answered = Answered::of(&answer);
    assert_eq!(answered.one("state"), "a state");
    application.redeem(&answered.one("code")).await.assert_status(200);
    person
        .open(&by(&application.id))
        .await
        .assert_status(400)
        .assert_shows("begin again");
}

#[tokio::test]
async fn what_is_wrong_is_said_at_once() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let application = Application::new(&server, &ada, "Grafana").await;
    for (asking, error) in [
        (
            application.asks().with("redirect_uri", "https://evil.example/"),
            "invalid_request",
        ),
        (application.asks().without("code_challenge"), "invalid_request"),
        (application.asks().with("scope", "nothing"), "invalid_scope"),
        (
            application.asks().with("response_type", "token"),
            "unsupported_response_type",
        ),
        (application.asks().with("resource", "x"), "invalid_target"),
        (application.asks().with("request_uri", "urn:x"), "invalid_request"),
    ] {
        let pushed: Vec<_> = asking
            .pairs()
            .into_iter()
            .filter(|(name, _)| *name != "client_id")
            .collect();
        let reply = application.form("/oauth/par", &pushed).await;
        reply.assert(400, &json!({ "error": error, "error_description": ANY }));
    }
}

#[tokio::test]
async fn what_was_pushed_before_its_client_was_disabled_is_not_taken() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let application = Application::new(&server, &ada, "Grafana").await;
    let person = server.person();
    person.sign_in("ada").await;
    let asking = application.asks().without("client_id");
    let pushed = application.form("/oauth/par", &asking.pairs()).await;
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", &application.id)
        .append_pair("request_uri", pushed.text("request_uri"))
        .finish();
    ada.call(Method::PATCH, &format!("/admin/clients/{}", application.id))
        .json(&json!({ "disabled": true }))
        .await
        .assert_status(200);
    person
        .open(&format!("/oauth/authorize?{query}"))
        .await
        .assert_status(400)
        .assert_shows("the client is disabled");
}
