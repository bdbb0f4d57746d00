use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;

use super::frame::{Place, frame};
use crate::{
    http::{
        ApiError, App, cookies,
        extract::{ClientInfo, Counted, Query},
    },
    model::password::{NewPassword, Password},
    pages::{
        answer,
        done::Done,
        fields::{self, Field},
        frame::Frame,
        request::{SignedForm, SignedIn},
    },
    service::accounts::{
        login::LoginError,
        password::{ChangePasswordError, PasswordChange},
    },
};

#[derive(Template)]
#[template(path = "account/security.html")]
struct SecurityPage {
    frame: Frame,
    current: Field,
    new: Field,
    min_chars: usize,
    sessions: u64,
    done: bool,
}

impl SecurityPage {
    async fn new(app: &App, signed_in: &SignedIn) -> Result<Self, ApiError> {
        let sessions = app.service.live_sessions(signed_in.user.id).await?.len() as u64;
        Ok(Self {
            frame: frame(signed_in, Place::Security),
            current: Field::default(),
            new: Field::default(),
            min_chars: app.service.rules().password_min_chars,
            sessions,
            done: false,
        })
    }
}

pub(super) async fn show(
    State(app): State<App>,
    Query(done): Query<Done>,
    signed_in: SignedIn,
) -> Result<Response, ApiError> {
    let mut page = SecurityPage::new(&app, &signed_in).await?;
    page.done = done.done == "password";
    Ok(answer::page(StatusCode::OK, &page))
}

/// Changes the password. Every session ends; this browser has a new one.
pub(super) async fn change_password(
    State(app): State<App>,
    ClientInfo(agent): ClientInfo,
    form: SignedForm,
) -> Result<Response, Response> {
    change(
        &app,
        Counted::count(&app, agent)
            .await
            .map_err(IntoResponse::into_response)?,
        form,
    )
    .await
    .map_err(IntoResponse::into_response)
}

async fn change(app: &App, agent: Counted, form: SignedForm) -> Result<Response, ApiError> {
    let SignedForm { signed_in, fields } = form;
    let texts = signed_in.reader.texts();
    let mut page = SecurityPage::new(app, &signed_in).await?;
    let new = Password::presented(fields.get("new_password").to_owned());
    let new = match NewPassword::choose(new, page.min_chars) {
        Ok(new) => new,
        Err(error) => {
            page.new.wrong(fields::password(&error, texts));
            return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
    };
    let change = PasswordChange {
        caller: signed_in.caller(),
        current: Password::presented(fields.get("current_password").to_owned()),
        new,
        agent: agent.into_agent(),
    };
    let status = match app.service.change_password(change).await {
        Ok(opened) => {
            let done = answer::go_to("/account/security?done=password");
            return Ok(answer::with_cookies(done, cookies::of_sign_in(app, &opened)?));
        }
        Err(ChangePasswordError::Same) => {
            page.new.wrong(&texts.password.same);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(ChangePasswordError::Weak(error)) => {
            page.new.wrong(fields::password(&error, texts));
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(ChangePasswordError::Refused(LoginError::InvalidCredentials)) => {
            page.current.wrong(&texts.password.wrong_current);
            StatusCode::UNAUTHORIZED
        }
        Err(ChangePasswordError::Refused(LoginError::Throttled(throttled))) => {
            page.current.wrong(fields::throttled(throttled, texts));
            StatusCode::TOO_MANY_REQUESTS
        }
        Err(error) => return Err(error.into()),
    };
    Ok(answer::page(status, &page))
}
