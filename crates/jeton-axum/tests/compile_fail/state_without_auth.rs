//! A handler asks for a token and the router's state has no guard to check it.

use axum::debug_handler;
use jeton::Claims;
use jeton_axum::Bearer;

#[derive(serde::Deserialize)]
struct Access {}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";
}

#[derive(Clone)]
struct AppState {}

#[debug_handler(state = AppState)]
async fn me(Bearer(_token): Bearer<Access>) {}

fn main() {}
