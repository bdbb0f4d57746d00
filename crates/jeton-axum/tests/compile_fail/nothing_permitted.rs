//! A handler asks for what a rule has looked up, and there is no rule.

use jeton_axum::{Auth, Permitted};

#[derive(serde::Deserialize)]
struct Access {}

impl jeton::Claims for Access {
    const TYP: &'static str = "at+jwt";
}

struct OwnNote;

#[axum::debug_handler(state = Auth<Access>)]
async fn read(_note: Permitted<OwnNote>) {}

fn main() {}
