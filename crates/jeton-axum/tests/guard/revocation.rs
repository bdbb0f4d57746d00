use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, routing::get};
use jeton::Verified;
use jeton_axum::{Authorized, Bearer, Revocations, SignedIn, TokenStatus};

use crate::support::{Access, World, bearer, send, with_bearer};

fn revoking(status: TokenStatus) -> World {
    World::new().with(|auth| auth.revocations(move |_: &Verified<Access>| status))
}

#[tokio::test]
async fn a_live_token_passes() {
    let world = revoking(TokenStatus::Live);
    send(world.app(), with_bearer("/me", &world.token()))
        .await
        .assert_ok("alice");
}

#[tokio::test]
async fn a_revoked_token_is_refused_on_required_and_optional_routes() {
    let world = revoking(TokenStatus::Revoked);
    for path in ["/me", "/feed"] {
        let reply = send(world.app(), with_bearer(path, &world.token())).await;
        reply.assert_refused(401, "token_revoked", "Token has been revoked");
        let challenge =
            r#"Bearer realm="api", error="invalid_token", error_description="Token has been revoked""#;
        assert_eq!(reply.challenge(), challenge);
    }
}

#[tokio::test]
async fn a_stale_list_is_503_and_never_a_guess() {
    let world = revoking(TokenStatus::Unknown);
    let reply = send(world.app(), with_bearer("/me", &world.token())).await;
    let expected = "Revocations cannot be checked at the moment, try again shortly";
    reply.assert_refused(503, "revocation_stale", expected);
    assert_eq!(reply.header("www-authenticate"), None);
    assert_eq!(reply.header("retry-after"), Some("1"));
}

#[tokio::test]
async fn a_bad_token_is_bad_however_stale_the_list_is() {
    let world = revoking(TokenStatus::Unknown);
    let reply = world.get("/me", &[("authorization", "Bearer junk")]).await;
    reply.assert_refused(401, "invalid_token", "Invalid token");
}

#[tokio::test]
async fn the_list_sees_the_claims() {
    let world = World::new().with(|auth| {
        auth.revocations(|token: &Verified<Access>| match token.claims().sid.as_deref() {
            Some("ended") => TokenStatus::Revoked,
            _ => TokenStatus::Live,
        })
    });
    let of = |sid: &str| {
        world.token_of(Access {
            sid: Some(sid.to_owned()),
            ..Access::default()
        })
    };
    send(world.app(), with_bearer("/me", &of("running")))
        .await
        .assert_ok("alice");
    let reply = send(world.app(), with_bearer("/me", &of("ended"))).await;
    reply.assert_refused(401, "token_revoked", "Token has been revoked");
}

async fn greedy(
    _: Bearer<Access>,
    _: Option<Bearer<Access>>,
    _: Authorized<SignedIn<Access>>,
) -> &'static str {
    "served"
}

#[tokio::test]
async fn a_list_shared_with_the_application_can_be_asked() {
    struct Nobody;
    impl Revocations<Access> for Nobody {
        fn check(&self, _: &Verified<Access>) -> TokenStatus {
            TokenStatus::Revoked
        }
    }
    let shared: Arc<dyn Revocations<Access>> = Arc::new(Nobody);
    let world = World::new().with(|auth| auth.revocations(Arc::clone(&shared)));
    let reply = send(world.app(), with_bearer("/me", &world.token())).await;
    reply.assert_refused(401, "token_revoked", "Token has been revoked");
}

#[tokio::test]
async fn layers_and_extractors_together_judge_a_token_once() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let world = World::new().with(|auth| {
        auth.revocations(move |_: &Verified<Access>| {
            counter.fetch_add(1, Ordering::SeqCst);
            TokenStatus::Live
        })
    });
    let app = Router::new()
        .route("/", get(greedy))
        .route_layer(world.auth.require::<SignedIn<Access>>())
        .route_layer(world.auth.require::<SignedIn<Access>>())
        .with_state(world.auth.clone());
    send(app, with_bearer("/", &world.token()))
        .await
        .assert_ok("served");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_one_guard_proved_counts_for_nothing_at_another() {
    let world = World::new();
    let strict = world
        .auth
        .clone()
        .revocations(|_: &Verified<Access>| TokenStatus::Revoked);
    let app = Router::new()
        .route("/", get(async |_: Bearer<Access>| "served"))
        .route_layer(world.auth.require::<SignedIn<Access>>())
        .with_state(strict);
    let token = bearer(&world.token());
    let request = crate::support::request("GET", "/", &[("authorization", &token)]);
    send(app, request)
        .await
        .assert_refused(401, "token_revoked", "Token has been revoked");
}
