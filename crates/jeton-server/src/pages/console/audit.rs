//! The audit trail: what happened, to whom and through whom, and whether the chain over it holds.

use axum::{Router, routing::get};

use crate::http::App;

mod download;
mod filter;
mod row;
mod show;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(show::show))
        .route("/events.jsonl", get(download::download))
}
