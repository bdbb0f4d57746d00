use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use http::StatusCode;
use jeton::{
    Algorithm, KeyError, SigningKey,
    testkit::{Forge, TestIssuer},
};
use jeton_axum::{Event, FetchError, RemoteKeys};
use serde_json::json;
use tokio::time::sleep;

use crate::server::{
    AUDIENCE, AUTHORITY, Access, COOLDOWN, Manner, OTHER_AUTHORITY, Server, TIMEOUT, World, jwks, quick,
    rules, serving, until,
};

enum Expected {
    Is(FetchError),
    Status(u16),
}

fn answer(body: &str) -> Manner {
    Manner::Answer(String::new(), body.to_owned())
}

fn redirect() -> Manner {
    Manner::Status(StatusCode::FOUND, "Location: /elsewhere\r\n".to_owned())
}

fn status_of(world: &World, status: u16) -> FetchError {
    let url = format!("{}/jwks", world.server.url);
    FetchError::Status { url, status }
}

/// Every manner of failing, and what is made of it.
fn manners() -> Vec<(Manner, Option<Expected>)> {
    let status = |code| Manner::Status(StatusCode::from_u16(code).unwrap(), String::new());
    let large = Manner::Answer(String::new(), " ".repeat(300 * 1024));
    let secret = r#"{"keys":[{"kty":"oct","alg":"HS256","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJw"}]}"#;
    vec![
        (Manner::Silence, Some(Expected::Is(FetchError::Timeout))),
        (Manner::Dribble, Some(Expected::Is(FetchError::Timeout))),
        (Manner::BrokenOff, Some(Expected::Is(FetchError::Connection))),
        (Manner::Endless, Some(Expected::Is(FetchError::TooLarge))),
        (large, Some(Expected::Is(FetchError::TooLarge))),
        (redirect(), Some(Expected::Status(302))),
        (status(500), Some(Expected::Status(500))),
        (status(404), Some(Expected::Status(404))),
        (status(304), Some(Expected::Status(304))),
        (answer(r#"{"keys":[]}"#), Some(Expected::Is(FetchError::NoKeys))),
        (
            answer(r#"{"keys":[{"kty":"odd"}]}"#),
            Some(Expected::Is(FetchError::NoKeys)),
        ),
        (answer(secret), Some(Expected::Is(FetchError::Symmetric))),
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
            Some(Expected::Is(expected)) => assert_eq!(error, expected, "{manner:?}"),
            Some(Expected::Status(status)) => assert_eq!(error, status_of(&world, status), "{manner:?}"),
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
    assert_eq!(keys.warm_up().await, Err(FetchError::Connection));
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
async fn keys_of_different_kinds_may_share_a_name() {
    let world = World::new().await;
    let [es256, ed25519, another] = [Algorithm::Es256, Algorithm::Ed25519, Algorithm::Es256]
        .map(|algorithm| SigningKey::generate(algorithm).unwrap().with_kid("shared"));
    let set = |keys: &[&SigningKey]| {
        let public = keys.iter().map(|key| key.verifying_key().to_jwk().unwrap());
        let mut members: Vec<_> = public.map(|jwk| serde_json::to_value(jwk).unwrap()).collect();
        members.push(json!({ "kty": "RSA", "use": "enc", "kid": "shared" }));
        json!({ "keys": members }).to_string()
    };
    let alternatives = set(&[&es256, &ed25519]);
    world.server.now(move |_| answer(&alternatives));
    let claims = json!({ "iss": "https://id.example", "aud": AUDIENCE, "exp": 4_102_444_800_u64 });
    for key in [&es256, &ed25519] {
        let header = json!({ "alg": key.algorithm().name(), "typ": "at+jwt", "kid": "shared" });
        let token = Forge::new(header.to_string(), claims.to_string());
        let token = token.signed_by(key).unwrap();
        assert_eq!(world.ask(&token).await, "ok", "{header}");
    }
    assert_eq!(world.events(), [Event::Fetched { keys: 2, skipped: 1 }]);

    let alike = set(&[&es256, &another]);
    let world = World::new().await;
    world.server.now(move |_| answer(&alike));
    let refused = FetchError::Keys(KeyError::DuplicateKid);
    assert_eq!(world.keys.warm_up().await, Err(refused));
}

#[tokio::test]
async fn a_server_that_flaps_is_followed_when_it_is_there() {
    let world = World::new().await;
    assert_eq!(world.ask(&world.token()).await, "ok");
    for _ in 0..2 {
        world.server.now(|_| Manner::BrokenOff);
        world.issuer.rotate().unwrap();
        sleep(COOLDOWN).await;
        assert_eq!(world.ask(&world.token()).await, "keys_unavailable");
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
    let world = World::with(|builder| {
        builder
            .refresh_every(COOLDOWN)
            .on_event(|event| panic!("{event:?}"))
    })
    .await;
    assert_eq!(world.ask(&world.token()).await, "ok");
    sleep(COOLDOWN).await;
    world.issuer.rotate().unwrap();
    assert_eq!(world.ask(&world.token()).await, "ok");
    let fetched = world.server.count();
    until(|| world.server.count() > fetched + 1).await;
}

#[tokio::test]
async fn it_is_said_where_keys_are_waited_for_and_what_came_of_it() {
    let said = Arc::<Mutex<Vec<Event>>>::default();
    let heard = Arc::clone(&said);
    let world =
        World::with(|builder| builder.on_event(move |event| heard.lock().unwrap().push(event.clone()))).await;
    world
        .server
        .now(|_| Manner::Status(StatusCode::NOT_FOUND, String::new()));
    let error = world.keys.warm_up().await.unwrap_err();
    let url = format!("{}/jwks", world.server.url);
    assert_eq!(error.to_string(), format!("{url} answered with status 404"));
    let events = [Event::Asking { url }, Event::Failed(error)];
    assert_eq!(*said.lock().unwrap(), events);
}

#[tokio::test]
async fn an_address_is_named_without_what_is_secret_in_it() {
    let issuer = TestIssuer::new("https://id.example").unwrap();
    let server = Server::new(|_| Manner::Status(StatusCode::FORBIDDEN, String::new())).await;
    let with_secrets = server.url.replace("://", "://ada:hidden@") + "/jwks?key=hidden#hidden";
    let keys = RemoteKeys::at(with_secrets, rules());
    let keys = quick(keys, &issuer, &Arc::default()).build().unwrap();
    let error = keys.warm_up().await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hidden"), "{error:?}");
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_named() {
    let issuer = TestIssuer::new("https://id.example").unwrap();
    let server = Server::over_tls(serving(&issuer)).await;
    let at = |url: &str| RemoteKeys::at(format!("{url}/jwks"), rules()).clock(issuer.clock().clone());
    let strange = at(&server.url).build().unwrap();
    assert_eq!(strange.warm_up().await, Err(FetchError::Certificate));
    let other = at(&server.url).certificate_authority(OTHER_AUTHORITY);
    let other = other.build().unwrap();
    assert_eq!(other.warm_up().await, Err(FetchError::Certificate));
    let trusted = at(&server.url).certificate_authority(AUTHORITY).build().unwrap();
    assert_eq!(trusted.warm_up().await, Ok(()));
    // Vouched for, and of another name: the certificate is for 127.0.0.1 and localhost.
    let other = at(&server.url.replace("127.0.0.1", "127.0.0.2")).certificate_authority(AUTHORITY);
    let other = other.build().unwrap().warm_up().await.unwrap_err();
    assert!(
        matches!(other, FetchError::Certificate | FetchError::Connection),
        "{other:?}"
    );
}
