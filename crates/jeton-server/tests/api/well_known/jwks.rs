use jeton::{KeySet, Verified, Verifier};
use jeton_server::service::machinery::{claims::Access, clock::Clock};
use serde_json::{Value, json};

use crate::actors::{Actor, Reply, Server, header_of};

async fn key_set(server: &Server) -> Reply {
    let reply = server.visitor().get("/.well-known/jwks.json").await;
    reply.assert_status(200);
    assert_eq!(reply.header("cache-control"), "public, max-age=300");
    reply
}

#[tokio::test]
async fn whoever_has_the_key_set_verifies_access_tokens_without_asking() {
    let server = Server::with(&[("audience", "api")]).await;
    let romel = server.signed_up("Romel").await;
    let keys = KeySet::from_jwks(&key_set(&server).await.body).unwrap();
    let verifier = Verifier::builder(keys)
        .issuer("http://localhost:5000")
        .audience("api")
        .build();
    let token: Verified<Access> = verifier.verify_at(&romel.access, server.clock().now()).unwrap();
    assert_eq!(token.claims().username, "Romel");
}

#[tokio::test]
async fn it_holds_the_public_half_of_the_access_key_and_no_other() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let reply = key_set(&server).await;
    let keys = reply.json["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    let key = &keys[0];
    assert_eq!(
        (&key["kty"], &key["crv"], &key["alg"]),
        (&json!("EC"), &json!("P-256"), &json!("ES256"))
    );
    assert_eq!(key["kid"], header_of(&romel.access)["kid"]);
    for private in ["d", "k", "priv", "seed"] {
        assert_eq!(key[private], Value::Null);
    }
    let sample = server.visitor().get("/sign-token").await;
    for other in [&romel.refresh, sample.text("token")] {
        assert_ne!(key["kid"], header_of(other)["kid"]);
    }
}

#[tokio::test]
async fn a_shared_secret_is_published_in_no_form() {
    let server = Server::with_secret("4inK]I+X+;n2+g\"*>AMQc{p99)9DB@a@").await;
    assert_eq!(key_set(&server).await.json, json!({ "keys": [] }));
}
