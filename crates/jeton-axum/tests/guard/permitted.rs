//! Rules that look at the path and the state, and wait.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    extract::{FromRef, FromRequestParts, Path},
    middleware::from_extractor_with_state,
    routing::get,
};
use http::{StatusCode, request::Parts};
use jeton::Verified;
use jeton_axum::{Auth, Denied, NotPermitted, Permit, PermitRefused, Permitted};

use crate::support::{Access, World, request, send, with_bearer};

#[derive(Clone)]
struct App {
    auth: Auth<Access>,
    asked: Arc<AtomicUsize>,
}

impl FromRef<App> for Auth<Access> {
    fn from_ref(app: &App) -> Self {
        app.auth.clone()
    }
}

/// The note of this number, to whom it belongs.
#[derive(Debug)]
struct OwnNote {
    text: String,
}

impl Permit<App> for OwnNote {
    type Claims = Access;
    type Error = StatusCode;

    async fn permit(
        token: &Verified<Access>,
        request: &mut Parts,
        app: &App,
    ) -> Result<Self, NotPermitted<StatusCode>> {
        app.asked.fetch_add(1, Ordering::SeqCst);
        let Path(id) = Path::<u64>::from_request_parts(request, app)
            .await
            .map_err(|_| NotPermitted::Other(StatusCode::NOT_FOUND))?;
        tokio::task::yield_now().await;
        let owner = match id {
            1 => "alice",
            2 => "bob",
            3 => return Err(Denied::Scope("notes:old").into()),
            _ => return Err(NotPermitted::Other(StatusCode::BAD_GATEWAY)),
        };
        if token.subject() == Some(owner) {
            Ok(Self {
                text: format!("note {id}"),
            })
        } else {
            Err(Denied::Role.into())
        }
    }
}

fn app(world: &World) -> (Router, Arc<AtomicUsize>) {
    let state = App {
        auth: world.auth.clone(),
        asked: Arc::default(),
    };
    let asked = Arc::clone(&state.asked);
    let layered = Router::new()
        .route("/layered/{id}", get(async || "served"))
        .route_layer(from_extractor_with_state::<Permitted<OwnNote>, _>(state.clone()));
    let router = Router::new()
        .route(
            "/notes/{id}",
            get(async |note: Permitted<OwnNote>| note.text.clone()),
        )
        .route(
            "/taken/{id}",
            get(async |note: Permitted<OwnNote>| note.into_inner().text),
        )
        .merge(layered)
        .with_state(state);
    (router, asked)
}

#[tokio::test]
async fn the_handler_gets_what_the_rule_has_looked_up() {
    let world = World::new();
    let (app, asked) = app(&world);
    for (path, body) in [
        ("/notes/1", "note 1"),
        ("/taken/1", "note 1"),
        ("/layered/1", "served"),
    ] {
        send(app.clone(), with_bearer(path, &world.token()))
            .await
            .assert_ok(body);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn what_it_does_not_permit_the_guard_refuses() {
    let world = World::new();
    let (app, _) = app(&world);
    for path in ["/notes/2", "/layered/2"] {
        let reply = send(app.clone(), with_bearer(path, &world.token())).await;
        reply.assert_refused(403, "insufficient_scope", "The token's user may not do this");
    }
    let reply = send(app, with_bearer("/notes/3", &world.token())).await;
    reply.assert_refused(403, "insufficient_scope", "The token does not cover this");
    assert!(reply.challenge().ends_with(r#"scope="notes:old""#));
}

#[tokio::test]
async fn what_is_neither_yes_nor_no_the_application_answers() {
    let world = World::new();
    let (app, _) = app(&world);
    for (path, status) in [("/notes/4", 502), ("/notes/none", 404)] {
        let reply = send(app.clone(), with_bearer(path, &world.token())).await;
        assert_eq!((reply.status.as_u16(), &*reply.body), (status, ""), "{path}");
    }
}

#[tokio::test]
async fn without_a_good_token_nobody_asks_it() {
    let world = World::new();
    let (app, asked) = app(&world);
    let reply = send(app.clone(), request("GET", "/notes/1", &[])).await;
    reply.assert_refused(401, "token_missing", "Token is missing");
    let reply = send(app, with_bearer("/notes/1", "junk")).await;
    reply.assert_refused(401, "invalid_token", "Invalid token");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_handler_may_take_the_reason_into_its_own_hands() {
    let world = World::new();
    let state = App {
        auth: world.auth.clone(),
        asked: Arc::default(),
    };
    let handler = async |note: Result<Permitted<OwnNote>, PermitRefused<StatusCode>>| match note {
        Ok(note) => note.text.clone(),
        Err(PermitRefused::Token(refused)) => refused.rejection().code().to_owned(),
        Err(PermitRefused::Other(status)) => status.to_string(),
    };
    let app = Router::new().route("/{id}", get(handler)).with_state(state);
    for (path, body) in [
        ("/1", "note 1"),
        ("/2", "insufficient_scope"),
        ("/4", "502 Bad Gateway"),
    ] {
        send(app.clone(), with_bearer(path, &world.token()))
            .await
            .assert_ok(body);
    }
}
