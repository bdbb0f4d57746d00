//! Clients are told of sign-outs (OpenID Connect Back-Channel Logout 1.0): of each grant once, whoever ends it, and again
//! and again where nobody answers.

use std::time::{Duration, UNIX_EPOCH};

use http::Method;
use jeton::{Claims, KeySet, Verifier};
use jeton_server::model::message::Message;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::actors::{
    Actor, Admin, Application, Manner, Person, Receiver, Reply, Server, claims_of, header_of,
};

/// For the signature, whatever it says.
#[derive(Deserialize)]
struct LogoutToken {}

impl Claims for LogoutToken {
    const TYP: &'static str = "logout+jwt";
}

struct Cast {
    server: Server,
    ada: Admin,
    receiver: Receiver,
    application: Application,
    /// Bo, who is signed in.
    bo: Person,
    bo_id: String,
}

async fn cast(manner: Manner) -> Cast {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let receiver = Receiver::new(manner).await;
    let application = listening(&server, &ada, "Grafana", &receiver.url).await;
    let bo_id = server.signed_up("bo").await.id.clone();
    let bo = server.person();
    bo.sign_in("bo").await;
    Cast {
        server,
        ada,
        receiver,
        application,
        bo,
        bo_id,
    }
}

async fn listening(server: &Server, ada: &Admin, name: &str, url: &str) -> Application {
    let members = json!({ "name": name, "backchannel_logout_uri": url, "first_party": true });
    Application::registered(server, ada, members).await
}

fn grant_of(tokens: &Reply) -> Value {
    claims_of(tokens.text("id_token"))["sid"].clone()
}

async fn outbox(server: &Server) -> Vec<Message> {
    server.service().store().messages(100).await.unwrap()
}

#[tokio::test]
async fn a_sign_out_is_told_in_a_token_that_the_published_keys_verify() {
    let Cast {
        server,
        receiver,
        application,
        bo,
        ..
    } = cast(Manner::Status(200)).await;
    let tokens = application.tokens_of(&bo).await;
    bo.open("/account").await;
    bo.send("/signout", &[]).await;
    assert_eq!(receiver.received().len(), 0);
    server.sends_messages().await;
    let [told] = &receiver.received()[..] else {
        panic!("{:?}", receiver.received())
    };
    let token = told.logout_token();
    let header = header_of(&token);
    assert_eq!(
        (&header["typ"], &header["alg"]),
        (&json!("logout+jwt"), &json!("ES256"))
    );
    let now = server.clock().seconds();
    assert_eq!(
        told.claims(),
        json!({
            "iss": "http://localhost:5000",
            "aud": application.id,
            "sub": claims_of(tokens.text("id_token"))["sub"],
            "sid": grant_of(&tokens),
            "iat": now,
            "exp": now + 120,
            "jti": grant_of(&tokens),
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        })
    );
    let keys = server.visitor().get("/.well-known/jwks.json").await;
    let verifier = Verifier::builder(KeySet::from_jwks(&keys.body).unwrap())
        .issuer("http://localhost:5000")
        .audience(&application.id)
        .build();
    let time = UNIX_EPOCH + Duration::from_secs(now.try_into().unwrap());
    verifier.verify_at::<LogoutToken>(&token, time).unwrap();
    let [sent] = &outbox(&server).await[..] else {
        panic!()
    };
    assert!(sent.sent_at.is_some() && sent.due_at.is_none() && sent.problem.is_none());
    server.sends_messages().await;
    assert_eq!(receiver.received().len(), 1, "what was sent is sent once");
}

#[tokio::test]
async fn every_way_to_end_a_grant_is_told_and_each_once() {
    let Cast {
        server,
        ada,
        receiver,
        application,
        bo_id,
        ..
    } = cast(Manner::Status(204)).await;
    let mut told = 0;
    for way in [
        "an administrator ends the session",
        "all sessions",
        "disabled",
        "deleted",
    ] {
        let bo = server.person();
        bo.sign_in("bo").await;
        let first = grant_of(&application.tokens_of(&bo).await);
        let second = grant_of(&application.tokens_of(&bo).await);
        let path = format!("/admin/users/{bo_id}");
        match way {
            "an administrator ends the session" => {
                let sessions = ada.get(&format!("{path}/sessions")).await;
                for session in sessions.json["sessions"].as_array().unwrap() {
                    let id = session["id"].as_str().unwrap();
                    // A grant ends with the session that it was given in.
                    ada.delete(&format!("{path}/sessions/{id}")).await;
                }
            }
            "all sessions" => ada.delete(&format!("{path}/sessions")).await.assert_status(200),
            "disabled" => {
                for disabled in [true, false] {
                    ada.call(Method::PATCH, &path)
                        .json(&json!({ "disabled": disabled }))
                        .await
                        .assert_status(200);
                }
            }
            _ => assert!(ada.delete(&path).await.status.is_success()),
        }
        server.sends_messages().await;
        let received = receiver.received();
        let mut ended: Vec<Value> = received[told..]
            .iter()
            .map(|told| told.claims()["sid"].clone())
            .collect();
        ended.sort_by_key(Value::to_string);
        let mut expected = vec![first, second];
        expected.sort_by_key(Value::to_string);
        assert_eq!(ended, expected, "{way}");
        told = received.len();
    }
}

#[tokio::test]
async fn one_who_does_not_answer_is_tried_again_and_given_up_after_a_day() {
    let Cast {
        server,
        receiver,
        application,
        bo,
        ..
    } = cast(Manner::Status(400)).await;
    application.tokens_of(&bo).await;
    bo.open("/account").await;
    bo.send("/signout", &[]).await;
    server.sends_messages().await;
    server.sends_messages().await;
    assert_eq!(receiver.received().len(), 1, "it is not tried before its time");
    let [waits] = &outbox(&server).await[..] else {
        panic!()
    };
    assert_eq!(waits.problem.as_deref(), Some("answered with status 400"));
    let pause = waits.due_at.unwrap().seconds() - server.clock().seconds();
    assert_eq!((waits.attempts, pause), (1, 5));
    receiver.now(Manner::Status(200));
    server.clock().advance(Duration::from_secs(4));
    server.sends_messages().await;
    assert_eq!(receiver.received().len(), 1);
    server.clock().advance(Duration::from_secs(1));
    server.sends_messages().await;
    let received = receiver.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].claims()["jti"], received[1].claims()["jti"]);
    assert_ne!(received[0].claims()["iat"], received[1].claims()["iat"]);
    assert!(outbox(&server).await[0].sent_at.is_some());

    let never = listening(
        &server,
        &server.admin("di").await,
        "gone",
        &Receiver::gone().await,
    )
    .await;
    bo.sign_in("bo").await;
    never.tokens_of(&bo).await;
    bo.open("/account").await;
    bo.send("/signout", &[]).await;
    let began = server.clock().seconds();
    let given_up = loop {
        server.sends_messages().await;
        let message = outbox(&server).await.remove(0);
        match message.due_at {
            Some(due) => {
                let wait = due.seconds() - server.clock().seconds();
                server
                    .clock()
                    .advance(Duration::from_secs(wait.try_into().unwrap()));
            }
            None => break message,
        }
    };
    assert!(server.clock().seconds() - began > 22 * 3600);
    assert_eq!(
        given_up.problem.as_deref(),
        Some("the server could not be reached")
    );
    assert!(given_up.sent_at.is_none() && given_up.attempts > 20);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Receiver::new(Manner::Status(200)).await;
    let Cast {
        server,
        receiver,
        application,
        bo,
        ..
    } = cast(Manner::Redirect(elsewhere.url.clone())).await;
    application.tokens_of(&bo).await;
    bo.open("/account").await;
    bo.send("/signout", &[]).await;
    server.sends_messages().await;
    assert_eq!((receiver.received().len(), elsewhere.received().len()), (1, 0));
    let problem = outbox(&server).await[0].problem.clone();
    assert_eq!(problem.as_deref(), Some("answered with status 302"));
}

#[tokio::test]
async fn one_who_hangs_delays_nobody_else_and_what_was_taken_for_them_is_given_back() {
    let Cast {
        server,
        ada,
        receiver: hanging,
        application,
        bo,
        ..
    } = cast(Manner::Silence).await;
    let receiver = Receiver::new(Manner::Status(200)).await;
    let other = listening(&server, &ada, "another", &receiver.url).await;
    for _ in 0..20 {
        application.tokens_of(&bo).await;
    }
    other.tokens_of(&bo).await;
    bo.open("/account").await;
    bo.send("/signout", &[]).await;
    let mut sender = server.sender();
    sender.begin().await.unwrap();
    receiver.asked(1).await;
    hanging.asked(1).await;
    // A second node takes nothing for whom the first sends to, but what the first has not taken.
    sender.stop().await;
    assert_eq!(
        hanging.received().len(),
        1,
        "one at a time to one who does not answer"
    );
    let messages = outbox(&server).await;
    let tried: Vec<_> = messages.iter().filter(|message| message.attempts == 1).collect();
    assert_eq!(
        tried.len(),
        2,
        "the one that was sent, and the one that nobody answered"
    );
    let waiting = messages.iter().filter(|message| message.due_at.is_some());
    assert_eq!(waiting.count(), 20);
}

#[tokio::test]
async fn of_two_nodes_each_message_is_sent_by_one() {
    let Cast {
        server,
        receiver,
        application,
        bo,
        ..
    } = cast(Manner::Status(200)).await;
    let other = server.another_node().await;
    for _ in 0..30 {
        application.tokens_of(&bo).await;
    }
    bo.open("/account").await;
    bo.send("/signout", &[]).await;
    tokio::join!(server.sends_messages(), other.sends_messages());
    let mut told: Vec<String> = receiver
        .received()
        .iter()
        .map(|told| told.claims()["sid"].to_string())
        .collect();
    told.sort();
    told.dedup();
    assert_eq!((told.len(), receiver.received().len()), (30, 30));
}
