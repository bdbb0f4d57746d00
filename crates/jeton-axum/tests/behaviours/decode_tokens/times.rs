//! When a token begins and ends.

use std::time::Duration;

use jeton::{Issuer, Verifier, VerifyError, danger, jws};
use jeton_axum::Rejection;
use serde_json::json;

use super::{QUARTER, decode, expecting, issued, now};
use crate::support::{AUDIENCE, ISSUER, Open, World, map, secret, user};

const SECOND: Duration = Duration::from_secs(1);

/// Differs: thirty seconds late is not late, unless it is said otherwise.
#[test]
fn test_expired_token() {
    let world = World::new();
    let (access, refresh) = (world.access_token(), world.refresh_token());
    let week = Duration::from_hours(7 * 24);
    world.clock.advance(QUARTER + Duration::from_secs(29));
    assert!(world.app.access.check(&access).is_ok());
    world.clock.advance(SECOND);
    let refused = world.app.access.check(&access).unwrap_err();
    assert_eq!(refused.code(), "token_expired");
    assert!(world.app.refresh.check(&refresh).is_ok());
    world.clock.advance(week);
    let refused = world.app.refresh.check(&refresh).unwrap_err();
    assert_eq!(refused.code(), "token_expired");
}

/// Differs: an expired token is read by verifying it for a time at which it was good, so that all else about it
/// is proved. `danger` proves nothing.
#[test]
fn test_allow_expired_token() {
    let world = World::new();
    let (token, refresh) = (world.access_token(), world.refresh_token());
    let forged = World::signing_with(secret(2)).access_token();
    world.clock.advance(QUARTER + Duration::from_hours(1));
    let (now, verifier) = (world.clock.now(), world.tokens.verifier());
    let ago = Duration::from_hours(1);
    assert_eq!(
        verifier.verify_at::<Open>(&token, now).unwrap_err(),
        VerifyError::Expired { ago }
    );

    let then = now - ago - SECOND;
    let read = verifier.verify_at::<Open>(&token, then).unwrap();
    assert_eq!((read.subject(), read.expires_at()), (Some("alice"), now - ago));
    for (unproved, why) in [
        (&forged, VerifyError::InvalidSignature),
        (&refresh, VerifyError::WrongType { expected: "at+jwt" }),
    ] {
        assert_eq!(verifier.verify_at::<Open>(unproved, then).unwrap_err(), why);
        let claims = danger::claims_without_verification::<Open>(unproved).unwrap();
        assert_eq!(claims.subject(), Some("alice"));
    }
}

/// Differs: every token ends. `exp` is required, and a hundred years are spelt out by who wants them.
#[test]
fn test_never_expire_token() {
    let world = World::new();
    let century = Duration::from_hours(24 * 365 * 100);
    let token = world
        .tokens
        .access_token(&user("alice"))
        .lifetime(century)
        .create()
        .unwrap()
        .text;
    assert!(world.app.access.check(&token).is_ok());
    let endless = map(json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "alice" }));
    let signer = jws::Signer::new(secret(1)).member("typ", "at+jwt");
    let endless = signer.sign(&serde_json::to_vec(&endless).unwrap()).unwrap();
    assert!(matches!(
        world.app.access.check(&endless),
        Err(Rejection::Invalid(VerifyError::MissingClaim(name))) if name == "exp"
    ));
}

#[test]
fn test_nbf_token_in_future() {
    let claims = Open::default();
    let issuer = Issuer::<Open>::new(secret(1), ISSUER, QUARTER);
    let strict = Verifier::builder(secret(1).verifying_key())
        .any_issuer()
        .any_audience()
        .leeway(Duration::ZERO)
        .build();
    for (verifier, leeway) in [(strict, 0), (expecting(None), 30)] {
        for (ahead, verdict) in [
            (0, Ok(())),
            (leeway, Ok(())),
            (leeway + 1, Err(VerifyError::NotYetValid)),
        ] {
            let begins = now() + Duration::from_secs(ahead);
            let draft = issuer.draft(&claims).subject("alice").not_before(begins);
            let token = draft.issue_at(now()).unwrap();
            let read = decode(&verifier, &token).map(|token| assert_eq!(token.not_before(), Some(begins)));
            assert_eq!(read, verdict, "{ahead} s ahead, {leeway} s of leeway");
        }
    }
}

#[test]
fn test_token_expires_time() {
    let (hour, two_hours) = (Duration::from_hours(1), Duration::from_hours(2));
    let mut world = World::new();
    world.tokens = world.tokens.access_lifetime(hour).refresh_lifetime(two_hours);
    let access = world.app.access.check(&world.access_token()).unwrap();
    let refresh = world.app.refresh.check(&world.refresh_token()).unwrap();
    let now = world.clock.now();
    assert_eq!(
        (access.expires_at(), refresh.expires_at()),
        (now + hour, now + two_hours)
    );
}

#[test]
fn test_nbf_is_present_by_default() {
    let world = World::new();
    let access = world.app.access.check(&world.fresh_token()).unwrap();
    let refresh = world.app.refresh.check(&world.refresh_token()).unwrap();
    let now = Some(world.clock.now());
    assert_eq!((access.not_before(), refresh.not_before()), (now, now));
}

/// Differs: `nbf` is written by an application's `Tokens` always, by an `Issuer` only when it is asked to.
#[test]
fn test_disable_nbf_encoding() {
    let world = World::new();
    let token = world.app.access.check(&world.access_token()).unwrap();
    assert_eq!(token.not_before(), Some(world.clock.now()));
    assert_eq!(decode(&expecting(None), &issued(&[])).unwrap().not_before(), None);
}
