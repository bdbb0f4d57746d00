//! Clients: programs and applications that get tokens.

use axum::{Router, routing::get};

use crate::http::App;

mod acts;
mod delete;
mod form;
mod list;
mod new;
mod one;
mod outcome;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(list::show))
        .route("/new", get(new::show).post(new::create))
        .route("/{id}", get(one::show).post(acts::act))
        .route("/{id}/delete", get(delete::show).post(delete::delete))
}
