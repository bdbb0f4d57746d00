//! A remembered token skips the signature check and nothing else. Every test first shows that the token is
//! remembered: a hit hands out the very same allocation.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use jeton::{Verified, Verifier, VerifyError};
use jeton_axum::{Auth, Issuers, Rejection, TokenStatus};

use crate::support::{AUDIENCE, Access, ISSUER, LIFETIME, World, issuer, key, request, send, verifier};

fn remembering() -> World {
    World::new().with(|auth| auth.cached(100))
}

/// Whether the second look at a token was a hit.
fn is_shared(auth: &Auth<Access>, token: &str) -> bool {
    Arc::ptr_eq(&auth.check(token).unwrap(), &auth.check(token).unwrap())
}

#[test]
fn a_token_seen_before_is_handed_out_again() {
    let world = remembering();
    assert!(is_shared(&world.auth, &world.token()));
    let without = World::new();
    assert!(!is_shared(&without.auth, &without.token()));
}

#[test]
fn an_expired_token_is_refused_on_a_hit() {
    let world = remembering();
    let token = world.token();
    assert!(is_shared(&world.auth, &token));
    world.clock.pass(LIFETIME + Duration::from_secs(29));
    assert!(world.auth.check(&token).is_ok(), "the verifier's leeway");
    world.clock.pass(Duration::from_secs(1));
    assert!(matches!(world.auth.check(&token), Err(Rejection::Expired(_))));
}

#[test]
fn a_token_that_is_not_valid_yet_is_refused_on_a_hit() {
    let world = remembering();
    let begins = world.clock.now();
    let token = issuer(key(7))
        .draft(&Access::default())
        .audience(AUDIENCE)
        .not_before(begins)
        .issue_at(begins)
        .unwrap();
    assert!(is_shared(&world.auth, &token));
    world.clock.back(Duration::from_secs(31));
    assert!(matches!(world.auth.check(&token), Err(Rejection::Invalid(_))));
}

#[test]
fn a_token_revoked_since_is_refused_on_a_hit() {
    let status = Arc::new(AtomicU8::new(0));
    let list = Arc::clone(&status);
    let world = remembering().with(|auth| {
        auth.revocations(move |_: &Verified<Access>| match list.load(Ordering::SeqCst) {
            0 => TokenStatus::Live,
            1 => TokenStatus::Revoked,
            _ => TokenStatus::Unknown,
        })
    });
    let token = world.token();
    assert!(is_shared(&world.auth, &token));
    status.store(1, Ordering::SeqCst);
    assert!(matches!(world.auth.check(&token), Err(Rejection::Revoked)));
    status.store(2, Ordering::SeqCst);
    assert!(matches!(world.auth.check(&token), Err(Rejection::Unavailable)));
    status.store(0, Ordering::SeqCst);
    assert!(is_shared(&world.auth, &token));
}

#[test]
fn a_token_of_a_replaced_key_is_refused_on_a_hit() {
    let world = remembering();
    let token = world.token();
    assert!(is_shared(&world.auth, &token));
    world.auth.replace_verifier(verifier(&key(8)));
    assert!(matches!(world.auth.check(&token), Err(Rejection::Invalid(_))));
    world.auth.replace_verifier(verifier(&key(7)));
    assert!(is_shared(&world.auth, &token));
}

#[test]
fn a_token_of_an_issuer_that_left_is_refused_on_a_hit() {
    let issuers = Issuers::new();
    issuers.set(ISSUER, verifier(&key(7)));
    let world = World::with_verifiers(issuers.clone()).with(|auth| auth.cached(100));
    let token = world.token();
    assert!(is_shared(&world.auth, &token));
    assert!(issuers.remove(ISSUER));
    assert!(matches!(world.auth.check(&token), Err(Rejection::Invalid(_))));
    issuers.set(ISSUER, verifier(&key(7)));
    assert!(is_shared(&world.auth, &token));
    issuers.set(ISSUER, verifier(&key(8)));
    assert!(matches!(world.auth.check(&token), Err(Rejection::Invalid(_))));
}

#[test]
fn a_token_that_grew_too_old_before_it_expires_is_refused_on_a_hit() {
    let world = remembering();
    let strict = Verifier::builder(key(7).verifying_key())
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .max_age(Duration::from_mins(5))
        .build();
    world.auth.replace_verifier(strict);
    let token = world.token();
    assert!(is_shared(&world.auth, &token));
    world.clock.pass(Duration::from_mins(6));
    assert!(matches!(world.auth.check(&token), Err(Rejection::Invalid(_))));
}

#[test]
fn what_the_verifier_learns_from_outside_reaches_a_remembered_token() {
    let world = remembering();
    let state = Arc::new(AtomicU8::new(0));
    let (since, open, begins) = (Arc::clone(&state), Arc::clone(&state), world.clock.now());
    let looking = Verifier::builder(key(7).verifying_key())
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .not_before(move |_| (since.load(Ordering::SeqCst) == 1).then_some(begins + Duration::from_secs(1)))
        .check(move |_| {
            if open.load(Ordering::SeqCst) == 2 {
                Err("closed".into())
            } else {
                Ok(())
            }
        })
        .build();
    world.auth.replace_verifier(looking);
    let token = world.token();
    for (now, error) in [
        (1, VerifyError::Superseded),
        (2, VerifyError::Refused("closed".into())),
    ] {
        state.store(0, Ordering::SeqCst);
        assert!(is_shared(&world.auth, &token));
        state.store(now, Ordering::SeqCst);
        let refused = world.auth.check(&token);
        assert!(
            matches!(&refused, Err(Rejection::Invalid(why)) if *why == error),
            "{refused:?}"
        );
    }
}

#[test]
fn every_changed_character_of_a_remembered_token_is_noticed() {
    let world = remembering();
    let token = world.token();
    assert!(is_shared(&world.auth, &token));
    for at in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(world.auth.check(&changed).is_err(), "{at}");
    }
    for changed in [format!("x{token}"), format!("{token}x"), token[1..].to_owned()] {
        assert!(world.auth.check(&changed).is_err());
    }
}

#[tokio::test]
async fn a_remembered_token_has_to_be_sent_as_any_other() {
    let world = remembering();
    let (app, token) = (world.app(), world.token());
    let ask = async |sent: &[(&str, &str)]| send(app.clone(), request("GET", "/me", sent)).await;
    let good = format!("Bearer {token}");
    ask(&[("authorization", &good)]).await.assert_ok("alice");
    for spelling in [
        good.clone(),
        format!("bearer {token}"),
        format!("Bearer  \t{token}"),
    ] {
        ask(&[("authorization", &spelling)]).await.assert_ok("alice");
    }
    for broken in [
        format!("{good} x"),
        format!("{good},"),
        format!("{good}\u{e9}"),
        token.clone(),
    ] {
        assert_eq!(ask(&[("authorization", &broken)]).await.status, 400, "{broken}");
    }
    let twice = ask(&[("authorization", &good), ("authorization", &good)]).await;
    assert_eq!(twice.status, 400);
    assert_eq!(
        ask(&[("authorization", &format!("Basic {token}"))]).await.status,
        401
    );
}

#[test]
fn guards_made_from_one_another_share_what_they_remember() {
    let world = remembering();
    let other = world.auth.clone().realm("elsewhere");
    let token = world.token();
    world.auth.check(&token).unwrap();
    let (one, two) = (world.auth.check(&token).unwrap(), other.check(&token).unwrap());
    assert!(Arc::ptr_eq(&one, &two));
}

#[test]
fn no_more_tokens_are_remembered_than_asked_for() {
    let world = World::new().with(|auth| auth.cached(10));
    let tokens: Vec<_> = (0..100)
        .map(|n| {
            let sid = Some(n.to_string());
            world.token_of(Access {
                sid,
                ..Access::default()
            })
        })
        .collect();
    for token in &tokens {
        world.auth.check(token).unwrap();
    }
    let debug = format!("{:?}", world.auth);
    let kept = (1..=10).find(|kept| {
        debug.contains(&format!("tokens: {kept},")) || debug.contains(&format!("tokens: {kept} "))
    });
    assert!(kept.is_some(), "{debug}");
}

#[test]
fn no_token_shows_in_debug() {
    let world = remembering();
    let token = world.token();
    world.auth.check(&token).unwrap();
    let debug = format!("{:?}", world.auth);
    assert!(debug.contains("tokens: 1"), "{debug}");
    assert!(!debug.contains(&token) && !debug.contains("alice"), "{debug}");
}
