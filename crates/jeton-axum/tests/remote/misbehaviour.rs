use std::time::{Duration, Instant};

use http::StatusCode;
use jeton::{KeyError, testkit::TestIssuer};
use jeton_axum::{Event, FetchError};
use tokio::time::sleep;

use crate::server::{Access, COOLDOWN, Manner, TIMEOUT, World, jwks, serving, until};

fn answer(body: &str) -> Manner {
    Manner::Answer(String::new(), body.to_owned())
}

fn redirect() -> Manner {
    Manner::Status(StatusCode::FOUND, "Location: /elsewhere\r\n".to_owned())
}

/// Every manner of failing, and what is made of it.
fn manners() -> Vec<(Manner, Option<FetchError>)> {
    let status = |code| Manner::Status(StatusCode::from_u16(code).unwrap(), String::new());
    let large = Manner::Answer(String::new(), " ".repeat(300 * 1024));
    let secret = r#"{"keys":[{"kty":"oct","alg":"HS256","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJw"}]}"#;
    vec![
        (Manner::Silence, Some(FetchError::Timeout)),
        (Manner::Dribble, Some(FetchError::Timeout)),
        (Manner::BrokenOff, Some(FetchError::Connection)),
        (Manner::Endless, Some(FetchError::TooLarge)),
        (large, Some(FetchError::TooLarge)),
        (redirect(), Some(FetchError::Status(302))),
        (status(500), Some(FetchError::Status(500))),
        (status(404), Some(FetchError::Status(404))),
        (status(304), Some(FetchError::Status(304))),
        (answer(r#"{"keys":[]}"#), Some(FetchError::NoKeys)),
        (answer(r#"{"keys":[{"kty":"odd"}]}"#), Some(FetchError::NoKeys)),
        (answer(secret), Some(FetchError::Symmetric)),
        (answer("<html>"), None),
        (answer(""), None),
        (answer("[]"), None),
    ]
}

fn failure(event: Option<Event>) -> FetchError {
    match event {
        Some(Event::Failed(error)) => error,
        other => unreachable!("{other:?}"),
    }
}

#[tokio::test]
async fn known_keys_keep_verifying_and_nobody_waits() {
    for (manner, expected) in manners() {
        let world = World::with(|builder| builder.refresh_every(COOLDOWN)).await;
        assert_eq!(world.ask(&world.token()).await, "ok");
        let bad = manner.clone();
        world.server.now(move |_| bad.clone());
        let is_failure = |event: &Event| matches!(event, Event::Failed(_));
        until(|| {
            let start = Instant::now();
            assert!(world.auth.check(&world.token()).is_ok(), "{manner:?}");
            assert!(start.elapsed() < Duration::from_millis(400), "{manner:?}");
            world.events().iter().any(is_failure)
        })
        .await;
        let error = failure(world.events().into_iter().find(is_failure));
        match expected {
            Some(expected) => assert_eq!(error, expected, "{manner:?}"),
            None => assert!(matches!(error, FetchError::Keys(_)), "{manner:?}: {error:?}"),
        }
        // And back to normal.
        world.issuer.rotate().unwrap();
        world.server.now(serving(&world.issuer));
        until(|| world.auth.check(&world.token()).is_ok()).await;
    }
}

#[tokio::test]
async fn before_the_first_keys_requests_get_503_within_the_limit() {
    for manner in [
        Manner::Silence,
        Manner::Dribble,
        Manner::BrokenOff,
        redirect(),
        answer("{}"),
    ] {
        let world = World::new().await;
        let bad = manner.clone();
        world.server.now(move |_| bad.clone());
        let start = Instant::now();
        assert_eq!(world.ask(&world.token()).await, "keys_unavailable", "{manner:?}");
        assert!(
            start.elapsed() < TIMEOUT + Duration::from_millis(800),
            "{manner:?}"
        );
        // Those who come after do not even wait, until the next attempt.
        let start = Instant::now();
        assert_eq!(world.ask(&world.token()).await, "keys_unavailable");
        assert!(start.elapsed() < TIMEOUT + Duration::from_millis(800));
        world.server.now(serving(&world.issuer));
        until(|| world.auth.check(&world.token()).is_ok()).await;
    }
}

#[tokio::test]
async fn a_dead_server_is_an_unavailable_one() {
    let world = World::with(|builder| builder).await;
    let issuer = TestIssuer::new("https://id.example").unwrap();
    // Nobody listens there any more.
    let gone = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}/jwks", listener.local_addr().unwrap())
    };
    let keys = jeton_axum::RemoteKeys::at(gone, crate::server::rules());
    let keys = crate::server::quick(keys, &issuer, &world.events)
        .build()
        .unwrap();
    assert!(!keys.warm_up().await);
    assert_eq!(world.events(), [Event::Failed(FetchError::Connection)]);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let world = World::new().await;
    let issuer = world.issuer.clone();
    world.server.now(move |path| {
        if path == "/jwks" {
            redirect()
        } else {
            answer(&jwks(&issuer))
        }
    });
    assert_eq!(world.ask(&world.token()).await, "keys_unavailable");
    assert!(
        world
            .server
            .requests()
            .iter()
            .all(|head| head.starts_with("GET /jwks "))
    );
}

#[tokio::test]
async fn kept_keys_are_not_kept_for_ever() {
    let world = World::with(|builder| builder.keep_for(Duration::from_mins(10))).await;
    let token = world.token();
    assert_eq!(world.ask(&token).await, "ok");
    world
        .server
        .now(|_| Manner::Status(StatusCode::BAD_GATEWAY, String::new()));
    sleep(COOLDOWN).await;
    world.issuer.clock().advance(Duration::from_mins(10));
    assert_eq!(world.ask(&token).await, "ok");
    world.issuer.clock().advance(Duration::from_secs(1));
    assert_eq!(world.ask(&token).await, "keys_unavailable");
    world.server.now(serving(&world.issuer));
    until(|| world.auth.check(&token).is_ok()).await;
}

#[tokio::test]
async fn kept_keys_are_not_kept_for_ever_for_remembered_tokens() {
    let mut world = World::with(|builder| builder.keep_for(Duration::from_mins(10))).await;
    world.auth = world.auth.cached(10);
    let token = world.token();
    assert_eq!((world.ask(&token).await, world.ask(&token).await), ("ok", "ok"));
    world
        .server
        .now(|_| Manner::Status(StatusCode::BAD_GATEWAY, String::new()));
    world
        .issuer
        .clock()
        .advance(Duration::from_mins(10) + Duration::from_secs(1));
    assert_eq!(world.ask(&token).await, "keys_unavailable");
}

#[tokio::test]
async fn one_bad_key_does_not_spoil_its_set() {
    let world = World::new().await;
    let good = jwks(&world.issuer);
    let set = good.replacen(
        '[',
        r#"[{"kty":"RSA","kid":"broken","alg":"RS256","n":"AQAB","e":"Aw"},{"kty":"odd"},"#,
        1,
    );
    world.server.now(move |_| answer(&set));
    assert_eq!(world.ask(&world.token()).await, "ok");
    assert_eq!(world.events(), [Event::Fetched { keys: 1, skipped: 2 }]);
}

#[tokio::test]
async fn a_server_that_flaps_is_followed_when_it_is_there() {
    let world = World::new().await;
    assert_eq!(world.ask(&world.token()).await, "ok");
    for _ in 0..2 {
        world.server.now(|_| Manner::BrokenOff);
        world.issuer.rotate().unwrap();
        sleep(COOLDOWN).await;
        assert_eq!(world.ask(&world.token()).await, "invalid_token");
        world.server.now(serving(&world.issuer));
        until(|| {
            world.auth.check(&world.token()).is_ok() || {
                // Only a token that names the key asks for it.
                let (auth, token) = (world.auth.clone(), world.token());
                tokio::spawn(async move { auth.check_async(&token).await.is_ok() });
                false
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_request_that_goes_away_does_not_stop_the_fetch() {
    let world = World::new().await;
    let issuer = world.issuer.clone();
    {
        let (auth, token) = (world.auth.clone(), world.token());
        let asking = tokio::spawn(async move { auth.check_async(&token).await.is_ok() });
        tokio::task::yield_now().await;
        asking.abort();
    }
    until(|| {
        world
            .auth
            .check(&issuer.token("alice", "api", &Access {}).unwrap())
            .is_ok()
    })
    .await;
}

#[tokio::test]
async fn a_hook_that_panics_holds_nobody_up() {
    let world =
        World::with(|builder| builder.on_event(|event| assert!(matches!(event, Event::CoolingDown)))).await;
    assert_eq!(world.ask(&world.token()).await, "ok");
    sleep(COOLDOWN).await;
    world.issuer.rotate().unwrap();
    assert_eq!(world.ask(&world.token()).await, "ok");
}

#[test]
fn failures_name_no_address() {
    for error in [
        FetchError::Connection,
        FetchError::Timeout,
        FetchError::Keys(KeyError::DuplicateKid),
    ] {
        assert!(!error.to_string().contains("http"), "{error}");
    }
}
