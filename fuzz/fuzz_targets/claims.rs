//! Any bytes as the claims of a token that is properly signed: what is accepted is what a plain JSON parser
//! reads, and its members are all different.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use jeton::testkit::Forge;
use jeton::{Claims, Scratch, SigningKey, Verifier};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Whole(BTreeMap<String, Value>);

impl Claims for Whole {
    const TYP: &'static str = "JWT";
}

#[derive(serde::Deserialize)]
#[expect(dead_code, reason = "only reading it matters")]
struct View<'a> {
    #[serde(borrow)]
    name: Option<&'a str>,
    list: Option<Vec<f64>>,
    inner: Option<Inner>,
}

#[derive(serde::Deserialize)]
#[expect(dead_code, reason = "only reading it matters")]
enum Inner {
    Unit,
    Number(u8),
    Struct { a: Option<bool> },
}

impl Claims for View<'_> {
    const TYP: &'static str = "JWT";
}

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::hs256("k7wq2ZrT9vXc4LmB8nHs1dGf6jPy3EaU").unwrap());
static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    Verifier::builder(KEY.verifying_key())
        .any_issuer()
        .any_audience()
        .max_size(1 << 20)
        .build()
});

fuzz_target!(|claims: &[u8]| {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let token = Forge::new(r#"{"typ":"JWT","alg":"HS256"}"#, claims)
        .signed_by(&KEY)
        .unwrap();
    let _ = VERIFIER.verify_in::<View<'_>>(&token, now, &mut Scratch::default());
    let verified = VERIFIER.verify_at::<Whole>(&token, now);
    let parsed = serde_json::from_slice::<BTreeMap<String, Value>>(claims);
    let Ok(token) = verified else { return };
    let mut all = parsed.expect("what is accepted is JSON");
    assert_eq!(token.issuer(), all.get("iss").and_then(Value::as_str));
    assert_eq!(token.subject(), all.get("sub").and_then(Value::as_str));
    assert_eq!(token.id(), all.get("jti").and_then(Value::as_str));
    let audience = match all.get("aud") {
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        other => other.and_then(Value::as_str).into_iter().collect::<Vec<_>>(),
    };
    assert_eq!(token.audience().collect::<Vec<_>>(), audience);
    all.retain(|name, _| !["iss", "sub", "aud", "exp", "nbf", "iat", "jti"].contains(&name.as_str()));
    assert_eq!(token.claims().0, all);
});
