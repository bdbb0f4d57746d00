//! A layer asks for a scope by a type that names none.

use jeton_axum::{Auth, HasScope};

#[derive(serde::Deserialize)]
struct Access {}

impl jeton::Claims for Access {
    const TYP: &'static str = "at+jwt";
}

struct ReadNotes;

fn guard(auth: &Auth<Access>) {
    let _ = auth.require::<HasScope<ReadNotes>>();
}

fn main() {}
