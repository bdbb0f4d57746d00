//! The overview: what this node has done since it started, as it is at this moment.

use axum::{Router, routing::get};

use crate::http::App;

mod figures;
mod live;
mod show;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(show::show))
        .route("/figures", get(live::figures))
        .route("/live", get(live::live))
}
