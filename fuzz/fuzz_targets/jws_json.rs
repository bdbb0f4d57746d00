//! Any text as a JWS in JSON form, under both policies.
#![no_main]

use std::sync::LazyLock;

use jeton::jws::{Policy, Verifier};
use jeton::{KeySet, SigningKey};
use libfuzzer_sys::fuzz_target;

static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","kid":"e","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let keys = [
        SigningKey::hs256("k7wq2ZrT9vXc4LmB8nHs1dGf6jPy3EaU")
            .unwrap()
            .with_kid("h"),
        SigningKey::from_jwk(jwk).unwrap(),
    ];
    Verifier::new(KeySet::new(keys.iter().map(SigningKey::verifying_key)).unwrap())
});

fuzz_target!(|text: &str| {
    let any = VERIFIER.verify_json(text);
    let all = VERIFIER.clone().policy(Policy::All).verify_json(text);
    assert!(any.is_ok() || all.is_err(), "all is more than any");
    let _ = VERIFIER.verify_json_detached(text, b"content");
    if let Ok(content) = any {
        assert!(!content.signatures().is_empty());
    }
});
