use axum::{
    Extension, Router, body::Body, extract::Request, middleware::from_extractor_with_state, routing::get,
};
use jeton_axum::CurrentUser;

use crate::{
    support::{World, bearer, send},
    user_lookup::Person,
};

type User = Extension<CurrentUser<Person>>;

/// A page that greets whom the routes above it made known.
fn page() -> Router {
    let template = async |user: Option<User>| match user {
        Some(Extension(user)) => format!("<p>{}</p>", user.name),
        None => "<p></p>".to_owned(),
    };
    Router::new().route("/", get(template))
}

async fn visit(world: &World, app: Router) -> String {
    let request = Request::builder().header("authorization", bearer(&world.access_token()));
    send(app, request.body(Body::empty()).unwrap()).await.body
}

#[tokio::test]
async fn test_add_context_processor() {
    let world = World::new();
    let layer = from_extractor_with_state::<CurrentUser<Person>, _>(world.app.clone());
    assert_eq!(visit(&world, page().route_layer(layer)).await, "<p>alice</p>");
}

#[tokio::test]
async fn test_no_add_context_processor() {
    assert_eq!(visit(&World::new(), page()).await, "<p></p>");
}
