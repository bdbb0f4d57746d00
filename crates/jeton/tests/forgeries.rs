//! Every attack of `docs/attacks.md` and every row of the table of what other libraries accept, refused.

use std::time::{Duration, Instant};

use jeton::testkit::{Forge, hostile};
use jeton::{Algorithm, Claims, SigningKey, Unverified, Verifier, VerifyError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::common::{key, now};

mod advisories;
mod differences;

/// Claims that take anything, as an application that only wants the subject would have them.
#[derive(Debug, Serialize, Deserialize)]
struct Plain {}

impl Claims for Plain {
    const TYP: &'static str = "JWT";
}

/// Claims that take everything in.
#[derive(Debug, Deserialize)]
struct Whole {
    #[serde(flatten)]
    #[expect(dead_code, reason = "only reading it matters")]
    all: std::collections::HashMap<String, Value>,
}

impl Claims for Whole {
    const TYP: &'static str = "JWT";
}

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
const CLAIMS: &str = r#"{"iss":"a","sub":"user-1","aud":"b","exp":4102444800,"iat":1700000000}"#;

fn strict(key: &SigningKey) -> Verifier {
    Verifier::builder(key.verifying_key())
        .issuer("a")
        .audience("b")
        .build()
}

fn verify(key: &SigningKey, header: &str, claims: &str) -> Result<(), VerifyError> {
    let token = Forge::new(header, claims).signed_by(key).unwrap();
    strict(key).verify_at::<Plain>(&token, now()).map(|_| ())
}

/// Claims like [`CLAIMS`] with one of them other or, if `value` is empty, absent.
fn claims_with(name: &str, value: &str) -> String {
    let mut parts: Vec<String> = [
        ("iss", "\"a\""),
        ("sub", "\"user-1\""),
        ("aud", "\"b\""),
        ("exp", "4102444800"),
    ]
    .iter()
    .filter(|(known, _)| *known != name)
    .map(|(known, value)| format!("\"{known}\":{value}"))
    .collect();
    if !value.is_empty() {
        parts.push(format!("\"{name}\":{value}"));
    }
    format!("{{{}}}", parts.join(","))
}

#[test]
fn the_honest_token_passes() {
    assert_eq!(verify(&key(Algorithm::Hs256), HEADER, CLAIMS), Ok(()));
}

#[test]
fn no_hostile_token_passes_in_any_algorithm() {
    for algorithm in [
        Algorithm::Hs256,
        Algorithm::Es256,
        Algorithm::EdDsa,
        Algorithm::Ps256,
        Algorithm::MlDsa44,
    ] {
        for key in [key(algorithm), key(algorithm).with_kid("k")] {
            let verifier = strict(&key);
            let all = hostile(&key, "JWT", CLAIMS).unwrap();
            assert!(all.len() > 70);
            for one in all {
                let started = Instant::now();
                assert!(
                    verifier.verify_at::<Plain>(&one.token, now()).is_err(),
                    "{algorithm}: {}",
                    one.name
                );
                assert!(
                    verifier.verify_at::<Whole>(&one.token, now()).is_err(),
                    "{algorithm}: {}",
                    one.name
                );
                let _ = verifier.explain::<Plain>(&one.token, now()).to_string();
                let _ = Unverified::parse(&one.token);
                let megabytes = one.token.len() / 1_000_000 + 1;
                let limit = Duration::from_millis(500) * u32::try_from(megabytes).unwrap();
                assert!(started.elapsed() < limit, "{}: {:?}", one.name, started.elapsed());
            }
        }
    }
}
