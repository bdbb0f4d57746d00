//! A function asks for a recent sign-in, and the claims say nothing of when it was.

use jeton_axum::{Authorized, Fresh};

#[derive(serde::Deserialize)]
struct Access {}

impl jeton::Claims for Access {
    const TYP: &'static str = "at+jwt";
}

fn pay(_token: &Authorized<Fresh<Access, 300>>) {}

fn main() {}
