//! Conditions of a route.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    routing::any,
};
use http::request::Parts;
use jeton_axum::{Bearer, Refused, Rejection, TokenLocation};
use serde_json::json;

use super::INVALID;
use crate::support::{App, Open, Reply, World, bearer, replaced, send};

/// Differs: 401 and not 422.
#[tokio::test]
async fn test_refresh_jwt_required() {
    let world = World::new();
    let (status, code, message) = INVALID;
    for token in [world.access_token(), world.fresh_token()] {
        let reply = world.with_token("/refresh", &token).await;
        reply.assert_refused(status, code, message);
    }
    world
        .get("/refresh", &[])
        .await
        .assert_refused(401, "token_missing", "Token is missing");
    let reply = world.with_token("/refresh", &world.refresh_token()).await;
    assert_eq!(reply.json(), json!({ "claims": {} }));
}

/// Differs: a type of token is a type of claims. A route that takes either asks for one, then for the other.
#[tokio::test]
async fn test_jwt_required_no_typecheck() {
    async fn either(State(app): State<App>, parts: Parts) -> Result<String, Refused> {
        let subject = match app.access.authenticate(&parts) {
            Ok(token) => token.and_then(|token| token.subject().map(str::to_owned)),
            Err(Rejection::Invalid(_)) => {
                let token = app.refresh.authenticate(&parts);
                let token = token.map_err(|rejection| app.refresh.refuse(rejection))?;
                token.and_then(|token| token.subject().map(str::to_owned))
            }
            Err(rejection) => return Err(app.access.refuse(rejection)),
        };
        subject.ok_or_else(|| app.access.refuse(Rejection::Missing))
    }
    let world = World::new();
    for token in [world.access_token(), world.fresh_token(), world.refresh_token()] {
        let reply = ask(&world, any(either), Some(&token)).await;
        assert_eq!((reply.status, &*reply.body), (200, "alice"));
    }
    let missing = ask(&world, any(either), None).await;
    missing.assert_refused(401, "token_missing", "Token is missing");
    let forged = World::signing_with(crate::support::secret(2)).access_token();
    let (status, code, message) = INVALID;
    let reply = ask(&world, any(either), Some(&forged)).await;
    reply.assert_refused(status, code, message);
}

/// Differs: a refresh token is 401 and not 422.
#[tokio::test]
async fn test_jwt_optional() {
    let world = World::new();
    let expired = world.access_token();
    world.clock.advance(std::time::Duration::from_mins(16));
    for token in [world.access_token(), world.fresh_token()] {
        let reply = world.with_token("/optional", &token).await;
        reply.assert_subject(Some("alice"));
    }
    let (status, code, message) = INVALID;
    world
        .with_token("/optional", &world.refresh_token())
        .await
        .assert_refused(status, code, message);
    world
        .with_token("/optional", &expired)
        .await
        .assert_refused(401, "token_expired", "Token has expired");
}

/// Differs: there is no name of a location to get wrong, and none at all is refused when the guard is made.
#[tokio::test]
async fn test_override_jwt_location() {
    let world = World::new().access(|auth| auth.locations([TokenLocation::cookie("session")]));
    let other = world
        .app
        .access
        .clone()
        .locations([TokenLocation::header()])
        .guard();
    let handler = async |_: Bearer<Open>| "served";
    let app = Router::new()
        .merge(Router::new().route("/other", any(handler)).route_layer(other))
        .route("/protected", any(handler))
        .with_state(world.app.clone());
    let token = world.access_token();
    let (header, cookie) = (bearer(&token), format!("session={token}"));
    for (path, name, value, status) in [
        ("/other", "authorization", &header, 200),
        ("/other", "cookie", &cookie, 401),
        ("/protected", "authorization", &header, 401),
        ("/protected", "cookie", &cookie, 200),
    ] {
        let request = Request::builder().uri(path).header(name, value);
        let reply = send(app.clone(), request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.status, status, "{path} {name}");
    }
}

#[tokio::test]
async fn test_no_token() {
    let reply = World::new().get("/protected", &[]).await;
    reply.assert_refused(401, "token_missing", "Token is missing");
    assert_eq!(reply.headers["www-authenticate"], r#"Bearer realm="api""#);
    let reply = World::new().access(replaced).get("/protected", &[]).await;
    let body = json!({ "oops": "token_missing" }).to_string();
    assert_eq!((reply.status, reply.body), (401, body));
}

#[tokio::test]
async fn test_verify_jwt_in_request_returns_decoded_token() {
    async fn custom(State(app): State<App>, parts: Parts) -> Result<String, Refused> {
        let token = app.access.authenticate_async(&parts).await;
        let token = token.map_err(|rejection| app.access.refuse(rejection))?;
        Ok(token.map_or_else(
            || "nobody".to_owned(),
            |token| format!("{} {}", token.algorithm(), token.subject().unwrap()),
        ))
    }
    let world = World::new();
    let reply = ask(&world, any(custom), Some(&world.access_token())).await;
    assert_eq!((reply.status, &*reply.body), (200, "HS256 alice"));
    let reply = ask(&world, any(custom), None).await;
    assert_eq!((reply.status, &*reply.body), (200, "nobody"));
    let (status, code, message) = INVALID;
    let reply = ask(&world, any(custom), Some(&world.refresh_token())).await;
    reply.assert_refused(status, code, message);
}

async fn ask(world: &World, route: axum::routing::MethodRouter<App>, token: Option<&str>) -> Reply {
    let app = Router::new().route("/", route).with_state(world.app.clone());
    let mut request = Request::builder();
    if let Some(token) = token {
        request = request.header("authorization", bearer(token));
    }
    send(app, request.body(Body::empty()).unwrap()).await
}
