//! Any text as a token: a header and a payload no signature was needed for, and every way to look at it.
#![no_main]

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use jeton::{Claims, SigningKey, Unverified, Verifier, jws};
use libfuzzer_sys::fuzz_target;

#[derive(serde::Deserialize)]
struct Plain {}

impl Claims for Plain {
    const TYP: &'static str = "JWT";
}

static VERIFIER: LazyLock<(Verifier, jws::Verifier)> = LazyLock::new(|| {
    let key = SigningKey::hs256("k7wq2ZrT9vXc4LmB8nHs1dGf6jPy3EaU")
        .unwrap()
        .verifying_key();
    (
        Verifier::builder(key.clone()).issuer("a").audience("b").build(),
        jws::Verifier::new(key),
    )
});

fuzz_target!(|text: &str| {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let (verifier, jws) = &*VERIFIER;
    let refused = verifier.verify_at::<Plain>(text, now).map(|_| ());
    let explanation = verifier.explain::<Plain>(text, now);
    assert_eq!(
        refused.as_ref().err(),
        explanation.error(),
        "an explanation names the same failure"
    );
    let _ = explanation.to_string();
    let _ = Unverified::parse(text);
    let _ = jws.verify(text);
    let _ = jws.verify_detached(text, b"content");
});
