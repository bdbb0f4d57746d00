//! The layer around services that are not axum's, and around other methods than GET.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll, Waker},
};

use axum::{Router, body::Body, routing::any};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use jeton_axum::{Auth, Bearer, SignedIn};
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::support::{Access, World, request, send, with_bearer};

type Bytes = axum::body::Bytes;

/// A service as one writes it for hyper: its own body type, the token read from the extensions.
async fn plain(request: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Infallible> {
    let subject = request
        .extensions()
        .get::<Bearer<Access>>()
        .and_then(|Bearer(token)| token.subject())
        .unwrap_or("nobody");
    Ok(Response::new(Full::from(subject.to_owned())))
}

async fn answer(world: &World, token: Option<&str>) -> (u16, String) {
    let service = world.auth.require::<SignedIn<Access>>().layer(service_fn(plain));
    let mut request = Request::builder();
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let response = service
        .oneshot(request.body(Full::default()).unwrap())
        .await
        .unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_service_without_axum_is_guarded_too() {
    let world = World::new();
    assert_eq!(
        answer(&world, Some(&world.token())).await,
        (200, "alice".to_owned())
    );
    assert_eq!(answer(&world, None).await.0, 401);
    let (status, body) = answer(&world, Some("junk")).await;
    assert_eq!(
        (status, &*body),
        (401, r#"{"error":"invalid_token","message":"Invalid token"}"#)
    );
}

/// A service that has no place for another request just now.
#[derive(Clone)]
struct Busy;

impl Service<Request<Body>> for Busy {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Pending
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        ready(Ok(Response::new(Body::empty())))
    }
}

#[test]
fn a_service_that_is_not_ready_is_sent_nothing() {
    let world = World::new();
    let mut context = Context::from_waker(Waker::noop());
    let mut guarded = world.auth.guard().layer(Busy);
    assert!(guarded.poll_ready(&mut context).is_pending());
    let mut required = world.auth.require::<SignedIn<Access>>().layer(Busy);
    assert!(required.poll_ready(&mut context).is_pending());
}

fn for_any_method(world: &World) -> Router {
    Router::new()
        .route("/", any(async || "served"))
        .route("/me", any(async |_: Bearer<Access>| "me"))
        .route_layer(world.auth.require::<SignedIn<Access>>())
        .with_state(world.auth.clone())
}

#[tokio::test]
async fn options_needs_a_token_like_any_method() {
    let world = World::new();
    let reply = send(for_any_method(&world), request("OPTIONS", "/", &[])).await;
    reply.assert_refused(401, "token_missing", "Token is missing");
}

#[tokio::test]
async fn options_can_be_let_through_the_layer() {
    let world = World::new().with(Auth::exempt_options);
    let app = for_any_method(&world);
    send(app.clone(), request("OPTIONS", "/", &[]))
        .await
        .assert_ok("served");
    for method in ["GET", "HEAD", "POST", "TRACE", "options"] {
        assert_eq!(
            send(app.clone(), request(method, "/", &[])).await.status,
            401,
            "{method}"
        );
    }
    let me = send(app.clone(), request("OPTIONS", "/me", &[])).await;
    me.assert_refused(401, "token_missing", "Token is missing");
    let with_token: Request<Body> = with_bearer("/", &world.token());
    send(app, with_token).await.assert_ok("served");
}
