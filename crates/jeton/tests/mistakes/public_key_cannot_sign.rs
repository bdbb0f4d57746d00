//! Algorithm confusion begins where a public key is used as a secret. Here it cannot sign.

use std::time::Duration;

fn sign(public: jeton::VerifyingKey) -> jeton::Issuer<Plain> {
    jeton::Issuer::new(public, "https://id.example", Duration::from_secs(900))
}

#[derive(serde::Serialize)]
struct Plain;

impl jeton::Claims for Plain {
    const TYP: &'static str = "JWT";
}

fn main() {}
