use axum::{Router, routing::get};
use jeton::Verified;
use jeton_axum::{Auth, Bearer, Blocklist, MemoryBlocklist, TokenStatus};
use serde_json::json;

use crate::support::{Open, World, bearer, replaced, send};

fn listed() -> (World, MemoryBlocklist) {
    let list = MemoryBlocklist::new();
    let world = World::new()
        .access(|auth| auth.revocations(list.clone()))
        .refresh(|auth| auth.revocations(list.clone()));
    (world, list)
}

#[tokio::test]
async fn test_blocklisted_access_token_revocation_skip() {
    let (world, list) = listed();
    let token = world.access_token();
    list.revoke(&world.app.access.check(&token).unwrap(), world.clock.now())
        .unwrap();
    let app = Router::new()
        .route("/", get(async |_: Bearer<Open>| "served"))
        .with_state(world.app.access.clone().skip_revocations());
    let request = axum::extract::Request::builder()
        .header("authorization", bearer(&token))
        .body(axum::body::Body::empty())
        .unwrap();
    assert_eq!(send(app, request).await.status, 200);
    assert_eq!(world.with_token("/protected", &token).await.status, 401);
}

/// Knows every token of alice to be revoked, and has to be waited for.
struct Elsewhere;

impl Blocklist<Open> for Elsewhere {
    async fn status(&self, token: &Verified<Open>) -> TokenStatus {
        tokio::task::yield_now().await;
        assert_eq!(token.algorithm().name(), "HS256");
        if token.subject() == Some("alice") {
            TokenStatus::Revoked
        } else {
            TokenStatus::Live
        }
    }
}

/// A route that skips the lists leaves its neighbour's alone.
#[tokio::test]
async fn test_blocklisted_access_token_revocation_no_skip() {
    let world = World::new().access(|auth| auth.blocklist(Elsewhere));
    let skipping = world.app.access.clone().skip_revocations().guard();
    let handler = async |_: Bearer<Open>| "served";
    let app = Router::new()
        .merge(Router::new().route("/skip", get(handler)).route_layer(skipping))
        .route("/no_skip", get(handler))
        .with_state(world.app.clone());
    let ask = async |path| {
        let request = axum::extract::Request::builder()
            .uri(path)
            .header("authorization", bearer(&world.access_token()))
            .body(axum::body::Body::empty());
        send(app.clone(), request.unwrap()).await
    };
    assert_eq!(ask("/skip").await.status, 200);
    ask("/no_skip")
        .await
        .assert_refused(401, "token_revoked", "Token has been revoked");
}

#[tokio::test]
async fn test_non_blocklisted_access_token() {
    let world = World::new().access(|auth: Auth<Open>| {
        auth.revocations(|token: &Verified<Open>| {
            assert!(token.id().is_some() && token.subject() == Some("alice") && token.kid().is_none());
            TokenStatus::Live
        })
    });
    world
        .with_token("/protected", &world.access_token())
        .await
        .assert_subject(Some("alice"));
}

#[tokio::test]
async fn test_blocklisted_access_token() {
    let (world, list) = listed();
    let token = world.access_token();
    list.revoke(&world.app.access.check(&token).unwrap(), world.clock.now())
        .unwrap();
    for path in ["/protected", "/optional", "/fresh"] {
        let reply = world.with_token(path, &token).await;
        reply.assert_refused(401, "token_revoked", "Token has been revoked");
    }
}

#[tokio::test]
async fn test_non_blocklisted_refresh_token() {
    let (world, _) = listed();
    assert_eq!(
        world.with_token("/refresh", &world.refresh_token()).await.status,
        200
    );
}

#[tokio::test]
async fn test_blocklisted_refresh_token() {
    let (world, list) = listed();
    let token = world.refresh_token();
    list.revoke(&world.app.refresh.check(&token).unwrap(), world.clock.now())
        .unwrap();
    let reply = world.with_token("/refresh", &token).await;
    reply.assert_refused(401, "token_revoked", "Token has been revoked");
}

/// Differs: the body is the application's, the status stays.
#[tokio::test]
async fn test_custom_blocklisted_message() {
    let world = World::new().access(|auth| replaced(auth.blocklist(Elsewhere)));
    let reply = world.with_token("/protected", &world.access_token()).await;
    let body = json!({ "oops": "token_revoked" }).to_string();
    assert_eq!((reply.status, reply.body), (401, body));
}
