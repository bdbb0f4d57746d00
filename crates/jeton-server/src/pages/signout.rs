//! Signing out: here, or everywhere.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;

use super::{
    answer, authorize,
    frame::Frame,
    leave,
    request::{Reader, SignedForm, SignedIn, Visitor},
};
use crate::{
    http::{ApiError, App, cookies},
    model::authorization::Parameters,
    service::{grants::sign_out::Leaving, sessions::logout::LogoutScope},
};

#[derive(Template)]
#[template(path = "signout.html")]
struct SignOutPage {
    frame: Frame,
    /// How many sessions there are; none are left where nobody is signed in.
    sessions: Option<u64>,
    /// What an application that asks for it sent; empty where none does.
    asked: String,
}

/// Asks whether to sign out. A link cannot sign anybody out.
pub(super) async fn show(
    State(app): State<App>,
    reader: Reader,
    Visitor(visitor): Visitor,
) -> Result<Response, ApiError> {
    let page = match visitor {
        Some(signed_in) => asked(&app, &signed_in, String::new()).await?,
        None => SignOutPage {
            frame: Frame::of(&reader),
            sessions: None,
            asked: String::new(),
        },
    };
    Ok(answer::page(StatusCode::OK, &page))
}

/// Asks whether to sign out, for an application.
pub(super) async fn ask_for(
    app: &App,
    signed_in: &SignedIn,
    parameters: &Parameters,
    leaving: &Leaving,
) -> Result<Response, ApiError> {
    let asked_for = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters.iter())
        .finish();
    let page = asked(app, signed_in, asked_for).await?;
    let origin = leaving.target.as_deref().map(authorize::origin);
    Ok(answer::leading_to(StatusCode::OK, &page, origin.as_deref()))
}

async fn asked(app: &App, signed_in: &SignedIn, asked: String) -> Result<SignOutPage, ApiError> {
    let sessions = app.service.live_sessions(signed_in.user.id).await?;
    Ok(SignOutPage {
        frame: Frame::of_signed_in(signed_in),
        sessions: Some(sessions.len() as u64),
        asked,
    })
}

pub(super) async fn sign_out(State(app): State<App>, form: SignedForm) -> Result<Response, Response> {
    let leaving = leave::after_form(&app, &form.signed_in.reader, form.fields.get("asked")).await?;
    let scope = match form.fields.get("scope") {
        "all" => LogoutScope::All,
        _ => LogoutScope::Session,
    };
    let ended = app.service.logout(&form.signed_in.caller(), scope).await;
    ended.map_err(|failure| ApiError::from(failure).into_response())?;
    Ok(leave::gone(&leaving, cookies::cleared(&app)))
}
