use axum::{Extension, Router, body::Body, extract::Request, routing::get};
use jeton_axum::{Bearer, CurrentUser};

use crate::{
    support::{Open, World, bearer, send},
    user_lookup::Person,
};

/// A handler that takes no guard's extractor has no token and no user to read, whatever the request brings.
async fn unprotected<T: Clone + Send + Sync + 'static>() {
    let world = World::new();
    let app = Router::new()
        .route(
            "/",
            get(async |value: Option<Extension<T>>| value.is_some().to_string()),
        )
        .with_state(world.app.clone());
    let request = Request::builder().header("authorization", bearer(&world.access_token()));
    assert_eq!(
        send(app, request.body(Body::empty()).unwrap()).await.body,
        "false"
    );
}

#[tokio::test]
async fn test_get_jwt_identity_in_non_protected_route() {
    unprotected::<Bearer<Open>>().await;
}

#[tokio::test]
async fn test_current_user_in_non_protected_route() {
    unprotected::<CurrentUser<Person>>().await;
}
