use std::sync::{Arc, Mutex};

use http::StatusCode;
use jeton::{Verifier, testkit::TestIssuer};
use jeton_axum::{Auth, Event, FetchError, RemoteKeys};
use serde_json::{Value, json};

use crate::server::{AUDIENCE, Access, Manner, Server, jwks, quick};

type Events = Arc<Mutex<Vec<Event>>>;

/// A server that is itself the issuer, at this path of it.
async fn issuer_at(path: &str) -> (Server, TestIssuer, Auth<Access>, Events) {
    let server = Server::new(|_| Manner::Status(StatusCode::NOT_FOUND, String::new())).await;
    let name = format!("{}{path}", server.url);
    let issuer = TestIssuer::new(&name).unwrap();
    let events = Events::default();
    let rules = Verifier::builder(jeton::KeySet::default())
        .issuer(&name)
        .audience(AUDIENCE)
        .build();
    let keys = quick(RemoteKeys::discover(&name, rules), &issuer, &events)
        .build()
        .unwrap();
    let auth = Auth::new(keys, issuer.clock().clone());
    (server, issuer, auth, events)
}

fn publish(server: &Server, issuer: &TestIssuer, at: &'static str, metadata: Value) {
    let issuer = issuer.clone();
    server.now(move |path| match path {
        path if path == at => Manner::Answer(String::new(), metadata.to_string()),
        "/keys" => Manner::Answer(String::new(), jwks(&issuer)),
        _ => Manner::Status(StatusCode::NOT_FOUND, String::new()),
    });
}

async fn ask(auth: &Auth<Access>, issuer: &TestIssuer) -> &'static str {
    let token = issuer.token("alice", AUDIENCE, &Access {}).unwrap();
    auth.check_async(&token)
        .await
        .map_or_else(|rejection| rejection.code(), |_| "ok")
}

#[tokio::test]
async fn openid_metadata_leads_to_the_keys() {
    for (path, well_known) in [
        ("", "/.well-known/openid-configuration"),
        ("/", "/.well-known/openid-configuration"),
        ("/tenant", "/tenant/.well-known/openid-configuration"),
    ] {
        let (server, issuer, auth, _) = issuer_at(path).await;
        let metadata =
            json!({ "issuer": format!("{}{path}", server.url), "jwks_uri": format!("{}/keys", server.url) });
        publish(&server, &issuer, well_known, metadata);
        assert_eq!(ask(&auth, &issuer).await, "ok", "{path}");
        assert_eq!(server.count(), 2);
    }
}

#[tokio::test]
async fn oauth_metadata_will_do_where_there_is_no_other() {
    for (path, well_known) in [
        ("", "/.well-known/oauth-authorization-server"),
        ("/tenant", "/.well-known/oauth-authorization-server/tenant"),
    ] {
        let (server, issuer, auth, _) = issuer_at(path).await;
        let metadata =
            json!({ "issuer": format!("{}{path}", server.url), "jwks_uri": format!("{}/keys", server.url) });
        publish(&server, &issuer, well_known, metadata);
        assert_eq!(ask(&auth, &issuer).await, "ok", "{path}");
        assert_eq!(server.count(), 3);
    }
}

#[tokio::test]
async fn metadata_that_is_wrong_leads_nowhere() {
    let well_known = "/.well-known/openid-configuration";
    for (change, error) in [
        (
            json!({ "issuer": "https://evil.example" }),
            FetchError::WrongIssuer,
        ),
        (json!({ "issuer": 1 }), FetchError::Metadata),
        (json!({ "jwks_uri": null }), FetchError::Metadata),
        (json!({ "jwks_uri": "keys" }), FetchError::Metadata),
    ] {
        let (server, issuer, auth, events) = issuer_at("").await;
        let mut metadata = json!({ "issuer": server.url, "jwks_uri": format!("{}/keys", server.url) });
        metadata
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        publish(&server, &issuer, well_known, metadata);
        assert_eq!(ask(&auth, &issuer).await, "keys_unavailable", "{change}");
        assert_eq!(*events.lock().unwrap(), [Event::Failed(error)], "{change}");
        assert_eq!(server.count(), 1, "{change}");
    }
}

#[tokio::test]
async fn an_issuer_without_metadata_is_unavailable() {
    let (server, issuer, auth, events) = issuer_at("").await;
    assert_eq!(ask(&auth, &issuer).await, "keys_unavailable");
    assert_eq!(*events.lock().unwrap(), [Event::Failed(FetchError::Status(404))]);
    assert_eq!(server.count(), 2);
}
