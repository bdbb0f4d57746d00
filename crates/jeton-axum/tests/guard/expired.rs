//! What the hook for refusals learns of a token that has expired.

use std::time::Duration;

use axum::response::IntoResponse;
use jeton::{Claims, Issuer, SigningKey, Verifier};
use jeton_axum::{Auth, Issuers, Rejection};
use serde::Deserialize;

use crate::support::{AUDIENCE, Access, ISSUER, LIFETIME, World, issuer, key, send, verifier, with_bearer};

const LATE: Duration = Duration::from_hours(20);

#[derive(Deserialize)]
struct Other {}

impl Claims for Other {
    const TYP: &'static str = "other";
}

/// A guard that answers with what an expired token said.
fn talking(auth: Auth<Access>) -> Auth<Access> {
    auth.rejections(|rejection| {
        let Rejection::Expired(expired) = rejection else {
            return rejection.code().into_response();
        };
        let Some(token) = expired.token::<Access>() else {
            return "an expired token that was never good".into_response();
        };
        assert!(expired.token::<Other>().is_none());
        let said = (token.issuer(), token.subject(), token.id(), &token.claims().roles);
        let header = serde_json::Value::Object(token.header().0.clone());
        format!("{said:?} {header}").into_response()
    })
}

fn signed_by(key: SigningKey, world: &World) -> String {
    let claims = Access {
        roles: vec!["editor".to_owned()],
        ..Access::default()
    };
    let issuer = issuer(key);
    let draft = issuer.draft(&claims).subject("alice").audience(AUDIENCE).id("7");
    draft.issue_at(world.clock.now()).unwrap()
}

const SAID: &str =
    r#"(Some("https://id.example"), Some("alice"), Some("7"), ["editor"]) {"alg":"HS256","typ":"at+jwt"}"#;

#[tokio::test]
async fn an_expired_token_is_read_as_it_was_good() {
    for cached in [false, true] {
        let world = World::new().with(talking);
        let world = world.with(|auth| if cached { auth.cached(16) } else { auth });
        let token = signed_by(key(7), &world);
        send(world.app(), with_bearer("/me", &token))
            .await
            .assert_ok("alice");
        world.clock.pass(LATE);
        for path in ["/me", "/feed"] {
            let reply = send(world.app(), with_bearer(path, &token)).await;
            assert_eq!((reply.status.as_u16(), &*reply.body), (401, SAID));
            assert!(reply.challenge().contains(r#"error="invalid_token""#));
        }
    }
}

#[tokio::test]
async fn a_token_of_one_of_several_issuers_is_read_too() {
    let issuers = Issuers::new();
    issuers.set(ISSUER, verifier(&key(7)));
    let world = World::with_verifiers(issuers).with(talking);
    let token = signed_by(key(7), &world);
    world.clock.pass(LATE);
    let reply = send(world.app(), with_bearer("/me", &token)).await;
    assert_eq!((reply.status.as_u16(), &*reply.body), (401, SAID));
}

#[tokio::test]
async fn nothing_is_read_of_a_token_that_was_never_good() {
    let world = World::new().with(talking);
    let now = world.clock.now();
    let elsewhere = Issuer::<Access>::new(key(7), ISSUER, LIFETIME)
        .issue_at("alice", "elsewhere", Access::default(), now)
        .unwrap();
    let forged = signed_by(key(8), &world);
    world.clock.pass(LATE);
    let reply = send(world.app(), with_bearer("/me", &forged)).await;
    assert_eq!((reply.status.as_u16(), &*reply.body), (401, "invalid_token"));
    let reply = send(world.app(), with_bearer("/me", &elsewhere)).await;
    assert_eq!(reply.status, 401);
    assert!(!reply.body.contains("alice"), "{}", reply.body);
}

/// A verifier without leeway refuses a token at its `exp`, and the second before is read.
#[tokio::test]
async fn a_strict_clock_makes_no_difference() {
    let strict = Verifier::builder(key(7).verifying_key())
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .leeway(Duration::ZERO)
        .build();
    let world = World::with_verifiers(strict).with(talking);
    let token = signed_by(key(7), &world);
    world.clock.pass(LIFETIME);
    let reply = send(world.app(), with_bearer("/me", &token)).await;
    assert_eq!((reply.status.as_u16(), &*reply.body), (401, SAID));
}

#[test]
fn a_rejection_made_from_an_error_knows_no_token() {
    let world = World::new();
    let token = world.token();
    world.clock.pass(LATE);
    let error = verifier(&key(7))
        .verify_at::<Access>(&token, world.clock.now())
        .unwrap_err();
    let Rejection::Expired(expired) = Rejection::from(error) else {
        panic!("expired");
    };
    assert!(expired.token::<Access>().is_none());
}

#[test]
fn no_token_shows_in_debug() {
    let world = World::new();
    let token = world.token();
    world.clock.pass(LATE);
    let rejection = world.auth.check(&token).unwrap_err();
    let Rejection::Expired(expired) = &rejection else {
        panic!("expired");
    };
    let shown = format!("{rejection:?} {:?}", expired.token::<Access>());
    assert_eq!(shown, "Expired(Expired { .. }) Some(ExpiredToken { .. })");
}
