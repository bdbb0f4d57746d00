//! A guard gets a time where it asks for a clock, a list that waits where it asks for one that does not.

use std::time::SystemTime;

use jeton_axum::Auth;

#[derive(serde::Deserialize)]
struct Access {}

impl jeton::Claims for Access {
    const TYP: &'static str = "at+jwt";
}

struct Database;

fn guard(verifier: jeton::Verifier, now: SystemTime) {
    let auth = Auth::<Access>::new(verifier, now);
    let _ = auth.clone().revocations(Database);
    let _ = auth.blocklist(Database);
}

fn main() {}
