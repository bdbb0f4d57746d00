use std::time::{Duration, SystemTime};

use axum::{
    Router,
    routing::{get, post},
};
use jeton::Verified;
use jeton_axum::{Authorized, Denied, Policy, SignedIn};

use crate::support::{Access, World, request, send, with_bearer};

struct Admin;

impl Policy for Admin {
    type Claims = Access;

    fn allows(token: &Verified<Access>, _now: SystemTime) -> Result<(), Denied> {
        if token.claims().roles.iter().any(|role| role == "admin") {
            Ok(())
        } else {
            Err(Denied::Role)
        }
    }
}

struct Writes;

impl Policy for Writes {
    type Claims = Access;

    fn allows(_: &Verified<Access>, _: SystemTime) -> Result<(), Denied> {
        Err(Denied::Scope("notes:write"))
    }
}

const FRESH_FOR: Duration = Duration::from_mins(5);

struct Fresh;

impl Policy for Fresh {
    type Claims = Access;

    fn allows(token: &Verified<Access>, now: SystemTime) -> Result<(), Denied> {
        let signed_in = SystemTime::UNIX_EPOCH + Duration::from_secs(token.claims().auth_time);
        if now <= signed_in + FRESH_FOR {
            Ok(())
        } else {
            Err(Denied::Stale { max_age: FRESH_FOR })
        }
    }
}

async fn subject<P: Policy>(token: Authorized<P>) -> String {
    token.subject().unwrap().to_owned()
}

fn app(world: &World) -> Router {
    Router::new()
        .route("/admin", get(subject::<Admin>))
        .route("/notes", post(subject::<Writes>))
        .route("/pay", get(subject::<Fresh>))
        .with_state(world.auth.clone())
}

fn admin(world: &World) -> String {
    world.token_of(Access {
        roles: vec!["reader".to_owned(), "admin".to_owned()],
        ..Access::default()
    })
}

#[tokio::test]
async fn the_handler_sees_the_token_the_policy_allowed() {
    let world = World::new();
    send(app(&world), with_bearer("/admin", &admin(&world)))
        .await
        .assert_ok("alice");
}

#[tokio::test]
async fn a_missing_role_is_403_insufficient_scope() {
    let world = World::new();
    let reply = send(app(&world), with_bearer("/admin", &world.token())).await;
    reply.assert_refused(403, "insufficient_scope", "The token's user may not do this");
    let challenge = r#"Bearer realm="api", error="insufficient_scope", error_description="The token's user may not do this""#;
    assert_eq!(reply.challenge(), challenge);
}

#[tokio::test]
async fn a_missing_scope_is_named_in_the_challenge() {
    let world = World::new();
    let headers = [("authorization", &*format!("Bearer {}", world.token()))];
    let reply = send(app(&world), request("POST", "/notes", &headers)).await;
    reply.assert_refused(403, "insufficient_scope", "The token does not cover this");
    assert!(
        reply.challenge().ends_with(r#", scope="notes:write""#),
        "{}",
        reply.challenge()
    );
}

#[tokio::test]
async fn an_old_sign_in_gets_the_challenge_of_rfc_9470() {
    let world = World::new();
    let auth_time = world
        .clock
        .now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let token = world.token_of(Access {
        auth_time,
        ..Access::default()
    });
    world.clock.pass(FRESH_FOR);
    send(app(&world), with_bearer("/pay", &token))
        .await
        .assert_ok("alice");

    world.clock.pass(Duration::from_secs(1));
    let reply = send(app(&world), with_bearer("/pay", &token)).await;
    reply.assert_refused(
        401,
        "insufficient_user_authentication",
        "Sign in again to do this",
    );
    let challenge = r#"Bearer realm="api", error="insufficient_user_authentication", error_description="Sign in again to do this", max_age="300""#;
    assert_eq!(reply.challenge(), challenge);
}

#[tokio::test]
async fn without_a_token_no_policy_is_asked() {
    let world = World::new();
    for path in ["/admin", "/pay"] {
        let reply = send(app(&world), request("GET", path, &[])).await;
        reply.assert_refused(401, "token_missing", "Token is missing");
    }
}

#[tokio::test]
async fn a_layer_guards_every_route_under_it_and_no_other() {
    let world = World::new();
    let app = Router::new()
        .route("/one", get(async || "one"))
        .route("/two", get(async || "two"))
        .route_layer(world.auth.require::<Admin>())
        .route("/open", get(async || "open"));
    for path in ["/one", "/two"] {
        send(app.clone(), with_bearer(path, &admin(&world)))
            .await
            .assert_ok(&path[1..]);
        let reply = send(app.clone(), with_bearer(path, &world.token())).await;
        reply.assert_refused(403, "insufficient_scope", "The token's user may not do this");
        let reply = send(app.clone(), request("GET", path, &[])).await;
        reply.assert_refused(401, "token_missing", "Token is missing");
    }
    send(app.clone(), request("GET", "/open", &[]))
        .await
        .assert_ok("open");
    assert_eq!(send(app, request("GET", "/nowhere", &[])).await.status, 404);
}

#[tokio::test]
async fn signed_in_asks_for_a_good_token_and_no_more() {
    let world = World::new();
    let app = Router::new()
        .route("/", get(async || "served"))
        .route_layer(world.auth.require::<SignedIn<Access>>());
    send(app.clone(), with_bearer("/", &world.token()))
        .await
        .assert_ok("served");
    let reply = send(app, with_bearer("/", "junk")).await;
    reply.assert_refused(401, "invalid_token", "Invalid token");
}

#[tokio::test]
async fn an_outer_layer_does_not_answer_for_an_inner_policy() {
    let world = World::new();
    let app = Router::new()
        .route("/", get(subject::<Admin>))
        .route_layer(world.auth.require::<SignedIn<Access>>())
        .with_state(world.auth.clone());
    let reply = send(app, with_bearer("/", &world.token())).await;
    reply.assert_refused(403, "insufficient_scope", "The token's user may not do this");
}
