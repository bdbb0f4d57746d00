//! A token is made for a user whose type says nothing of what tokens hold.

use jeton_axum::Tokens;

#[derive(serde::Serialize)]
struct Access {}

impl jeton::Claims for Access {
    const TYP: &'static str = "at+jwt";
}

struct User;

fn sign_in(tokens: &Tokens<Access>) {
    let _ = tokens.create_access_token(&User);
}

fn main() {}
