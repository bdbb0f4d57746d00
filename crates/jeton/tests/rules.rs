//! What a verifier can be told to ask for, and how it explains itself.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use jeton::testkit::{Forge, TestIssuer};
use jeton::{Algorithm, Claims, Outcome, Profile, Registered, Verifier, VerifierBuilder, VerifyError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::common::{Access, ISSUER, access, issuer, key, now};

#[derive(Debug, Serialize, Deserialize)]
struct Plain {}

impl Claims for Plain {
    const TYP: &'static str = "JWT";
}

/// Verifies claims, and a header that says this `typ`, by rules of the test's own.
fn verify<C: Claims + serde::de::DeserializeOwned>(
    typ: Option<&str>,
    claims: &Value,
    rules: impl FnOnce(VerifierBuilder) -> Verifier,
) -> Result<C, VerifyError> {
    let key = key(Algorithm::Hs256);
    let header = match typ {
        Some(typ) => json!({"alg": "HS256", "typ": typ}),
        None => json!({"alg": "HS256"}),
    };
    let token = Forge::new(header.to_string(), claims.to_string())
        .signed_by(&key)
        .unwrap();
    let verifier = rules(Verifier::builder(key.verifying_key()));
    let explained = verifier.explain::<C>(&token, now());
    let result = verifier.verify_at::<C>(&token, now());
    assert_eq!(
        result.as_ref().err(),
        explained.error(),
        "an explanation names the same failure"
    );
    result.map(jeton::Verified::into_claims)
}

fn claims() -> Value {
    json!({"iss": "a", "sub": "s", "aud": "b", "exp": 1_900_000_000, "iat": 1_799_999_000, "jti": "j",
        "client_id": "c", "nonce": "n"})
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn missing(name: &str) -> VerifyError {
    VerifyError::MissingClaim(name.to_owned())
}

fn plain(
    claims: &Value,
    rules: impl FnOnce(VerifierBuilder<jeton::Decided, jeton::Decided>) -> Verifier,
) -> Result<(), VerifyError> {
    verify::<Plain>(Some("JWT"), claims, |builder| {
        rules(builder.issuer("a").audience("b"))
    })
    .map(|_| ())
}

#[test]
fn required_claims_of_every_kind() {
    for name in ["sub", "jti", "iss", "aud", "exp", "iat", "client_id"] {
        assert_eq!(
            plain(&claims(), |builder| builder.require(name).require(name).build()),
            Ok(())
        );
        let refused = plain(&without(name), |builder| {
            builder.require("nonce").require(name).build()
        });
        assert_eq!(refused, Err(missing(name)));
    }
    let many = (0..100).map(|number| format!("c{number}"));
    let mut claims = claims();
    for name in many.clone() {
        claims[name] = json!(null);
    }
    let requiring =
        |builder: VerifierBuilder<_, _>| many.clone().fold(builder, VerifierBuilder::require).build();
    assert_eq!(plain(&claims, requiring), Ok(()));
    claims.as_object_mut().unwrap().remove("c77");
    assert_eq!(plain(&claims, requiring), Err(missing("c77")));
}

#[test]
fn age_subject_id_and_values() {
    let age =
        |seconds| move |builder: VerifierBuilder<_, _>| builder.max_age(Duration::from_secs(seconds)).build();
    assert_eq!(plain(&claims(), age(1_000)), Ok(()));
    assert_eq!(plain(&claims(), age(970)), Err(VerifyError::TooOld));
    assert_eq!(plain(&without("iat"), age(1_000)), Err(missing("iat")));

    assert_eq!(
        plain(&claims(), |builder| builder
            .subject("s")
            .id("j")
            .expect("nonce", "n")
            .build()),
        Ok(())
    );
    assert_eq!(
        plain(&claims(), |builder| builder.subject("t").build()),
        Err(VerifyError::WrongSubject)
    );
    assert_eq!(
        plain(&without("sub"), |builder| builder.subject("s").build()),
        Err(missing("sub"))
    );
    assert_eq!(
        plain(&claims(), |builder| builder.id("k").build()),
        Err(VerifyError::WrongId)
    );
    assert_eq!(
        plain(&without("jti"), |builder| builder.id("j").build()),
        Err(missing("jti"))
    );
    let wrong = VerifyError::WrongClaim("nonce".to_owned());
    for other in [json!("m"), json!(5), json!(["n"]), json!(null)] {
        let refused = plain(&with("nonce", other), |builder| {
            builder.expect("nonce", "n").build()
        });
        assert_eq!(refused, Err(wrong.clone()));
    }
    assert_eq!(
        plain(&without("nonce"), |builder| builder.expect("nonce", "n").build()),
        Err(missing("nonce"))
    );
}

#[test]
fn a_subject_can_be_logged_out_everywhere() {
    let issued = now() - Duration::from_secs(1_000);
    let since = |time| {
        move |builder: VerifierBuilder<_, _>| {
            builder
                .not_before(move |subject| (subject == "s").then_some(time))
                .build()
        }
    };
    assert_eq!(plain(&claims(), since(issued)), Ok(()));
    assert_eq!(
        plain(&claims(), since(issued + Duration::from_millis(1))),
        Err(VerifyError::Superseded)
    );
    assert_eq!(plain(&with("sub", json!("t")), since(now())), Ok(()));
    assert_eq!(plain(&without("sub"), since(issued)), Err(missing("sub")));
    assert_eq!(plain(&without("iat"), since(issued)), Err(missing("iat")));
}

#[test]
fn checks_of_ones_own() {
    #[derive(Debug, Deserialize)]
    struct Order {
        amount: u32,
    }
    impl Claims for Order {
        const TYP: &'static str = "order+jwt";

        fn check(&self, token: &Registered<'_>) -> Result<(), Cow<'static, str>> {
            if self.amount <= 100 || token.subject() == Some("boss") {
                Ok(())
            } else {
                Err("too much".into())
            }
        }
    }
    let order = |amount: u32, subject: &str| {
        let mut claims = with("sub", json!(subject));
        claims["amount"] = amount.into();
        verify::<Order>(Some("order+jwt"), &claims, |builder| {
            builder.any_issuer().any_audience().build()
        })
    };
    assert_eq!(order(100, "s").unwrap().amount, 100);
    assert_eq!(
        order(101, "s").unwrap_err(),
        VerifyError::Refused("too much".into())
    );
    assert_eq!(order(101, "boss").unwrap().amount, 101);

    let short = |builder: VerifierBuilder<_, _>| {
        builder
            .check(|token| {
                if token.id().is_some_and(|id| id.len() < 2) {
                    Ok(())
                } else {
                    Err("a long id".into())
                }
            })
            .build()
    };
    assert_eq!(plain(&claims(), short), Ok(()));
    assert_eq!(
        plain(&with("jti", json!("long")), short),
        Err(VerifyError::Refused("a long id".into()))
    );
}

#[test]
fn looking_again_finds_what_verifying_again_would() {
    let key = key(Algorithm::Hs256);
    let world = Arc::new(AtomicU8::new(0));
    let (since, open) = (Arc::clone(&world), Arc::clone(&world));
    let verifier = Verifier::builder(key.verifying_key())
        .issuer(ISSUER)
        .audience("b")
        .max_age(Duration::from_mins(10))
        .not_before(move |_| (since.load(Ordering::SeqCst) == 1).then_some(now() + Duration::from_secs(1)))
        .check(move |token| {
            let whole = token.issuer() == Some(ISSUER)
                && token.subject() == Some("a\"b")
                && token.audience().eq(["a", "b"])
                && token.id() == Some("j")
                && token.expires_at() == Some(now() + Duration::from_mins(15))
                && token.issued_at() == Some(now())
                && token.not_before() == Some(now() + Duration::from_mins(1));
            if whole && open.load(Ordering::SeqCst) != 2 {
                Ok(())
            } else {
                Err("closed".into())
            }
        })
        .build();
    let token = issuer(&key)
        .draft(&access())
        .subject("a\"b")
        .audience("a")
        .audience("b")
        .id("j")
        .not_before(now() + Duration::from_mins(1))
        .issue_at(now())
        .unwrap();
    let first = verifier
        .verify_at::<Access>(&token, now() + Duration::from_mins(2))
        .unwrap();
    let mut outcomes = Vec::new();
    for state in 0..3 {
        world.store(state, Ordering::SeqCst);
        for second in (0..1_200).step_by(5) {
            let time = now() - Duration::from_mins(1) + Duration::from_secs(second);
            let again = verifier.verify_at::<Access>(&token, time).map(|_| ());
            assert_eq!(
                verifier.recheck_at(&first, time),
                again,
                "{state} after {second} s"
            );
            outcomes.push(again);
        }
    }
    for expected in [
        Ok(()),
        Err(VerifyError::NotYetValid),
        Err(VerifyError::TooOld),
        Err(VerifyError::Superseded),
        Err(VerifyError::Refused("closed".into())),
    ] {
        assert!(outcomes.contains(&expected), "{expected:?} never happened");
    }
    let expired = |outcome: &Result<(), _>| matches!(outcome, Err(VerifyError::Expired { .. }));
    assert!(outcomes.iter().any(expired));
}

#[test]
fn looking_again_asks_the_claims_too() {
    #[derive(Debug, Deserialize)]
    struct Open {}
    thread_local! { static OPEN: std::cell::Cell<bool> = const { std::cell::Cell::new(true) }; }
    impl Claims for Open {
        const TYP: &'static str = "JWT";

        fn check(&self, token: &Registered<'_>) -> Result<(), Cow<'static, str>> {
            if OPEN.get() && token.subject() == Some("s") {
                Ok(())
            } else {
                Err("closed".into())
            }
        }
    }
    let key = key(Algorithm::Hs256);
    let token = Forge::new(
        json!({"alg": "HS256", "typ": "JWT"}).to_string(),
        claims().to_string(),
    )
    .signed_by(&key)
    .unwrap();
    let verifier = Verifier::builder(key.verifying_key())
        .any_issuer()
        .any_audience()
        .build();
    let first = verifier.verify_at::<Open>(&token, now()).unwrap();
    assert_eq!(verifier.recheck_at(&first, now()), Ok(()));
    OPEN.set(false);
    assert_eq!(
        verifier.recheck_at(&first, now()),
        Err(VerifyError::Refused("closed".into()))
    );
}

#[test]
fn access_tokens_of_rfc_9068() {
    #[derive(Debug, Deserialize)]
    struct Token {
        client_id: String,
    }
    impl Claims for Token {
        const TYP: &'static str = "at+jwt";
    }
    let rules = |builder: VerifierBuilder| {
        builder
            .issuer("a")
            .audience("b")
            .profile(Profile::AccessToken)
            .build()
    };
    assert_eq!(
        verify::<Token>(Some("at+JWT"), &claims(), rules)
            .unwrap()
            .client_id,
        "c"
    );
    assert!(verify::<Token>(Some("application/at+jwt"), &claims(), rules).is_ok());
    let wrong = VerifyError::WrongType { expected: "at+jwt" };
    let untyped = VerifyError::MissingType { expected: "at+jwt" };
    for (typ, error) in [(None, &untyped), (Some("JWT"), &wrong)] {
        assert_eq!(verify::<Token>(typ, &claims(), rules).unwrap_err(), *error);
    }
    assert_eq!(
        verify::<Plain>(Some("at+jwt"), &claims(), rules).unwrap_err(),
        wrong,
        "another claims type"
    );
    for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
        assert_eq!(
            verify::<Token>(Some("at+jwt"), &without(name), rules).unwrap_err(),
            missing(name)
        );
    }
}

#[test]
fn id_tokens_of_openid_connect() {
    let rules = |builder: VerifierBuilder| {
        builder
            .issuer("a")
            .audience("b")
            .profile(Profile::IdToken)
            .expect("nonce", "n")
            .build()
    };
    let id_token = |claims: &Value| verify::<Plain>(None, claims, rules).map(|_| ());
    assert_eq!(id_token(&claims()), Ok(()));
    assert!(verify::<Plain>(Some("jwt"), &claims(), rules).is_ok());
    assert!(verify::<Plain>(Some("at+jwt"), &claims(), rules).is_err());
    for name in ["iss", "sub", "aud", "iat", "exp", "nonce"] {
        assert_eq!(id_token(&without(name)), Err(missing(name)));
    }
    let mut several = with("aud", json!(["b", "other"]));
    assert_eq!(id_token(&several), Err(missing("azp")));
    several["azp"] = "b".into();
    assert_eq!(id_token(&several), Ok(()));
    several["azp"] = "other".into();
    assert_eq!(id_token(&several), Err(VerifyError::WrongClaim("azp".to_owned())));
    several["azp"] = 5.into();
    assert_eq!(id_token(&several), Err(VerifyError::InvalidClaim("azp")));
}

#[test]
fn plain_tokens_need_no_typ() {
    let rules = |builder: VerifierBuilder| builder.issuer("a").audience("b").profile(Profile::Jwt).build();
    assert!(verify::<Plain>(None, &claims(), rules).is_ok());
    assert!(verify::<Plain>(Some("JWT"), &claims(), rules).is_ok());
    assert!(verify::<Plain>(Some("at+jwt"), &claims(), rules).is_err());
}

#[test]
fn the_claim_at_fault_is_named() {
    let open = |builder: VerifierBuilder| builder.any_issuer().any_audience().build();
    let refused = |roles: Value| verify::<Access>(Some("at+jwt"), &with("roles", roles), open).unwrap_err();
    for wrong in [json!(5), json!("x"), json!({}), json!([1]), json!(null)] {
        assert_eq!(refused(wrong), VerifyError::InvalidClaim("roles"));
    }
    assert_eq!(
        verify::<Access>(Some("at+jwt"), &claims(), open).unwrap_err(),
        missing("roles")
    );
}

#[test]
fn an_explanation_goes_on_behind_the_first_failure() {
    let key = key(Algorithm::Es256);
    let token = issuer(&key).issue_at("user-1", "api", access(), now()).unwrap();
    let other = crate::common::key(Algorithm::Es256);
    let verifier = Verifier::builder(other.verifying_key())
        .issuer("https://other.example")
        .audience("shop")
        .build();
    let explanation = verifier.explain::<Plain>(&token, now() + Duration::from_hours(2));
    let failed: Vec<_> = explanation
        .checks()
        .iter()
        .filter(|check| matches!(check.outcome, Outcome::Failed(_)))
        .map(|check| check.name)
        .collect();
    assert_eq!(failed, ["signature", "typ", "exp", "iss", "aud"]);
    assert!(!explanation.to_string().contains(&token[..30]) && !explanation.to_string().contains("user-1"));
    let nothing = verifier.explain::<Plain>("no token", now());
    assert!(
        nothing
            .checks()
            .iter()
            .skip(1)
            .all(|check| matches!(check.outcome, Outcome::Skipped))
    );
}

#[test]
fn a_test_issuer_rotates_and_keeps_its_time() {
    let issuer = TestIssuer::new(ISSUER).unwrap();
    let before = issuer.token("user-1", "api", &access()).unwrap();
    issuer.rotate().unwrap();
    let after = issuer.token("user-1", "api", &access()).unwrap();
    let verifier = issuer.verifier("api");
    let kid = |token: &str| {
        let read = verifier.verify_at::<Access>(token, issuer.clock().now()).unwrap();
        read.kid().map(str::to_owned)
    };
    assert_eq!(
        (kid(&before).as_deref(), kid(&after).as_deref()),
        (Some("key-1"), Some("key-2"))
    );
    assert_eq!(issuer.jwks().keys.len(), 2);
    issuer.clock().rewind(Duration::from_hours(1));
    let early = verifier
        .verify_at::<Access>(&after, issuer.clock().now())
        .unwrap_err();
    assert_eq!(early, VerifyError::IssuedInFuture);
}
