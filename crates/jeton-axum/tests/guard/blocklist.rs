use axum::{Router, routing::get};
use jeton::Verified;
use jeton_axum::{Bearer, Blocklist, Rejection, SignedIn, TokenStatus};

use crate::support::{Access, World, send, with_bearer};

/// Revokes by session, and makes everybody wait before it answers.
struct Slow;

impl Blocklist<Access> for Slow {
    async fn status(&self, token: &Verified<Access>) -> TokenStatus {
        tokio::task::yield_now().await;
        match token.claims().sid.as_deref() {
            Some("ended") => TokenStatus::Revoked,
            Some("lost") => TokenStatus::Unknown,
            _ => TokenStatus::Live,
        }
    }
}

/// Answers at once.
struct Quick;

impl Blocklist<Access> for Quick {
    async fn status(&self, _: &Verified<Access>) -> TokenStatus {
        TokenStatus::Revoked
    }
}

fn of(world: &World, sid: &str) -> String {
    let sid = Some(sid.to_owned());
    world.token_of(Access {
        sid,
        ..Access::default()
    })
}

#[tokio::test]
async fn extractors_wait_for_a_slow_list() {
    let world = World::new().with(|auth| auth.blocklist(Slow));
    for path in ["/me", "/feed"] {
        send(world.app(), with_bearer(path, &of(&world, "runs")))
            .await
            .assert_ok("alice");
        send(world.app(), with_bearer(path, &of(&world, "ended")))
            .await
            .assert_refused(401, "token_revoked", "Token has been revoked");
        assert_eq!(
            send(world.app(), with_bearer(path, &of(&world, "lost")))
                .await
                .status,
            503
        );
    }
}

#[tokio::test]
async fn the_layer_waits_for_a_slow_list() {
    let world = World::new().with(|auth| auth.blocklist(Slow));
    let app = Router::<()>::new()
        .route("/", get(async || "served"))
        .route_layer(world.auth.require::<SignedIn<Access>>());
    send(app.clone(), with_bearer("/", &of(&world, "runs")))
        .await
        .assert_ok("served");
    send(app, with_bearer("/", &of(&world, "ended")))
        .await
        .assert_refused(401, "token_revoked", "Token has been revoked");
}

#[tokio::test]
async fn a_question_without_waiting_is_no_guess() {
    let slow = World::new().with(|auth| auth.blocklist(Slow));
    assert!(matches!(
        slow.auth.check(&of(&slow, "runs")),
        Err(Rejection::Unavailable)
    ));
    assert!(slow.auth.check_async(&of(&slow, "runs")).await.is_ok());
    let quick = World::new().with(|auth| auth.blocklist(Quick));
    assert!(matches!(
        quick.auth.check(&quick.token()),
        Err(Rejection::Revoked)
    ));
}

#[tokio::test]
async fn the_list_in_memory_is_asked_first() {
    let world = World::new().with(|auth| {
        auth.blocklist(Slow)
            .revocations(|_: &Verified<Access>| TokenStatus::Revoked)
    });
    let lost = of(&world, "lost");
    send(world.app(), with_bearer("/me", &lost)).await.assert_refused(
        401,
        "token_revoked",
        "Token has been revoked",
    );
}

#[tokio::test]
async fn a_route_may_skip_the_question_and_no_other() {
    let world = World::new().with(|auth| {
        auth.blocklist(Slow)
            .revocations(|_: &Verified<Access>| TokenStatus::Revoked)
    });
    let who = get(async |Bearer(token): Bearer<Access>| token.subject().unwrap_or_default().to_owned());
    let app = world.app().merge(
        Router::new()
            .route("/who", who)
            .with_state(world.auth.clone().skip_revocations()),
    );
    let token = of(&world, "ended");
    send(app.clone(), with_bearer("/who", &token))
        .await
        .assert_ok("alice");
    assert_eq!(send(app.clone(), with_bearer("/me", &token)).await.status, 401);
    assert_eq!(send(app, with_bearer("/who", "junk")).await.status, 401);
}
