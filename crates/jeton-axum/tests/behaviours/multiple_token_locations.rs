use axum::{Router, body::Body, extract::Request, routing::any};
use jeton_axum::{Bearer, FoundIn, TokenLocation};
use serde_json::json;

use crate::support::{Open, Reply, World, bearer, send};

fn everywhere(order: [TokenLocation; 4]) -> World {
    World::new().access(|auth| auth.locations(order))
}

fn order() -> [TokenLocation; 4] {
    let [header, query] = [TokenLocation::header(), TokenLocation::query("jwt")];
    [
        header,
        TokenLocation::cookie("access"),
        query,
        TokenLocation::json("access_token"),
    ]
}

async fn location(world: &World, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let app = Router::new()
        .route(
            "/",
            any(async |_: Bearer<Open>, place: FoundIn| format!("{place:?}")),
        )
        .route_layer(world.app.access.guard())
        .with_state(world.app.clone());
    let mut request = Request::builder().method("GET").uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(app, request.body(Body::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn test_header_access() {
    let world = everywhere(order());
    let reply = location(
        &world,
        "/",
        &[("authorization", &bearer(&world.access_token()))],
        "",
    )
    .await;
    assert_eq!((reply.status, &*reply.body), (200, "Header"));
}

#[tokio::test]
async fn test_cookie_access() {
    let world = everywhere(order());
    let cookie = format!("access={}", world.access_token());
    let reply = location(&world, "/", &[("cookie", &cookie)], "").await;
    assert_eq!((reply.status, &*reply.body), (200, "Cookie"));
}

#[tokio::test]
async fn test_query_string_access() {
    let world = everywhere(order());
    let path = format!("/?jwt={}", world.access_token());
    let reply = location(&world, &path, &[], "").await;
    assert_eq!((reply.status, &*reply.body), (200, "Query"));
}

#[tokio::test]
async fn test_json_access() {
    let world = everywhere(order());
    let body = json!({ "access_token": world.access_token() }).to_string();
    let reply = location(&world, "/", &[("content-type", "application/json")], &body).await;
    assert_eq!((reply.status, &*reply.body), (200, "Json"));
}

/// Differs: one sentence for everybody. Where a token may be is the API's documentation, not its error.
#[tokio::test]
async fn test_no_jwt_in_request() {
    let reply = location(&everywhere(order()), "/", &[], "").await;
    reply.assert_refused(401, "token_missing", "Token is missing");
}

#[tokio::test]
async fn test_order_of_jwt_locations_in_request() {
    let mut turned = order();
    for _ in 0..4 {
        turned.rotate_left(1);
        let world = everywhere(turned.clone());
        let token = world.access_token();
        world
            .with_token("/protected", &token)
            .await
            .assert_subject(Some("alice"));
        let cookie = format!("access={token}");
        world
            .get("/protected", &[("cookie", &cookie)])
            .await
            .assert_subject(Some("alice"));
        world
            .get(&format!("/protected?jwt={token}"), &[])
            .await
            .assert_subject(Some("alice"));
        let body = json!({ "access_token": token }).to_string();
        let json = [("content-type", "application/json")];
        world
            .ask("POST", "/protected", &json, &body)
            .await
            .assert_subject(Some("alice"));
    }
}

#[tokio::test]
async fn test_order_of_jwt_locations_with_one_invalid_token_in_request() {
    let world = everywhere(order());
    let cookie = format!("access={}", world.access_token());
    let headers = [("authorization", "Bearer junk"), ("cookie", &*cookie)];
    let reply = world.get("/protected", &headers).await;
    reply.assert_refused(401, "invalid_token", "Invalid token");
}
