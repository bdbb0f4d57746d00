//! A member named as the parser names its own, somewhere in any text: every way into the library answers within a
//! small stack, and none reads what stands there as anything else. Run with `--features others`, which switches on
//! what other crates of a build may: the parser then knows those names.
#![no_main]

use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, SystemTime};

use jeton::testkit::{Forge, RESERVED_NAMES, nested_in_texts};
use jeton::{Claims, KeySet, MAX_DEPTH, SigningKey, Unverified, Verifier, VerifyingKey, json, jws};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Whole(Value);

impl Claims for Whole {
    const TYP: &'static str = "JWT";
}

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::hs256("k7wq2ZrT9vXc4LmB8nHs1dGf6jPy3EaU").unwrap());
static VERIFIER: LazyLock<(Verifier, jws::Verifier)> = LazyLock::new(|| {
    let key = KEY.verifying_key();
    let verifier = Verifier::builder(key.clone())
        .any_issuer()
        .any_audience()
        .max_size(1 << 20);
    (verifier.build(), jws::Verifier::new(key))
});

fuzz_target!(|input: (bool, u8, u16, &str)| {
    let (number, levels, at, around) = input;
    let value = match usize::from(levels % 64) {
        0 => format!(r#"{{"{}":"1"}}"#, RESERVED_NAMES[usize::from(number)]),
        levels => nested_in_texts(RESERVED_NAMES[usize::from(number)], levels),
    };
    let mut at = usize::from(at) % (around.len() + 1);
    while !around.is_char_boundary(at) {
        at -= 1;
    }
    let text = format!("{}{value}{}", &around[..at], &around[at..]);
    let small = thread::Builder::new().stack_size(256 * 1024);
    small.spawn(move || read(&text)).unwrap().join().unwrap();
});

fn read(text: &str) {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let (verifier, documents) = &*VERIFIER;
    let member = format!(r#"{{"alg":"HS256","typ":"JWT","exp":4102444800,"x":{text}}}"#);
    for json in [text, &member] {
        for token in [
            Forge::new(json, r#"{"exp":4102444800}"#),
            Forge::new(r#"{"alg":"HS256","typ":"JWT"}"#, json),
        ] {
            let token = token.signed_by(&KEY).unwrap();
            if let Ok(token) = verifier.verify_at::<Whole>(&token, now) {
                assert_plain(&token.claims().0, 1);
            }
            let _ = verifier.explain::<Whole>(&token, now);
            let _ = Unverified::parse(&token);
            let _ = documents.verify(&token);
        }
        let _ = documents.verify_json(json);
        let _ = documents.verify_json_detached(json, b"content");
        let _ = SigningKey::from_jwk(json);
        let _ = VerifyingKey::from_jwk(json);
        let _ = KeySet::from_jwks(&format!(r#"{{"keys":[{json}]}}"#));
        let _ = KeySet::from_jwks(json);
        let free = json::from_str::<Value>(json);
        if let Ok(value) = &free {
            assert_plain(value, 1);
        }
        let object = json::from_str::<json::Object>(json).ok();
        assert_eq!(
            object.map(|object| Value::Object(object.0)),
            free.ok().filter(Value::is_object)
        );
    }
}

/// No member has a name of the parser's, and nothing nests too deeply.
fn assert_plain(value: &Value, depth: u8) {
    let inner: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) => {
            assert!(
                !members
                    .keys()
                    .any(|name| name.starts_with("$serde_json::private::"))
            );
            members.values().collect()
        }
        _ => return,
    };
    assert!(depth <= MAX_DEPTH);
    inner.into_iter().for_each(|value| assert_plain(value, depth + 1));
}
