use jeton_axum::TokenLocation;
use serde_json::json;

use crate::support::{Reply, World, replaced};

fn in_json() -> World {
    World::new()
        .access(|auth| auth.locations([TokenLocation::json("access_token")]))
        .refresh(|auth| auth.locations([TokenLocation::json("refresh_token")]))
}

async fn post(world: &World, path: &str, kind: &str, member: &str, token: &str) -> Reply {
    let body = json!({ member: token }).to_string();
    world.ask("POST", path, &[("content-type", kind)], &body).await
}

#[tokio::test]
async fn test_content_type() {
    let world = in_json();
    let form = "application/x-www-form-urlencoded";
    for (path, field, token) in [
        ("/protected", "access_token", world.access_token()),
        ("/refresh", "refresh_token", world.refresh_token()),
    ] {
        let reply = post(&world, path, form, field, &token).await;
        reply.assert_refused(401, "token_missing", "Token is missing");
        let body = format!("{field}={token}");
        let reply = world.ask("POST", path, &[("content-type", form)], &body).await;
        reply.assert_refused(401, "token_missing", "Token is missing");
    }
}

#[tokio::test]
async fn test_custom_body_key() {
    let world = World::new()
        .access(|auth| auth.locations([TokenLocation::json("Foo")]))
        .refresh(|auth| auth.locations([TokenLocation::json("Bar")]));
    for (path, usual, own, other, token) in [
        ("/protected", "access_token", "Foo", "Bar", world.access_token()),
        ("/refresh", "refresh_token", "Bar", "Foo", world.refresh_token()),
    ] {
        for (member, status) in [(usual, 401), (other, 401), (own, 200)] {
            let reply = post(&world, path, "application/json", member, &token).await;
            assert_eq!(reply.status, status, "{path} {member}");
        }
    }
}

#[tokio::test]
async fn test_missing_keys() {
    for world in [in_json(), in_json().access(replaced)] {
        let reply = post(
            &world,
            "/protected",
            "application/json",
            "token",
            &world.access_token(),
        )
        .await;
        assert_eq!(reply.status, 401);
        assert!(reply.body.contains("token_missing"));
    }
    let world = in_json().access(replaced);
    let reply = world.ask("POST", "/protected", &[], "").await;
    assert_eq!(reply.body, json!({ "oops": "token_missing" }).to_string());
}

#[tokio::test]
async fn test_defaults() {
    let world = in_json();
    let reply = post(
        &world,
        "/protected",
        "application/json",
        "access_token",
        &world.access_token(),
    )
    .await;
    reply.assert_subject(Some("alice"));
    let reply = post(
        &world,
        "/refresh",
        "application/json",
        "refresh_token",
        &world.refresh_token(),
    )
    .await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn test_custom_content_type() {
    let world = in_json();
    for (kind, status) in [("application/json;charset=UTF-8", 200), ("text/html", 401)] {
        let reply = post(&world, "/protected", kind, "access_token", &world.access_token()).await;
        assert_eq!(reply.status, status, "{kind}");
    }
}
