//! Clients that prove themselves by a key of their own: registered, or published at an address of theirs.

use std::time::{Duration, SystemTime};

use jeton::{Algorithm, Issuer, JwkSet, KeySet, SigningKey};
use jeton_server::service::machinery::clock::Clock;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::actors::{ANY, Actor, Admin, Manner, Receiver, Reply, Server};

#[derive(Serialize, Deserialize)]
struct Assertion {}

impl jeton::Claims for Assertion {
    const TYP: &'static str = "JWT";
}

struct Signer {
    key: SigningKey,
    id: String,
    now: SystemTime,
}

impl Signer {
    fn assertion(&self, jti: &str) -> String {
        Issuer::<Assertion>::new(self.key.clone(), &self.id, Duration::from_mins(1))
            .draft(&Assertion {})
            .subject(&self.id)
            .audience("http://localhost:5000")
            .id(jti)
            .issue_at(self.now)
            .unwrap()
    }
}

fn key(kid: &str) -> SigningKey {
    SigningKey::generate(Algorithm::Es256).unwrap().with_kid(kid)
}

fn published(keys: &[&SigningKey]) -> String {
    let set: JwkSet = KeySet::new(keys.iter().map(|key| key.verifying_key()))
        .unwrap()
        .to_jwks();
    serde_json::to_string(&set).unwrap()
}

async fn registered(ada: &Admin, name: &str, members: Value) -> String {
    let mut body = json!({ "name": name, "token_endpoint_auth_method": "private_key_jwt" });
    body.as_object_mut()
        .unwrap()
        .extend(members.as_object().unwrap().clone());
    let made = ada.post("/admin/clients", &body).await;
    made.assert_status(201);
    made.text("client_id").to_owned()
}

async fn asks(server: &Server, assertion: &str) -> Reply {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.append_pair("grant_type", "client_credentials")
        .append_pair(
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        )
        .append_pair("client_assertion", assertion);
    server
        .visitor()
        .call(http::Method::POST, "/oauth/token")
        .raw("application/x-www-form-urlencoded", body.finish())
        .await
}

#[track_caller]
fn assert_refused(reply: &Reply, status: u16, error: &str) {
    reply.assert(status, &json!({ "error": error, "error_description": ANY }));
}

/// How a client's server answers, whose key it is.
type Answers = Box<dyn Fn(&SigningKey) -> Manner>;

struct Cast {
    server: Server,
    receiver: Receiver,
    signer: Signer,
}

/// A client whose keys are published, and answered so.
async fn cast(manner: impl FnOnce(&SigningKey) -> Manner) -> Cast {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let key = key("one");
    let receiver = Receiver::new(manner(&key)).await;
    let id = registered(&ada, "billing", json!({ "jwks_uri": receiver.url })).await;
    let now = server.clock().now();
    Cast {
        server,
        receiver,
        signer: Signer { key, id, now },
    }
}

fn good(key: &SigningKey) -> Manner {
    Manner::Body(published(&[key]))
}

#[tokio::test]
async fn registered_keys_prove_a_client_once_for_each_assertion() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let key = key("one");
    let keys: Value = serde_json::from_str(&published(&[&key])).unwrap();
    let id = registered(&ada, "billing", json!({ "jwks": keys })).await;
    let now = server.clock().now();
    let signer = Signer { key, id, now };
    asks(&server, &signer.assertion("a")).await.assert_status(200);
    assert_refused(
        &asks(&server, &signer.assertion("a")).await,
        401,
        "invalid_client",
    );
    let stranger = Signer {
        key: self::key("one"),
        ..signer
    };
    assert_refused(
        &asks(&server, &stranger.assertion("b")).await,
        401,
        "invalid_client",
    );
}

#[tokio::test]
async fn published_keys_are_fetched_once_and_prove_a_client() {
    let Cast {
        server,
        receiver,
        signer,
    } = cast(good).await;
    for jti in ["a", "b", "c"] {
        asks(&server, &signer.assertion(jti)).await.assert_status(200);
    }
    assert_refused(
        &asks(&server, &signer.assertion("c")).await,
        401,
        "invalid_client",
    );
    let [fetched] = &receiver.received()[..] else {
        panic!("{:?}", receiver.received())
    };
    assert!(fetched.head.starts_with("GET /there HTTP/1.1\r\n"), "{fetched:?}");
}

#[tokio::test]
async fn a_key_that_is_not_there_is_looked_for_once() {
    let Cast {
        server,
        receiver,
        signer,
    } = cast(good).await;
    asks(&server, &signer.assertion("a")).await.assert_status(200);
    let stranger = Signer {
        key: key("two"),
        id: signer.id.clone(),
        ..signer
    };
    for jti in ["b", "c", "d"] {
        assert_refused(
            &asks(&server, &stranger.assertion(jti)).await,
            401,
            "invalid_client",
        );
    }
    assert_eq!(
        receiver.received().len(),
        2,
        "the first, and one for the key nobody knows"
    );
}

#[tokio::test]
async fn a_new_key_is_found_when_a_client_uses_it() {
    let Cast {
        server,
        receiver,
        signer,
    } = cast(good).await;
    asks(&server, &signer.assertion("a")).await.assert_status(200);
    let next = Signer {
        key: key("two"),
        id: signer.id.clone(),
        ..signer
    };
    receiver.now(Manner::Body(published(&[&signer.key, &next.key])));
    asks(&server, &next.assertion("b")).await.assert_status(200);
    asks(&server, &signer.assertion("c")).await.assert_status(200);
    assert_eq!(receiver.received().len(), 2);
}

#[tokio::test]
async fn keys_that_cannot_be_had_prove_nobody_and_refuse_nobody_for_good() {
    let elsewhere = Receiver::new(Manner::Status(200)).await;
    let own = elsewhere.url.clone();
    let cases: [(&str, Answers); 5] = [
        ("away", Box::new(|_| Manner::Status(503))),
        ("no set", Box::new(|_| Manner::Body("nonsense".to_owned()))),
        ("empty", Box::new(|_| Manner::Body(r#"{"keys":[]}"#.to_owned()))),
        (
            "huge",
            Box::new(|key| Manner::Body(published(&[key]) + &" ".repeat(65 * 1024))),
        ),
        ("redirecting", Box::new(move |_| Manner::Redirect(own.clone()))),
    ];
    for (what, manner) in cases {
        let Cast {
            server,
            receiver,
            signer,
        } = cast(manner).await;
        for jti in ["a", "b"] {
            let reply = asks(&server, &signer.assertion(jti)).await;
            assert_refused(&reply, 503, "unavailable");
            assert_eq!(reply.header("retry-after"), "5", "{what}");
        }
        assert_eq!(
            receiver.received().len(),
            1,
            "{what}: it is not asked by every stranger"
        );
    }
    assert_eq!(elsewhere.received().len(), 0);
}

#[tokio::test]
async fn keys_of_private_networks_come_over_https_or_from_this_machine_alone() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    for address in [
        "http://10.0.0.1/keys",
        "http://192.168.1.1/keys",
        "http://169.254.169.254/latest/meta-data",
        "http://[fd00::1]/keys",
        "http://0.0.0.0/keys",
        "http://localhost.example/keys",
        "http://127.0.0.1.example/keys",
        "file:///etc/passwd",
        "ftp://127.0.0.1/keys",
        "com.example.app:/keys",
    ] {
        let body = json!({
            "name": "billing",
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks_uri": address,
        });
        let reply = ada.post("/admin/clients", &body).await;
        reply.assert_code(422, "invalid_request");
        assert!(reply.text("message").contains("jwks_uri"), "{address}: {reply:?}");
    }
    // One on this machine that is not there; over https it has no certificate.
    let gone = Receiver::gone().await;
    for address in [gone.clone(), gone.replace("http:", "https:")] {
        let id = registered(&ada, &address[..8], json!({ "jwks_uri": address })).await;
        let now = server.clock().now();
        let signer = Signer {
            key: key("one"),
            id,
            now,
        };
        let reply = asks(&server, &signer.assertion("a")).await;
        assert_refused(&reply, 503, "unavailable");
    }
}
