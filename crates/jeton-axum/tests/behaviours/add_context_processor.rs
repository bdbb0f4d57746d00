use axum::{Extension, Router, middleware::from_extractor_with_state, routing::get};
use jeton_axum::CurrentUser;

use crate::{
    support::{World, bearer, send},
    user_lookup::Person,
};

#[tokio::test]
async fn test_add_context_processor() {
    let world = World::new();
    let template = async |Extension(user): Extension<CurrentUser<Person>>| format!("<p>{}</p>", user.name);
    let app: Router = Router::new()
        .route("/", get(template))
        .route_layer(from_extractor_with_state::<CurrentUser<Person>, _>(
            world.app.clone(),
        ));
    let request = axum::extract::Request::builder()
        .header("authorization", bearer(&world.access_token()))
        .body(axum::body::Body::empty())
        .unwrap();
    assert_eq!(send(app, request).await.body, "<p>alice</p>");
}
