//! `Auth::find` looks and does not judge. The service's routes rest on it.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use http::{Request, request::Parts};
use jeton::{Algorithm, Claims, SigningKey, Verifier};
use jeton_axum::{Auth, SystemClock};

#[derive(serde::Deserialize)]
struct Access {}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";
}

fn auth() -> Auth<Access> {
    let key = SigningKey::generate(Algorithm::Hs256).expect("a key");
    Auth::new(
        Verifier::builder(key.verifying_key())
            .any_issuer()
            .any_audience()
            .build(),
        SystemClock,
    )
}

fn sent(authorization: &[&str]) -> Parts {
    let request = authorization.iter().fold(Request::get("/"), |request, value| {
        request.header("authorization", *value)
    });
    request.body(()).expect("a request").into_parts().0
}

#[test]
fn it_finds_what_it_does_not_judge() {
    let (some, none) = (sent(&["Bearer not-a-token"]), sent(&[]));
    assert_eq!(
        auth().find(&some).expect("well-formed").as_deref(),
        Some("not-a-token")
    );
    assert!(auth().find(&none).expect("well-formed").is_none());
}

#[test]
fn a_request_that_does_not_say_which_token_is_refused() {
    assert!(auth().find(&sent(&["Bearer a", "Bearer b"])).is_err());
}
