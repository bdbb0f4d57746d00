use axum::{Router, routing::get};
use jeton::Verified;
use jeton_axum::{Auth, Bearer, MemoryBlocklist, Standing};

use crate::support::{Open, World, bearer, send};

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

#[tokio::test]
async fn test_non_blocklisted_access_token() {
    let world = World::new().access(|auth: Auth<Open>| {
        auth.revocations(|token: &Verified<Open>| {
            assert!(token.id().is_some() && token.subject() == Some("alice") && token.kid().is_none());
            Standing::Live
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
