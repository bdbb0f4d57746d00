//! The keys that sign: which part each plays when, and how one takes the place of another.

use axum::{Router, routing::get};

use crate::http::App;

mod lane;
mod refusal;
mod rotate;
mod show;
mod span;
mod words;

pub(super) use lane::Line;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(show::show))
        .route("/{purpose}/rotate", get(rotate::show).post(rotate::rotate))
}
