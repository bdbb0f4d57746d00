use jeton_axum::TokenLocation;
use serde_json::json;

use crate::support::{World, replaced};

fn in_query(name: &'static str) -> World {
    World::new().access(|auth| auth.locations([TokenLocation::query(name)]))
}

#[tokio::test]
async fn test_default_query_paramater() {
    let world = in_query("jwt");
    let reply = world
        .get(&format!("/protected?jwt={}", world.access_token()), &[])
        .await;
    reply.assert_subject(Some("alice"));
}

/// Differs: the parameter holds the token and nothing else.
#[tokio::test]
async fn test_query_string_value_prefix() {
    let world = in_query("jwt");
    let token = world.access_token();
    for prefix in ["bearer%20", "Bearer+", "bearer"] {
        let reply = world.get(&format!("/protected?jwt={prefix}{token}"), &[]).await;
        reply.assert_refused(401, "invalid_token", "Invalid token");
    }
    world
        .get(&format!("/protected?jwt={token}"), &[])
        .await
        .assert_subject(Some("alice"));
}

#[tokio::test]
async fn test_custom_query_paramater() {
    let world = in_query("foo");
    let token = world.access_token();
    world
        .get(&format!("/protected?foo={token}"), &[])
        .await
        .assert_subject(Some("alice"));
    assert_eq!(
        world.get(&format!("/protected?jwt={token}"), &[]).await.status,
        401
    );
}

#[tokio::test]
async fn test_missing_query_paramater() {
    let world = in_query("jwt");
    world
        .get("/protected", &[])
        .await
        .assert_refused(401, "token_missing", "Token is missing");
    assert_eq!(
        world.with_token("/protected", &world.access_token()).await.status,
        401
    );
    let reply = in_query("jwt").access(replaced).get("/protected", &[]).await;
    assert_eq!(reply.body, json!({ "oops": "token_missing" }).to_string());
}
