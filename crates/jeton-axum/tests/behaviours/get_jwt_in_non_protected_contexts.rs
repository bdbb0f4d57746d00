//! A handler that takes no guard's extractor has no token and no user to read, whatever the request brings;
//! below a guard it has.

use axum::{
    Extension, Router, body::Body, extract::Request, middleware::from_extractor_with_state, routing::get,
};
use jeton_axum::{Bearer, CurrentUser, SignedIn};

use crate::{
    support::{Open, Reply, World, bearer, send},
    user_lookup::Person,
};

/// The token as a handler reads it from its request: without a guard over its route, and below one.
async fn reads<T>(say: fn(&T) -> Option<&str>, guard: fn(&World, Router) -> Router) -> [String; 2]
where
    T: Clone + Send + Sync + 'static,
{
    let handler = async move |value: Option<Extension<T>>| {
        let said = value.as_ref().and_then(|Extension(value)| say(value));
        said.unwrap_or("nothing").to_owned()
    };
    let world = World::new();
    let app = Router::new().route("/", get(handler));
    let guarded = guard(&world, app.clone());
    let token = world.access_token();
    [
        visit(app, Some(&token)).await.body,
        visit(guarded, Some(&token)).await.body,
    ]
}

fn below_a_policy(world: &World, app: Router) -> Router {
    app.route_layer(world.app.access.require::<SignedIn<Open>>())
}

async fn visit(app: Router, token: Option<&str>) -> Reply {
    let mut request = Request::builder();
    if let Some(token) = token {
        request = request.header("authorization", bearer(token));
    }
    send(app, request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn test_get_jwt_in_non_protected_route() {
    let read = reads::<Bearer<Open>>(|Bearer(token)| token.issuer(), below_a_policy).await;
    assert_eq!(read, ["nothing", crate::support::ISSUER]);
}

#[tokio::test]
async fn test_get_jwt_header_in_non_protected_route() {
    let read = reads::<Bearer<Open>>(|Bearer(token)| Some(token.algorithm().name()), below_a_policy).await;
    assert_eq!(read, ["nothing", "HS256"]);
}

#[tokio::test]
async fn test_get_jwt_identity_in_non_protected_route() {
    let read = reads::<Bearer<Open>>(|Bearer(token)| token.subject(), below_a_policy).await;
    assert_eq!(read, ["nothing", "alice"]);
}

#[tokio::test]
async fn test_current_user_in_non_protected_route() {
    let guard = |world: &World, app: Router| {
        app.route_layer(from_extractor_with_state::<CurrentUser<Person>, _>(
            world.app.clone(),
        ))
    };
    let read = reads::<CurrentUser<Person>>(|user| Some(&user.name), guard).await;
    assert_eq!(read, ["nothing", "alice"]);
}

/// Differs: whoever asks for the user guards the route by it.
#[tokio::test]
async fn test_get_current_user_in_non_protected_route() {
    let world = World::new();
    let app = Router::new()
        .route("/", get(async |user: CurrentUser<Person>| user.name.clone()))
        .with_state(world.app.clone());
    visit(app.clone(), None)
        .await
        .assert_refused(401, "token_missing", "Token is missing");
    assert_eq!(visit(app, Some(&world.access_token())).await.body, "alice");
}
