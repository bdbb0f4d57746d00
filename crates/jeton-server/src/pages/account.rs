//! One's own account: a file for each page.

use axum::{
    Router,
    routing::{get, post},
};

use super::{
    frame::{Frame, Tab},
    request::SignedIn,
};
use crate::http::App;

mod profile;
mod security;
mod sessions;
mod state;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(profile::show))
        .route("/sessions", get(sessions::show).post(sessions::end_others))
        .route("/sessions/{id}", post(sessions::end_one))
        .route("/security", get(security::show).post(security::change_password))
        .route("/state", get(state::show))
}

/// The pages of the area, by their places in its tabs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Profile,
    Security,
    Sessions,
}

/// The frame of a page of the area.
fn frame(signed_in: &SignedIn, place: Place) -> Frame {
    let frame = Frame::of_signed_in(signed_in);
    let account = &frame.t.account;
    let tabs = [
        (Place::Profile, "/account", &account.profile),
        (Place::Security, "/account/security", &account.security),
        (Place::Sessions, "/account/sessions", &account.sessions),
    ];
    let tabs = tabs.map(|(of, path, label)| Tab {
        path,
        label: label.as_str(),
        is_current: of == place,
    });
    frame.with_tabs(tabs.to_vec())
}
