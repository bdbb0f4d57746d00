//! The front door: whoever is signed in goes to their account, everybody else is asked who they are.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::{
    answer,
    frame::Frame,
    request::{Reader, Visitor},
};
use crate::{
    http::{ApiError, App},
    model::ceremony::CeremonySecret,
    service::accounts::setup::SetUpError,
};
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
    let nobodys = CeremonySecret::presented(String::new());
    let is_unclaimed = match app.service.check_setup_link(&nobodys).await {
        Err(SetUpError::Failed(failure)) => return Err(failure.into()),
        Err(SetUpError::AdministratorExists) => false,
        _ => true,
    };
    let page = Front {
        is_unclaimed,
        frame: Frame::of(&reader),
        registration_open: app.service.rules().registration_open,
    };
    Ok(answer::page(StatusCode::OK, &page))
}
