//! A handler asks for a user whose type says nothing about how to look it up.

use jeton_axum::{Auth, CurrentUser};

#[derive(serde::Deserialize)]
struct Access {}

impl jeton::Claims for Access {
    const TYP: &'static str = "at+jwt";
}

struct User;

#[axum::debug_handler(state = Auth<Access>)]
async fn me(_user: CurrentUser<User>) {}

fn main() {}
