//! A scope is read from claims that say nothing about scopes.

use jeton_axum::Scope;

#[derive(serde::Deserialize)]
struct Access {}

impl jeton::Claims for Access {
    const TYP: &'static str = "at+jwt";
}

struct ReadNotes;

impl Scope for ReadNotes {
    type Claims = Access;
    const NAME: &'static str = "notes:read";
}

fn main() {}
