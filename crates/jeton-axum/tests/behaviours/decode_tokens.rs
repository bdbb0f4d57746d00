//! The library's side of it: what is written into a token and what is made of it.

mod claims;
mod times;

use std::time::{Duration, SystemTime};

use jeton::{Claims, Issuer, KeySet, Verified, Verifier, VerifyError, jws};
use jeton_axum::Issuers;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::{AUDIENCE, ISSUER, Open, World, secret, user};

const NOW: Duration = Duration::from_hours(500_000);
const QUARTER: Duration = Duration::from_mins(15);

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + NOW
}

fn issued(audiences: &[&str]) -> String {
    let claims = Open::default();
    let issuer = Issuer::<Open>::new(secret(1), ISSUER, QUARTER);
    let draft = issuer.draft(&claims).subject("alice");
    let draft = audiences
        .iter()
        .fold(draft, |draft, audience| draft.audience(audience));
    draft.issue_at(now()).unwrap()
}

fn decode(verifier: &Verifier, token: &str) -> Result<Verified<Open>, VerifyError> {
    verifier.verify_at(token, now())
}

fn expecting(audience: Option<&str>) -> Verifier {
    let builder = Verifier::builder(secret(1).verifying_key()).issuer(ISSUER);
    match audience {
        Some(audience) => builder.audience(audience).build(),
        None => builder.any_audience().build(),
    }
}

/// Differs: a type of token is a type of claims, so another one needs its own.
#[test]
fn test_supports_decoding_other_token_types() {
    #[derive(Serialize, Deserialize)]
    struct Fresh {}
    impl Claims for Fresh {
        const TYP: &'static str = "fresh+jwt";
    }
    let issuer = Issuer::<Fresh>::new(secret(1), ISSUER, QUARTER);
    let token = issuer.issue_at("alice", AUDIENCE, Fresh {}, now()).unwrap();
    assert!(
        expecting(Some(AUDIENCE))
            .verify_at::<Fresh>(&token, now())
            .is_ok()
    );
    let as_access = decode(&expecting(Some(AUDIENCE)), &token);
    assert_eq!(
        as_access.unwrap_err(),
        VerifyError::WrongType { expected: "at+jwt" }
    );
}

#[test]
fn test_encode_decode_audience() {
    for (written, expected, good) in [
        (&[][..], None, true),
        (&["app"], Some("app"), true),
        (&["app"], None, true),
        (&[], Some("app"), false),
        (&["other"], Some("app"), false),
    ] {
        assert_eq!(
            decode(&expecting(expected), &issued(written)).is_ok(),
            good,
            "{written:?} {expected:?}"
        );
    }
}

/// Differs: the user is `sub`, as RFC 9068 wants it; another claim may name them too, and is a claim.
#[test]
fn test_alternate_identity_claim() {
    let world = World::new();
    let token = world
        .tokens
        .access_token(&user("7"))
        .claim("banana", "alice")
        .create()
        .unwrap()
        .text;
    let token = world.app.access.check(&token).unwrap();
    assert_eq!(
        (token.subject(), &token.claims().0["banana"]),
        (Some("7"), &json!("alice"))
    );
}

/// The keys of several issuers are chosen by the token's `iss`.
#[test]
fn test_encode_decode_callback_values() {
    let issuers = Issuers::new();
    issuers.set(ISSUER, expecting(Some(AUDIENCE)));
    let world = World::new();
    let auth = jeton_axum::Auth::<Open>::new(issuers, world.clock.clone());
    assert!(auth.check(&world.access_token()).is_ok());
    let foreign = World::signing_with(secret(2));
    assert!(auth.check(&foreign.access_token()).is_err());
}

/// Keys of one issuer are chosen by the token's `kid`.
#[test]
fn test_custom_encode_decode_key_callbacks() {
    let keys = [(1, "alice's"), (2, "bob's")].map(|(byte, kid)| secret(byte).with_kid(kid));
    let set = KeySet::new(keys.iter().map(jeton::SigningKey::verifying_key)).unwrap();
    let verifier = Verifier::builder(set).issuer(ISSUER).audience(AUDIENCE).build();
    let sign = |key: &jeton::SigningKey| {
        let issuer = Issuer::<Open>::new(key.clone(), ISSUER, QUARTER);
        issuer
            .issue_at("alice", AUDIENCE, Open::default(), now())
            .unwrap()
    };
    for key in &keys {
        assert!(decode(&verifier, &sign(key)).is_ok());
    }
    let mismatch = sign(&secret(3).with_kid("alice's"));
    assert_eq!(
        decode(&verifier, &mismatch).unwrap_err(),
        VerifyError::InvalidSignature
    );
}

#[test]
fn test_invalid_aud() {
    for audiences in [&["other"][..], &["other", "another"]] {
        let verdict = decode(&expecting(Some(AUDIENCE)), &issued(audiences));
        assert_eq!(verdict.unwrap_err(), VerifyError::WrongAudience);
    }
    assert!(decode(&expecting(Some(AUDIENCE)), &issued(&["other", AUDIENCE])).is_ok());
}

#[test]
fn test_verify_no_aud() {
    for audiences in [&[][..], &["other"], &["other", "another"]] {
        assert!(
            decode(&expecting(None), &issued(audiences)).is_ok(),
            "{audiences:?}"
        );
    }
}

fn from(issuer: &str) -> Result<Verified<Open>, VerifyError> {
    let issuer = Issuer::<Open>::new(secret(1), issuer, QUARTER);
    let token = issuer
        .issue_at("alice", AUDIENCE, Open::default(), now())
        .unwrap();
    decode(&expecting(Some(AUDIENCE)), &token)
}

#[test]
fn test_mismatch_iss() {
    assert_eq!(
        from("https://app.example/").unwrap_err(),
        VerifyError::WrongIssuer
    );
}

#[test]
fn test_valid_decode_iss() {
    assert_eq!(from(ISSUER).unwrap().issuer(), Some(ISSUER));
}

#[test]
fn test_invalid_decode_iss() {
    assert_eq!(
        from("https://evil.example").unwrap_err(),
        VerifyError::WrongIssuer
    );
}

#[test]
fn test_malformed_token() {
    for junk in ["foobarbaz", "", "a.b", "a.b.c", "..", "🦀"] {
        assert!(decode(&expecting(None), junk).is_err(), "{junk}");
    }
}

#[test]
fn test_jwt_headers() {
    let world = World::new();
    let access = world
        .tokens
        .access_token(&user("alice"))
        .header("access", "foobar")
        .create()
        .unwrap()
        .text;
    let refresh = world
        .tokens
        .refresh_token(&user("alice"))
        .header("refresh", "foobar")
        .create()
        .unwrap()
        .text;
    let verifier = jws::Verifier::new(secret(1).verifying_key());
    for (token, member) in [(access, "access"), (refresh, "refresh")] {
        let signed = verifier.verify(&token).unwrap();
        assert_eq!(signed.signatures()[0].protected()[member], json!("foobar"));
    }
}
