//! The claims a token must have, and those it may lack.

use jeton::{Verifier, VerifyError, testkit::Forge};
use jeton_axum::{
    AuthTime, TokenLocation,
    cookies::{Cookie, CookieMode},
    csrf::Csrf,
};
use serde_json::{Value, json};

use super::{NOW, decode, expecting, issued};
use crate::support::{AUDIENCE, ISSUER, World, secret};

/// A signed token of this header and these claims, good for a minute.
fn forge(header: &Value, claims: Value) -> String {
    let mut all = json!({ "iss": ISSUER, "aud": AUDIENCE, "exp": NOW.as_secs() + 60 });
    let claims = serde_json::from_value::<serde_json::Map<_, _>>(claims).unwrap();
    all.as_object_mut().unwrap().extend(claims);
    Forge::new(header.to_string(), all.to_string())
        .signed_by(&secret(1))
        .unwrap()
}

fn access() -> Value {
    json!({ "typ": "at+jwt", "alg": "HS256" })
}

/// Differs: `sub` is missed where the verifier requires it. No token holds the CSRF token: it belongs to a
/// session, and a token without one changes nothing from a cookie.
#[tokio::test]
async fn test_missing_claims() {
    let strict = Verifier::builder(secret(1).verifying_key())
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .require("sub")
        .build();
    assert!(decode(&strict, &forge(&access(), json!({ "sub": "username" }))).is_ok());
    assert_eq!(
        decode(&strict, &forge(&access(), json!({}))).unwrap_err(),
        VerifyError::MissingClaim("sub".to_owned())
    );

    let csrf = Csrf::new([3; 32], CookieMode::Host).unwrap();
    let proof = csrf.token(b"alice", [1; 16]);
    let world = World::new().access(|auth| {
        auth.locations([TokenLocation::cookie("session")])
            .csrf(csrf, |token| {
                token.claims().0.get("sid")?.as_str().map(str::as_bytes)
            })
    });
    let name = CookieMode::Host.name(Cookie::Csrf);
    let cookies = format!("session={}; {name}={proof}", world.access_token());
    let headers = [("cookie", &*cookies), ("x-csrf-token", &*proof)];
    let reply = world.ask("POST", "/protected", &headers, "").await;
    let message =
        "This token has no session and may not be used from a cookie: send it as Authorization: Bearer";
    reply.assert_refused(403, "csrf_failed", message);
}

/// Differs: a token that does not say of which type it is, is of none. Without an id it has none, and without a
/// time of signing in it is not fresh.
#[test]
fn test_default_decode_token_values() {
    let claims = || json!({ "sub": "username" });
    let untyped = forge(&json!({ "alg": "HS256" }), claims());
    assert_eq!(
        decode(&expecting(None), &untyped).unwrap_err(),
        VerifyError::MissingType { expected: "at+jwt" }
    );
    let token = decode(&expecting(None), &forge(&access(), claims())).unwrap();
    assert_eq!((token.id(), token.claims().auth_time()), (None, None));
}

#[test]
fn test_get_jti() {
    let mut world = World::new();
    world.tokens = world.tokens.ids(|| "1234".to_owned());
    let token = world.app.access.check(&world.access_token()).unwrap();
    assert_eq!(token.id(), Some("1234"));
    let random = World::new();
    let [one, other] = [(); 2].map(|()| random.app.access.check(&random.access_token()).unwrap());
    assert!(one.id().is_some_and(|id| id.len() >= 22) && one.id() != other.id());
}

#[test]
fn test_valid_aud() {
    let verifier = Verifier::builder(secret(1).verifying_key())
        .issuer(ISSUER)
        .audiences(["foo", "bar"])
        .build();
    for audiences in [&["foo"][..], &["bar"], &["foo", "bar", "baz"], &["baz", "bar"]] {
        let token = decode(&verifier, &issued(audiences)).unwrap();
        assert!(token.audience().eq(audiences.iter().copied()), "{audiences:?}");
    }
    assert_eq!(
        decode(&verifier, &issued(&["baz"])).unwrap_err(),
        VerifyError::WrongAudience
    );
}

#[test]
fn test_encode_iss() {
    let world = World::new();
    let token = world.app.access.check(&world.access_token()).unwrap();
    assert_eq!(token.issuer(), Some(ISSUER));
}

fn refuses_odd_subjects(verifier: &Verifier) {
    for subject in [json!(123), json!({}), json!([]), json!(false), Value::Null] {
        let token = forge(&access(), json!({ "sub": subject }));
        let verdict = decode(verifier, &token).unwrap_err();
        assert_eq!(verdict, VerifyError::InvalidClaim("sub"), "{subject}");
    }
    assert!(decode(verifier, &forge(&access(), json!({ "sub": "username" }))).is_ok());
}

#[test]
fn test_invalid_sub_values() {
    refuses_odd_subjects(&expecting(Some(AUDIENCE)));
}

/// Differs: no verifier takes a subject that is no string (RFC 7519 §4.1.2), however little it asks for.
#[test]
fn test_invalid_sub_values_allowed_with_no_verify() {
    let lax = Verifier::builder(secret(1).verifying_key())
        .any_issuer()
        .any_audience()
        .build();
    refuses_odd_subjects(&lax);
}
