//! One's own account: a file for each page.

use axum::{
    Router,
    routing::{get, post},
};
use http::StatusCode;

use super::{
    frame::{Frame, Tab},
    request::SignedIn,
};
use crate::{
    http::{ApiError, App, ErrorCode},
    service::{accounts::own::OwnError, caller::RecentCaller},
};

mod activity;
mod data;
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
        .route("/activity", get(activity::show))
        .route("/data", get(data::show).post(data::delete))
        .route("/data.json", get(data::download))
        .route("/state", get(state::show))
}

/// The pages of the area, by their places in its tabs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Profile,
    Security,
    Sessions,
    Activity,
    Data,
}

/// The frame of a page of the area.
fn frame(signed_in: &SignedIn, place: Place) -> Frame {
    let frame = Frame::of_signed_in(signed_in);
    let account = &frame.t.account;
    let tabs = [
        (Place::Profile, "/account", &account.profile),
        (Place::Security, "/account/security", &account.security),
        (Place::Sessions, "/account/sessions", &account.sessions),
        (Place::Activity, "/account/activity", &account.activity),
        (Place::Data, "/account/data", &account.data),
    ];
    let tabs = tabs.map(|(of, path, label)| Tab {
        path,
        label: label.as_str(),
        is_current: of == place,
    });
    frame.with_tabs(tabs.to_vec())
}

/// The caller of a form that waited for a recent sign-in.
fn recent(app: &App, signed_in: &SignedIn) -> Result<RecentCaller, ApiError> {
    let caller = app.service.recent_caller(&signed_in.caller());
    caller
        .map_err(|reason| ApiError::forbidden(ErrorCode::InsufficientUserAuthentication, reason.to_string()))
}

/// What no field of a form is to blame for.
fn own_refusal(error: OwnError) -> ApiError {
    match error {
        OwnError::Failed(failure) => failure.into(),
        OwnError::UserGone => ApiError::new(
            StatusCode::NOT_FOUND,
            ErrorCode::UserNotFound,
            "This account is there no longer",
        ),
        error => ApiError::forbidden(ErrorCode::InsufficientScope, error.to_string()),
    }
}
