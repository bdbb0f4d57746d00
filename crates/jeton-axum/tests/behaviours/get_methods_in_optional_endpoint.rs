use axum::{Json, Router, body::Body, extract::Request, routing::get};
use http::StatusCode;
use jeton::Verified;
use jeton_axum::{Bearer, CurrentUser, FoundIn, LoadUser};
use serde_json::json;

use crate::support::{App, Open, Reply, World, bearer, send};

/// A user whose look-up tells that it was made.
struct LookedUp;

impl LoadUser<App> for LookedUp {
    type Claims = Open;
    type Error = StatusCode;

    async fn load(_: &Verified<Open>, _: &App) -> Result<Option<Self>, StatusCode> {
        Err(StatusCode::IM_A_TEAPOT)
    }
}

async fn optional(world: &World, token: Option<&str>) -> Reply {
    let handler =
        async |token: Option<Bearer<Open>>, user: Option<CurrentUser<LookedUp>>, place: Option<FoundIn>| {
            let subject = token.as_ref().and_then(|Bearer(token)| token.subject());
            Json(json!({ "sub": subject, "user": user.is_some(), "place": place.is_some() }))
        };
    let app = Router::new()
        .route("/optional", get(handler))
        .with_state(world.app.clone());
    let mut request = Request::builder().uri("/optional");
    if let Some(token) = token {
        request = request.header("authorization", bearer(token));
    }
    send(app, request.body(Body::empty()).unwrap()).await
}

/// Without a token there is nothing to read, and no user is looked up.
#[tokio::test]
async fn test_get_jwt_in_optional_route() {
    let world = World::new();
    let reply = optional(&world, None).await.json();
    assert_eq!(reply, json!({ "sub": null, "user": false, "place": false }));
    let reply = optional(&world, Some(&world.access_token())).await;
    assert_eq!(reply.status, StatusCode::IM_A_TEAPOT.as_u16());
}
