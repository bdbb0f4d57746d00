//! A new password with a code from an administrator, in two stations: the code, then the password.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;

use super::{
    answer,
    fields::{self, Field, Fields},
    frame::Frame,
    request::Reader,
    texts::Failure,
};
use crate::{
    http::{
        ApiError, App,
        extract::{ClientInfo, Counted},
    },
    model::{
        ceremony::CeremonySecret,
        password::{NewPassword, Password},
        reset_code::ResetCode,
        username::PresentedName,
    },
    service::accounts::reset::{FinishResetError, ResetPasswordError},
};

/// The first station.
#[derive(Template)]
#[template(path = "reset/code.html")]
struct CodePage {
    frame: Frame,
    name: Field,
    code: Field,
}

/// The second, for whoever has given a code.
#[derive(Template)]
#[template(path = "reset/password.html")]
struct PasswordPage {
    frame: Frame,
    ceremony: String,
    username: String,
    password: Field,
    min_chars: usize,
}

/// A reset that cannot go on.
#[derive(Template)]
#[template(path = "reset/over.html")]
struct OverPage {
    frame: Frame,
    over: &'static Failure,
}

pub(super) async fn show(reader: Reader) -> Response {
    let page = CodePage {
        frame: Frame::of(&reader),
        name: Field::default(),
        code: Field::default(),
    };
    answer::page(StatusCode::OK, &page)
}

pub(super) async fn give_code(
    State(app): State<App>,
    reader: Reader,
    agent: ClientInfo,
    fields: Fields,
) -> Result<Response, ApiError> {
    let agent = Counted::count(&app, agent.0).await?.into_agent();
    let name = fields.get("username").trim();
    let code = fields.get("code").trim();
    let mut page = CodePage {
        frame: Frame::of(&reader),
        name: Field::new(name),
        code: Field::default(),
    };
    let texts = reader.texts();
    if name.is_empty() || code.is_empty() {
        for (field, text) in [(&mut page.name, name), (&mut page.code, code)] {
            if text.is_empty() {
                field.wrong(&texts.wrong.required);
            }
        }
        return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let code = ResetCode::presented(code.to_owned());
    match app
        .service
        .begin_reset(&PresentedName::new(name.to_owned()), &code, &agent)
        .await
    {
        Ok(begun) => {
            let page = PasswordPage {
                frame: Frame::of(&reader),
                ceremony: begun.secret.expose().to_owned(),
                username: name.to_owned(),
                password: Field::default(),
                min_chars: app.service.rules().password_min_chars,
            };
            Ok(answer::page(StatusCode::OK, &page))
        }
        Err(ResetPasswordError::Failed(failure)) => Err(failure.into()),
        Err(_) => {
            page.code.wrong(&texts.reset.wrong);
            Ok(answer::page(StatusCode::UNAUTHORIZED, &page))
        }
    }
}

pub(super) async fn choose_password(
    State(app): State<App>,
    reader: Reader,
    agent: ClientInfo,
    fields: Fields,
) -> Result<Response, ApiError> {
    let agent = Counted::count(&app, agent.0).await?.into_agent();
    let secret = CeremonySecret::presented(fields.get("ceremony").to_owned());
    let user = match app.service.reset_user(&secret).await {
        Ok(user) => user,
        Err(error) => return over(&reader, error),
    };
    let mut page = PasswordPage {
        frame: Frame::of(&reader),
        ceremony: secret.expose().to_owned(),
        username: user.username.to_string(),
        password: Field::default(),
        min_chars: app.service.rules().password_min_chars,
    };
    let new = Password::presented(fields.get("new_password").to_owned());
    let weak = match NewPassword::choose(new, page.min_chars) {
        Ok(new) => match app.service.finish_reset(&secret, new, &agent).await {
            Ok(_) => return Ok(answer::go_to("/signin?reset=true")),
            Err(FinishResetError::Weak(error)) => error,
            Err(error) => return over(&reader, error),
        },
        Err(error) => error,
    };
    page.password.wrong(fields::password(&weak, reader.texts()));
    Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// The second station by itself: without a code there is nothing to choose.
pub(super) async fn begin_again() -> Response {
    answer::go_to("/reset")
}

fn over(reader: &Reader, error: FinishResetError) -> Result<Response, ApiError> {
    let texts = &reader.texts().reset;
    let over = match error {
        FinishResetError::Used => &texts.used,
        FinishResetError::Expired => &texts.expired,
        FinishResetError::Unknown | FinishResetError::Weak(_) => &texts.unknown,
        FinishResetError::CodeOver => &texts.code_over,
        FinishResetError::Failed(failure) => return Err(failure.into()),
    };
    let frame = Frame::of(reader);
    Ok(answer::page(StatusCode::GONE, &OverPage { frame, over }))
}
