//! The metadata, as a client that trusts nothing reads it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::actors::{Actor, Server};

async fn metadata() -> (Server, Value) {
    let server = Server::with(&[("issuer", "https://id.example")]).await;
    let reply = server.visitor().get("/.well-known/openid-configuration").await;
    reply.assert_status(200);
    assert_eq!(reply.header("content-type"), "application/json");
    (server, reply.json)
}

#[track_caller]
fn assert_holds(metadata: &Value, member: &str, values: &[&str]) {
    let all = metadata[member].as_array().unwrap();
    for value in values {
        assert!(all.contains(&json!(value)), "{member} lacks {value}");
    }
}

#[tokio::test]
async fn oidcc_discovery_endpoint_verification() {
    let (server, metadata) = metadata().await;
    assert_eq!(metadata["issuer"], "https://id.example");
    assert_holds(&metadata, "response_types_supported", &["code"]);
    assert_holds(&metadata, "id_token_signing_alg_values_supported", &["RS256"]);
    assert_holds(&metadata, "grant_types_supported", &["authorization_code"]);
    assert_holds(&metadata, "scopes_supported", &["openid"]);
    assert_holds(&metadata, "claims_supported", &["sub"]);
    assert_holds(&metadata, "subject_types_supported", &["public"]);
    assert_eq!(metadata["claims_parameter_supported"], true);
    for member in ["request_parameter_supported", "request_uri_parameter_supported"] {
        assert_eq!(metadata[member], false, "{member}");
    }
    let mut endpoints = 0;
    for (name, value) in metadata.as_object().unwrap() {
        if name.ends_with("_endpoint") || name.ends_with("_uri") {
            assert!(value.as_str().unwrap().starts_with("https://"), "{name}");
            endpoints += 1;
        }
    }
    assert!(endpoints >= 5, "{endpoints}");

    let jwks_uri = metadata["jwks_uri"].as_str().unwrap();
    let path = jwks_uri.strip_prefix("https://id.example").unwrap();
    let set = server.visitor().get(path).await.json;
    let keys = set["keys"].as_array().unwrap();
    assert!(!keys.is_empty());
    let names: BTreeSet<_> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert_eq!(names.len(), keys.len(), "each has a name of its own: {set}");
    for key in keys {
        assert_eq!(key["use"], "sig");
        assert_ne!(key["kty"], "oct");
        assert!(key.get("d").is_none() && key.get("k").is_none(), "{key}");
    }
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification() {
    let (_, metadata) = metadata().await;
    assert_eq!(
        metadata["end_session_endpoint"],
        "https://id.example/oauth/logout"
    );
}
