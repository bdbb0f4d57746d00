//! Signing out: here, or everywhere.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;

use super::{
    answer,
    frame::Frame,
    request::{Reader, SignedForm, SignedIn, Visitor},
};
use crate::{
    http::{ApiError, App, cookies},
    service::sessions::logout::LogoutScope,
};

#[derive(Template)]
#[template(path = "signout.html")]
struct SignOutPage {
    frame: Frame,
    /// How many sessions there are; none are left where nobody is signed in.
    sessions: Option<u64>,
}

/// Asks whether to sign out. A link cannot sign anybody out.
pub(super) async fn show(
    State(app): State<App>,
    reader: Reader,
    Visitor(visitor): Visitor,
) -> Result<Response, ApiError> {
    let page = match visitor {
        Some(signed_in) => asked(&app, &signed_in).await?,
        None => SignOutPage {
            frame: Frame::of(&reader),
            sessions: None,
        },
    };
    Ok(answer::page(StatusCode::OK, &page))
}

async fn asked(app: &App, signed_in: &SignedIn) -> Result<SignOutPage, ApiError> {
    let sessions = app.service.live_sessions(signed_in.user.id).await?;
    Ok(SignOutPage {
        frame: Frame::of_signed_in(signed_in),
        sessions: Some(sessions.len() as u64),
    })
}

pub(super) async fn sign_out(State(app): State<App>, form: SignedForm) -> Result<Response, Response> {
    let scope = match form.fields.get("scope") {
        "all" => LogoutScope::All,
        _ => LogoutScope::Session,
    };
    let ended = app.service.logout(&form.signed_in.caller(), scope).await;
    ended.map_err(|failure| ApiError::from(failure).into_response())?;
    Ok(answer::with_cookies(
        answer::go_to("/signout"),
        cookies::cleared(&app),
    ))
}
