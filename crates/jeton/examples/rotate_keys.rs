//! Publish keys, take them in elsewhere and rotate them: `cargo run -p jeton --example rotate_keys`.

use std::error::Error;
use std::time::{Duration, SystemTime};

use jeton::{Algorithm, Claims, Issuer, KeySet, SigningKey, Verifier};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Session {}

impl Claims for Session {
    const TYP: &'static str = "JWT";
}

fn token(key: &SigningKey, now: SystemTime) -> Result<String, jeton::IssueError> {
    let issuer = Issuer::<Session>::new(key.clone(), "https://id.example", Duration::from_mins(15));
    issuer.issue_at("user-1", "api", Session {}, now)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a program's outermost layer is where the clock is read"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let now = SystemTime::now();
    let old = SigningKey::generate(Algorithm::Es256)?.with_kid("2026-10");
    let new = SigningKey::generate(Algorithm::Ed25519)?.with_kid("2026-11");

    // The issuer publishes both before the new one signs, and until the last token of the old one is gone.
    let published = KeySet::new([old.verifying_key(), new.verifying_key()])?.to_jwks();
    let published = serde_json::to_string_pretty(&published)?;
    println!("{published}");

    let keys = KeySet::from_jwks(&published)?;
    let verifier = Verifier::builder(keys)
        .issuer("https://id.example")
        .audience("api")
        .build();
    for key in [&old, &new] {
        let read = verifier.verify_at::<Session>(&token(key, now)?, now)?;
        println!("{} signed by {:?}", read.algorithm(), read.kid());
    }

    // The old one is lost: the same rules, fewer keys.
    let verifier = verifier.with_keys(KeySet::from(new.verifying_key()));
    let refused = verifier.verify_at::<Session>(&token(&old, now)?, now).err();
    println!("{refused:?}");
    Ok(())
}
