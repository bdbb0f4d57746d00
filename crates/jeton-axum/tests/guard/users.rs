use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Extension, Router, extract::FromRef, middleware::from_extractor_with_state, routing::get};
use http::StatusCode;
use jeton::Verified;
use jeton_axum::{Auth, CurrentUser, LoadUser};

use crate::support::{AUDIENCE, Access, World, issuer, key, request, send, with_bearer};

struct User {
    name: String,
}

#[derive(Clone)]
struct App {
    auth: Auth<Access>,
    looked_up: Arc<AtomicUsize>,
}

impl FromRef<App> for Auth<Access> {
    fn from_ref(app: &App) -> Self {
        app.auth.clone()
    }
}

impl LoadUser<App> for User {
    type Claims = Access;
    type Error = StatusCode;

    async fn load(token: &Verified<Access>, app: &App) -> Result<Option<Self>, StatusCode> {
        app.looked_up.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        match token.subject() {
            Some("broken") => Err(StatusCode::BAD_GATEWAY),
            Some("gone") => Ok(None),
            name => Ok(name.map(|name| Self {
                name: name.to_uppercase(),
            })),
        }
    }
}

fn app(world: &World) -> (Router, Arc<AtomicUsize>) {
    let state = App {
        auth: world.auth.clone(),
        looked_up: Arc::default(),
    };
    let looked_up = Arc::clone(&state.looked_up);
    let twice = async |one: CurrentUser<User>, two: CurrentUser<User>| {
        assert!(Arc::ptr_eq(&one.0, &two.0));
        one.name.clone()
    };
    let below = async |Extension(user): Extension<CurrentUser<User>>| user.name.clone();
    let layered = Router::new()
        .route("/below", get(below))
        .route_layer(from_extractor_with_state::<CurrentUser<User>, _>(state.clone()));
    (
        Router::new()
            .route("/", get(twice))
            .merge(layered)
            .with_state(state),
        looked_up,
    )
}

fn token_of(world: &World, subject: &str) -> String {
    issuer(key(7))
        .issue_at(subject, AUDIENCE, Access::default(), world.clock.now())
        .unwrap()
}

#[tokio::test]
async fn the_user_is_looked_up_once_for_everyone_who_asks() {
    let world = World::new();
    let (app, looked_up) = app(&world);
    send(app, with_bearer("/", &token_of(&world, "alice")))
        .await
        .assert_ok("ALICE");
    assert_eq!(looked_up.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_layer_shows_the_user_to_everything_below() {
    let world = World::new();
    let (app, _) = app(&world);
    send(app.clone(), with_bearer("/below", &token_of(&world, "alice")))
        .await
        .assert_ok("ALICE");
    assert_eq!(
        send(app, with_bearer("/below", &token_of(&world, "gone")))
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_token_about_nobody_is_refused_without_naming_them() {
    let world = World::new();
    let (app, _) = app(&world);
    let reply = send(app, with_bearer("/", &token_of(&world, "gone"))).await;
    reply.assert_refused(401, "user_unknown", "The token's user is not known");
    assert!(reply.challenge().contains(r#"error="invalid_token""#) && !reply.challenge().contains("gone"));
}

#[tokio::test]
async fn a_failing_look_up_answers_for_itself() {
    let world = World::new();
    let (app, _) = app(&world);
    assert_eq!(
        send(app, with_bearer("/", &token_of(&world, "broken")))
            .await
            .status,
        502
    );
}

#[tokio::test]
async fn without_a_good_token_nobody_is_looked_up() {
    let world = World::new();
    let (app, looked_up) = app(&world);
    assert_eq!(send(app.clone(), with_bearer("/", "junk")).await.status, 401);
    assert_eq!(
        send(app, crate::support::request("GET", "/", &[])).await.status,
        401
    );
    assert_eq!(looked_up.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_user_may_be_optional() {
    let world = World::new();
    let state = App {
        auth: world.auth.clone(),
        looked_up: Arc::default(),
    };
    let who =
        async |user: Option<CurrentUser<User>>| user.map_or("nobody".to_owned(), |user| user.name.clone());
    let app = Router::new().route("/", get(who)).with_state(state);
    let ask = async |request| send(app.clone(), request).await;
    ask(request("GET", "/", &[])).await.assert_ok("nobody");
    ask(with_bearer("/", &token_of(&world, "alice")))
        .await
        .assert_ok("ALICE");
    for (token, code) in [
        (token_of(&world, "gone"), "user_unknown"),
        ("a.b.c".to_owned(), "invalid_token"),
    ] {
        let reply = ask(with_bearer("/", &token)).await;
        assert_eq!(
            (reply.status.as_u16(), reply.body.contains(code)),
            (401, true),
            "{code}"
        );
    }
}
