//! The front door: whoever is signed in goes to their account, everybody else is asked who they are.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::{
    answer,
    frame::Frame,
    request::{Reader, Visitor},
};
use crate::http::{ApiError, App};
use axum::extract::State;

#[derive(Template)]
#[template(path = "front.html")]
struct Front {
    frame: Frame,
    registration_open: bool,
    /// Whether nobody administers the service yet.
    is_unclaimed: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    reader: Reader,
    Visitor(visitor): Visitor,
) -> Result<Response, ApiError> {
    if visitor.is_some() {
        return Ok(answer::go_to("/account"));
    }
    let is_unclaimed = !app.service.has_administrator().await?;
    let page = Front {
        is_unclaimed,
        frame: Frame::of(&reader),
        registration_open: app.service.rules().registration_open,
    };
    Ok(answer::page(StatusCode::OK, &page))
}
