//! A guard is made of a verifier that was not told for whom tokens are.

use jeton_axum::{Auth, SystemClock};

#[derive(serde::Deserialize)]
struct Access {}

impl jeton::Claims for Access {
    const TYP: &'static str = "at+jwt";
}

fn guard(keys: jeton::KeySet) -> Auth<Access> {
    let verifier = jeton::Verifier::builder(keys).issuer("https://id.example").build();
    Auth::new(verifier, SystemClock)
}

fn main() {}
