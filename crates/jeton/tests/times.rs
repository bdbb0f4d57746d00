//! Every claim that is a time, to the second and by the leeway.

use std::time::{Duration, SystemTime};

use jeton::testkit::Forge;
use jeton::{Algorithm, Decided, Verifier, VerifierBuilder, VerifyError};
use serde_json::{Value, json};

use crate::common::{Access, key};

type Builder = VerifierBuilder<Decided, Decided>;

const NOW: u64 = 1_800_000_000;
const MAX_AGE: u64 = 100;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// Verifies a token of these claims, good for a minute unless they say otherwise.
fn verify(claims: &Value, rules: impl FnOnce(Builder) -> Builder) -> Result<(), VerifyError> {
    let mut all = json!({ "roles": [], "sub": "s", "exp": NOW + 60 });
    for (name, value) in claims.as_object().unwrap() {
        all[name] = value.clone();
    }
    let key = key(Algorithm::Hs256);
    let token = Forge::new(r#"{"alg":"HS256","typ":"at+jwt"}"#, all.to_string()).signed_by(&key);
    let builder = Verifier::builder(key.verifying_key());
    let verifier = rules(builder.any_issuer().any_audience()).build();
    verifier.verify_at::<Access>(&token.unwrap(), at(NOW)).map(|_| ())
}

#[test]
fn every_time_is_good_to_its_second_and_bad_from_the_next() {
    for leeway in [0, 5, 30] {
        let ago = Duration::from_secs(leeway);
        for (claim, last_good, first_bad, why) in [
            (
                "exp",
                NOW - leeway + 1,
                NOW - leeway,
                VerifyError::Expired { ago },
            ),
            ("nbf", NOW + leeway, NOW + leeway + 1, VerifyError::NotYetValid),
            ("iat", NOW + leeway, NOW + leeway + 1, VerifyError::IssuedInFuture),
        ] {
            let with = |time: u64| verify(&json!({ claim: time }), |rules| rules.leeway(ago));
            assert_eq!(with(last_good), Ok(()), "{claim}, {leeway} s of leeway");
            assert_eq!(with(first_bad), Err(why), "{claim}, {leeway} s of leeway");
        }
        let oldest = NOW - MAX_AGE - leeway;
        let issued = |time: u64| {
            let rules = |rules: Builder| rules.leeway(ago).max_age(Duration::from_secs(MAX_AGE));
            verify(&json!({ "iat": time }), rules)
        };
        assert_eq!(issued(oldest + 1), Ok(()), "{leeway} s of leeway");
        assert_eq!(issued(oldest), Err(VerifyError::TooOld), "{leeway} s of leeway");
    }
}

/// Dates of another form than most tokens have: longer than fifteen digits, and before 1970.
#[test]
fn far_times_are_the_times_they_name() {
    let far = 1_000_000_000_000_000_u64;
    assert_eq!(verify(&json!({ "exp": far }), |rules| rules), Ok(()));
    for claim in ["nbf", "iat"] {
        let why = match claim {
            "nbf" => VerifyError::NotYetValid,
            _ => VerifyError::IssuedInFuture,
        };
        assert_eq!(verify(&json!({ claim: far }), |rules| rules), Err(why), "{claim}");
        assert_eq!(
            verify(&json!({ claim: -far.cast_signed() }), |rules| rules),
            Ok(()),
            "{claim}"
        );
    }
    let ago = Duration::from_secs(NOW + far);
    let expired = verify(&json!({ "exp": -far.cast_signed() }), |rules| rules);
    assert_eq!(expired, Err(VerifyError::Expired { ago }));
}

#[test]
fn a_subjects_tokens_are_good_from_the_second_that_was_named() {
    let issued = |time: u64| {
        verify(&json!({ "iat": time }), |rules| {
            rules.not_before(|_| Some(at(NOW)))
        })
    };
    assert_eq!(issued(NOW), Ok(()));
    assert_eq!(issued(NOW - 1), Err(VerifyError::Superseded));
}

#[test]
fn a_required_beginning_is_missed() {
    let required = |claims| verify(&claims, |rules| rules.require("nbf"));
    assert_eq!(required(json!({ "nbf": NOW })), Ok(()));
    let missing = VerifyError::MissingClaim("nbf".to_owned());
    assert_eq!(required(json!({})), Err(missing));
}
