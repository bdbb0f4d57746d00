//! One's own account: a file for each page.

use axum::{
    Router,
    routing::{get, post},
};

use crate::http::App;

mod activity;
mod applications;
mod data;
mod frame;
mod owner;
mod profile;
mod security;
mod sessions;
mod state;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(profile::show))
        .route("/name", get(profile::lead_there).post(profile::change_name))
        .route("/email", get(profile::lead_there).post(profile::change_email))
        .route("/language", post(profile::change_language))
        .route("/sessions", get(sessions::show).post(sessions::end_others))
        .route("/sessions/{id}", post(sessions::end_one))
        .route("/security", get(security::show).post(security::change_password))
        .route("/applications", get(applications::show))
        .route("/applications/{id}", post(applications::revoke))
        .route("/activity", get(activity::show))
        .route("/data", get(data::show).post(data::delete))
        .route("/data.json", get(data::download))
        .route("/state", get(state::show))
}
