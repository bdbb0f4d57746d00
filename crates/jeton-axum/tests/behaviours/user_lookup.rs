use axum::{Router, body::Body, extract::Request, routing::get};
use http::StatusCode;
use jeton::Verified;
use jeton_axum::{CurrentUser, LoadUser};
use serde_json::json;

use crate::support::{App, Open, Reply, World, bearer, replaced, send, user};

pub(crate) struct Person {
    pub(crate) name: String,
}

impl LoadUser<App> for Person {
    type Claims = Open;
    type Error = StatusCode;

    async fn load(token: &Verified<Open>, _: &App) -> Result<Option<Self>, StatusCode> {
        let name = token.subject().filter(|name| *name == "alice");
        Ok(name.map(|name| Self {
            name: name.to_owned(),
        }))
    }
}

async fn current_user(world: &World, name: &'static str) -> Reply {
    let app = Router::new()
        .route("/", get(async |user: CurrentUser<Person>| user.name.clone()))
        .with_state(world.app.clone());
    let token = world.tokens.create_access_token(&user(name)).unwrap();
    let request = Request::builder().header("authorization", bearer(&token));
    send(app, request.body(Body::empty()).unwrap()).await
}

/// A user type without a look-up does not compile: `tests/compile_fail/user_without_look_up.rs`.
#[test]
fn test_no_user_lookup_loader_specified() {
    let pinned = include_str!("../compile_fail/user_without_look_up.stderr");
    let reason = "`User` cannot be looked up in an application with the state `Auth<Access>`";
    assert!(pinned.contains(reason));
}

#[tokio::test]
async fn test_load_valid_user() {
    let reply = current_user(&World::new(), "alice").await;
    assert_eq!((reply.status, &*reply.body), (200, "alice"));
}

/// Differs: the answer does not repeat the name.
#[tokio::test]
async fn test_load_invalid_user() {
    let reply = current_user(&World::new(), "mallory").await;
    reply.assert_refused(401, "user_unknown", "The token's user is not known");
}

#[tokio::test]
async fn test_custom_user_lookup_errors() {
    let reply = current_user(&World::new().access(replaced), "mallory").await;
    assert_eq!(
        (reply.status, reply.body),
        (401, json!({ "oops": "user_unknown" }).to_string())
    );
}
