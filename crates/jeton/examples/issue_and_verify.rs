//! Issue a token and verify it: `cargo run -p jeton --example issue_and_verify`.

use std::error::Error;
use std::time::{Duration, SystemTime};

use jeton::{Algorithm, Claims, Issuer, SigningKey, Verified, Verifier};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Access {
    roles: Vec<String>,
}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";
}

#[expect(
    clippy::disallowed_methods,
    reason = "a program's outermost layer is where the clock is read"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let now = SystemTime::now();
    let key = SigningKey::generate(Algorithm::Es256)?.with_kid("2026-11");

    let issuer = Issuer::<Access>::new(key.clone(), "https://id.example", Duration::from_mins(15));
    let access = Access {
        roles: vec!["editor".to_owned()],
    };
    let token = issuer.issue_at("user-1", "api", access, now)?;
    println!("{token}\n");

    let verifier = Verifier::builder(key.verifying_key())
        .issuer("https://id.example")
        .audience("api")
        .build();
    let read: Verified<Access> = verifier.verify_at(&token, now)?;
    println!("{:?} may be {:?}\n", read.subject(), read.claims().roles);

    // An hour later, and for another service: why not?
    let other = Verifier::builder(key.verifying_key())
        .issuer("https://id.example")
        .audience("shop")
        .build();
    println!(
        "{}",
        other.explain::<Access>(&token, now + Duration::from_hours(1))
    );
    Ok(())
}
