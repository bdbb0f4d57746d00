use std::sync::{Arc, Mutex};

use http::StatusCode;
use jeton::{Verifier, testkit::TestIssuer};
use jeton_axum::{Auth, Event, FetchError, RemoteKeys};
use serde_json::{Value, json};

use crate::server::{AUDIENCE, AUTHORITY, Access, Manner, Server, jwks, quick, serving, until};

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
        (
            json!({ "x": { "$serde_json::private::RawValue": "1" } }),
            FetchError::Metadata,
        ),
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
async fn metadata_in_an_array_is_none() {
    let (server, issuer, auth, events) = issuer_at("").await;
    let metadata = json!([server.url, format!("{}/keys", server.url)]);
    publish(&server, &issuer, "/.well-known/openid-configuration", metadata);
    assert_eq!(ask(&auth, &issuer).await, "keys_unavailable");
    assert_eq!(*events.lock().unwrap(), [Event::Failed(FetchError::Metadata)]);
}

#[tokio::test]
async fn an_issuer_without_metadata_is_unavailable() {
    let (server, issuer, auth, events) = issuer_at("").await;
    assert_eq!(ask(&auth, &issuer).await, "keys_unavailable");
    let at = |kind| format!("{}/.well-known/{kind}", server.url);
    let tried = ["openid-configuration", "oauth-authorization-server"].map(at);
    assert_eq!(
        *events.lock().unwrap(),
        [Event::Failed(FetchError::NoMetadata { tried })]
    );
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn keys_over_http_are_refused_with_the_way_out() {
    let issuer = TestIssuer::new("https://id.example").unwrap();
    let server = Server::over_tls(serving(&issuer)).await;
    let metadata = json!({ "issuer": server.url, "jwks_uri": "http://id.example/keys?key=hidden" });
    publish(&server, &issuer, "/.well-known/openid-configuration", metadata);
    let rules = Verifier::builder(jeton::KeySet::default())
        .issuer(&server.url)
        .audience(AUDIENCE)
        .build();
    let keys = RemoteKeys::discover(&server.url, rules)
        .certificate_authority(AUTHORITY)
        .build()
        .unwrap();
    let error = keys.warm_up().await.unwrap_err();
    assert_eq!(error, FetchError::NotHttps("http://id.example/keys".to_owned()));
    assert!(error.to_string().contains("danger_allow_http"), "{error}");
}

#[tokio::test]
async fn an_etag_is_not_taken_to_another_address() {
    let (server, issuer, auth, events) = issuer_at("").await;
    let well_known = "/.well-known/openid-configuration";
    let (name, keys, moved) = (server.url.clone(), jwks(&issuer), Arc::new(Mutex::new("/keys")));
    let at = Arc::clone(&moved);
    server.now(move |path| match path {
        path if path == well_known => {
            let jwks_uri = format!("{name}{}", at.lock().unwrap());
            Manner::Answer(
                String::new(),
                json!({ "issuer": name, "jwks_uri": jwks_uri }).to_string(),
            )
        }
        _ => Manner::Answer(
            "ETag: \"one\"\r\nCache-Control: max-age=0\r\n".into(),
            keys.clone(),
        ),
    });
    assert_eq!(ask(&auth, &issuer).await, "ok");
    let tagged = |path: &str| {
        let of = |head: &&String| head.starts_with(&format!("GET {path} "));
        let requests = server.requests();
        let last = requests.iter().rfind(of).map(|head| head.to_lowercase());
        last.map(|head| head.contains("if-none-match"))
    };
    until(|| tagged("/keys") == Some(true)).await;
    *moved.lock().unwrap() = "/moved";
    until(|| tagged("/moved").is_some()).await;
    let first = server
        .requests()
        .into_iter()
        .find(|head| head.starts_with("GET /moved "));
    assert!(!first.unwrap().to_lowercase().contains("if-none-match"));
    drop(events);
}
