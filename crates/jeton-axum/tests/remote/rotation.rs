use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, routing::get};
use http::{Request, StatusCode};
use jeton_axum::{Auth, Event, Issuers, Rejection, SignedIn};
use tokio::time::sleep;
use tower::ServiceExt;

use crate::server::{Access, COOLDOWN, Manner, World, jwks, rules, serving, until};

#[tokio::test]
async fn the_first_token_brings_the_keys() {
    let world = World::new().await;
    assert_eq!(world.server.count(), 0);
    assert_eq!(world.ask(&world.token()).await, "ok");
    assert_eq!(world.ask(&world.token()).await, "ok");
    assert_eq!(world.server.count(), 1);
    assert_eq!(world.events(), [Event::Fetched { keys: 1, skipped: 0 }]);
}

/// A layer answers at once where it can; here the first request has to wait for the keys.
#[tokio::test]
async fn the_first_token_brings_the_keys_to_a_layer_too() {
    let (alone, one_of_several) = (World::new().await, World::new().await);
    let issuers = Issuers::new();
    issuers.set("https://id.example", one_of_several.keys.clone());
    let several = Auth::new(issuers, one_of_several.issuer.clock().clone());
    for (auth, world) in [(alone.auth.clone(), alone), (several, one_of_several)] {
        let app = Router::new()
            .route("/", get(async || "served"))
            .route_layer(auth.require::<SignedIn<Access>>());
        let bearer = format!("Bearer {}", world.token());
        let request = Request::get("/").header("authorization", bearer);
        let response = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn who_does_not_wait_gets_no_guess() {
    let world = World::new().await;
    assert!(matches!(
        world.auth.check(&world.token()),
        Err(Rejection::KeysUnavailable)
    ));
    assert_eq!(world.keys.warm_up().await, Ok(()));
    assert!(world.auth.check(&world.token()).is_ok());
}

#[test]
fn without_a_runtime_there_is_no_panic() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    assert!(matches!(
        world.auth.check(&world.token()),
        Err(Rejection::KeysUnavailable)
    ));
}

#[tokio::test]
async fn many_who_wait_cause_one_fetch() {
    let world = World::new().await;
    let asked = (0..50).map(|_| {
        let (auth, token) = (world.auth.clone(), world.token());
        tokio::spawn(async move { auth.check_async(&token).await.is_ok() })
    });
    for asked in asked.collect::<Vec<_>>() {
        assert!(asked.await.unwrap());
    }
    assert_eq!(world.server.count(), 1);
}

#[tokio::test]
async fn a_new_key_is_fetched_when_a_token_names_it() {
    let world = World::new().await;
    let old = world.token();
    assert_eq!(world.ask(&old).await, "ok");
    world.issuer.rotate().unwrap();
    sleep(COOLDOWN).await;
    assert_eq!(world.ask(&world.token()).await, "ok");
    assert_eq!(world.ask(&old).await, "ok");
    assert_eq!(world.server.count(), 2);
}

#[tokio::test]
async fn a_key_that_is_gone_is_gone_also_for_remembered_tokens() {
    let mut world = World::new().await;
    world.auth = world.auth.cached(10);
    let old = world.token();
    assert_eq!((world.ask(&old).await, world.ask(&old).await), ("ok", "ok"));
    let other = jeton::testkit::TestIssuer::new("https://id.example").unwrap();
    other.rotate().unwrap();
    world.server.now(serving(&other));
    sleep(COOLDOWN).await;
    // Names a key that is not there, and so brings the new set.
    let new = other.token("alice", "api", &crate::server::Access {}).unwrap();
    assert_eq!(world.ask(&new).await, "ok");
    assert_eq!(world.ask(&old).await, "invalid_token");
}

#[tokio::test]
async fn a_flood_of_unknown_keys_causes_one_fetch_per_cooldown() {
    let world = World::new().await;
    assert_eq!(world.ask(&world.token()).await, "ok");
    let stranger = jeton::testkit::TestIssuer::new("https://id.example").unwrap();
    stranger.rotate().unwrap();
    let unknown = stranger.token("alice", "api", &crate::server::Access {}).unwrap();
    // As a retired key's tokens: it was looked for, so it is known not to be there.
    let start = tokio::time::Instant::now();
    while start.elapsed() < 3 * COOLDOWN {
        for _ in 0..20 {
            assert_eq!(world.ask(&unknown).await, "invalid_token");
        }
        sleep(Duration::from_millis(5)).await;
    }
    // The first one, and one at most in each cooldown that passed or began.
    let windows = start.elapsed().as_millis() / COOLDOWN.as_millis() + 1;
    let fetches = world.server.count() as u128;
    assert!(
        (2..=1 + windows).contains(&fetches),
        "{fetches} fetches in {windows} windows"
    );
}

#[tokio::test]
async fn a_flood_of_different_unknown_keys_uses_up_what_was_saved_and_then_one_fetch_per_cooldown() {
    let world = World::new().await;
    assert_eq!(world.ask(&world.token()).await, "ok");
    let strangers = Strangers::new();
    let start = tokio::time::Instant::now();
    let mut answers = Vec::new();
    for number in 0..40 {
        answers.push(world.ask(&strangers.token(number)).await);
    }
    let windows = start.elapsed().as_millis() / COOLDOWN.as_millis() + 1;
    let fetches = world.server.count() as u128;
    assert!(
        (2..=5 + windows).contains(&fetches),
        "{fetches} fetches in {windows} windows"
    );
    // Whoever was not looked for cannot be told from a new key.
    assert_eq!(answers[0], "invalid_token");
    assert!(answers.contains(&"keys_unavailable"), "{answers:?}");
    assert!(world.events().contains(&Event::CoolingDown));
    // The known key was served all along, and a new one is as soon as a look-up is free.
    assert_eq!(world.ask(&world.token()).await, "ok");
    world.issuer.rotate().unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while world.ask(&world.token()).await != "ok" {
        assert!(tokio::time::Instant::now() < deadline);
        sleep(COOLDOWN / 4).await;
    }
}

#[tokio::test]
async fn a_strangers_token_just_before_a_rotation_holds_nobody_up() {
    let world = World::with(|builder| builder.cooldown(Duration::from_mins(10))).await;
    assert_eq!(world.ask(&world.token()).await, "ok");
    let strangers = Strangers::new();
    assert_eq!(world.ask(&strangers.token(0)).await, "invalid_token");
    for _ in 0..50 {
        assert_eq!(world.ask(&strangers.token(0)).await, "invalid_token");
    }
    assert_eq!(
        world.server.count(),
        2,
        "what was looked for is not looked for again"
    );
    world.issuer.rotate().unwrap();
    assert_eq!(world.ask(&world.token()).await, "ok");
    assert_eq!(world.server.count(), 3);
}

#[tokio::test]
async fn an_unknown_key_cannot_be_judged_while_the_issuer_is_away() {
    let world = World::with(|builder| builder.cooldown(Duration::from_mins(10))).await;
    let known = world.token();
    assert_eq!(world.ask(&known).await, "ok");
    world.issuer.rotate().unwrap();
    for (manner, asked) in [(Manner::BrokenOff, 2), (Manner::BrokenOff, 2)] {
        world.server.now(move |_| manner.clone());
        assert_eq!(world.ask(&world.token()).await, "keys_unavailable");
        assert_eq!(
            world.server.count(),
            asked,
            "an issuer that is away is not hammered"
        );
    }
    assert_eq!(world.ask(&known).await, "ok");
}

#[tokio::test]
async fn a_fetch_that_began_before_the_rotation_is_not_the_last_word() {
    let world = World::new().await;
    assert_eq!(world.ask(&world.token()).await, "ok");
    // A server whose answer was made before the rotation, and comes when the token has.
    let (old, issuer) = (jwks(&world.issuer), world.issuer.clone());
    let (asked, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let (counted, opened) = (Arc::clone(&asked), Arc::clone(&gate));
    world.server.now(move |_| {
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            Manner::Held(Arc::clone(&opened), old.clone())
        } else {
            Manner::Answer(String::new(), jwks(&issuer))
        }
    });
    let stranger = Strangers::new().token(0);
    let (auth, first) = (world.auth.clone(), stranger);
    let first = tokio::spawn(async move { auth.check_async(&first).await.is_err() });
    until(|| asked.load(Ordering::SeqCst) == 1).await;
    world.issuer.rotate().unwrap();
    let (auth, token) = (world.auth.clone(), world.token());
    let second = tokio::spawn(async move { auth.check_async(&token).await.is_ok() });
    tokio::task::yield_now().await;
    gate.store(true, Ordering::SeqCst);
    assert!(second.await.unwrap());
    assert!(first.await.unwrap());
}

#[test]
fn the_end_of_a_runtime_does_not_end_the_fetching() {
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let serving_on = runtime();
    let first = runtime();
    let world = serving_on.block_on(World::with(|builder| builder.refresh_every(COOLDOWN)));
    assert_eq!(first.block_on(world.ask(&world.token())), "ok");
    drop(first);
    let second = runtime();
    let fetched = world.server.count();
    second.block_on(async {
        assert_eq!(world.ask(&world.token()).await, "ok");
        until(|| world.server.count() > fetched + 1).await;
    });
}

/// Tokens under names that no key of the issuer bears.
struct Strangers(Vec<String>);

impl Strangers {
    fn new() -> Self {
        let stranger = jeton::testkit::TestIssuer::new("https://id.example").unwrap();
        // The first names are the issuer's own.
        (0..10).for_each(|_| stranger.rotate().unwrap());
        let tokens = (0..40).map(|_| {
            stranger.rotate().unwrap();
            stranger.token("alice", "api", &crate::server::Access {}).unwrap()
        });
        Self(tokens.collect())
    }

    fn token(&self, number: usize) -> String {
        self.0[number].clone()
    }
}

#[tokio::test]
async fn keys_are_asked_for_again_before_they_are_too_old() {
    let world = World::new().await;
    let issuer = world.issuer.clone();
    world
        .server
        .now(move |_| Manner::Answer("Cache-Control: public, max-age=0\r\n".into(), jwks(&issuer)));
    assert_eq!(world.ask(&world.token()).await, "ok");
    world.issuer.rotate().unwrap();
    let server = world.server.clone();
    until(move || server.count() >= 2).await;
    until(|| world.auth.check(&world.token()).is_ok()).await;
}

#[tokio::test]
async fn an_interval_of_ones_own_serves_where_the_issuer_says_nothing() {
    let world = World::with(|builder| builder.refresh_every(COOLDOWN * 2)).await;
    assert_eq!(world.ask(&world.token()).await, "ok");
    let server = world.server.clone();
    until(move || server.count() >= 3).await;
}

#[tokio::test]
async fn an_etag_asks_for_news_only() {
    let world = World::with(|builder| builder.refresh_every(COOLDOWN)).await;
    let issuer = world.issuer.clone();
    world
        .server
        .now(move |_| Manner::Answer("ETag: \"one\"\r\n".into(), jwks(&issuer)));
    assert_eq!(world.ask(&world.token()).await, "ok");
    world
        .server
        .now(|_| Manner::Status(StatusCode::NOT_MODIFIED, String::new()));
    until(|| world.events().contains(&Event::Unchanged)).await;
    let requests = world.server.requests();
    assert!(!requests[0].to_lowercase().contains("if-none-match"));
    assert!(
        requests[1].to_lowercase().contains("if-none-match: \"one\""),
        "{}",
        requests[1]
    );
    assert_eq!(world.ask(&world.token()).await, "ok");
}

#[tokio::test]
async fn nobody_asks_for_keys_that_nobody_uses() {
    let world = World::with(|builder| builder.refresh_every(COOLDOWN)).await;
    assert_eq!(world.ask(&world.token()).await, "ok");
    let World {
        server, auth, keys, ..
    } = world;
    drop((auth, keys));
    sleep(COOLDOWN * 3).await;
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn one_of_several_issuers_may_be_remote() {
    let world = World::new().await;
    let issuers = Issuers::new();
    issuers.set("https://id.example", world.keys.clone());
    issuers.set("https://other.example", rules());
    let auth = Auth::<crate::server::Access>::new(issuers, world.issuer.clock().clone());
    assert!(auth.check_async(&world.token()).await.is_ok());
    assert_eq!(world.server.count(), 1);
}

#[tokio::test]
async fn keys_the_issuer_says_are_the_same_count_as_fetched() {
    let keep_for = Duration::from_mins(10);
    let world = World::with(|builder| builder.refresh_every(COOLDOWN).keep_for(keep_for)).await;
    let issuer = world.issuer.clone();
    world
        .server
        .now(move |_| Manner::Answer("ETag: \"one\"\r\n".into(), jwks(&issuer)));
    let token = world.token();
    assert_eq!(world.ask(&token).await, "ok");
    world.issuer.clock().advance(Duration::from_mins(9));
    world
        .server
        .now(|_| Manner::Status(StatusCode::NOT_MODIFIED, String::new()));
    until(|| world.events().contains(&Event::Unchanged)).await;
    world.server.now(|_| Manner::Silence);
    world.issuer.clock().advance(Duration::from_mins(5));
    assert!(world.auth.check(&token).is_ok());
}
