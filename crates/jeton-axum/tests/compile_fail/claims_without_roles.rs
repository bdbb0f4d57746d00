//! A role is read from claims that say nothing about roles.

use jeton_axum::Role;

#[derive(serde::Deserialize)]
struct Access {}

impl jeton::Claims for Access {
    const TYP: &'static str = "at+jwt";
}

struct Editor;

impl Role for Editor {
    type Claims = Access;
    const NAME: &'static str = "editor";
}

fn main() {}
