//! The first run: whoever started the service makes its first administrator by the link that the terminal shows.

use askama::Template;
use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode};

use super::{
    answer,
    fields::{self, Field, Fields},
    frame::Frame,
    registration::{self, RegistrationFields},
    request::Reader,
};
use crate::{
    http::{
        ApiError, App, cookies,
        extract::{ClientInfo, Counted},
    },
    model::ceremony::CeremonySecret,
    service::accounts::setup::SetUpError,
};

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    frame: Frame,
    /// The secret of the link, which a script takes from the address, where no server sees it.
    secret: Field,
    account: RegistrationFields,
    /// There is an administrator: nothing is left to do here.
    is_over: bool,
}

impl SetupPage {
    fn new(app: &App, reader: &Reader) -> Self {
        Self {
            frame: Frame::of(reader),
            secret: Field::default(),
            account: RegistrationFields::empty(app),
            is_over: false,
        }
    }
}

pub(super) async fn show(State(app): State<App>, reader: Reader) -> Result<Response, ApiError> {
    let mut page = SetupPage::new(&app, &reader);
    page.is_over = app.service.has_administrator().await?;
    let status = if page.is_over {
        StatusCode::GONE
    } else {
        StatusCode::OK
    };
    Ok(answer::page(status, &page))
}

pub(super) async fn set_up(
    State(app): State<App>,
    reader: Reader,
    ClientInfo(agent): ClientInfo,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, ApiError> {
    cookies::require_keeping(&app, &headers)?;
    let agent = Counted::count(&app, agent).await?.into_agent();
    let texts = reader.texts();
    let mut page = SetupPage::new(&app, &reader);
    page.secret = Field::new(fields.get("secret").trim());
    let Some(registration) = registration::read(&mut page.account, &fields, texts) else {
        return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let secret = CeremonySecret::presented(page.secret.value.clone());
    let status = match app.service.set_up(&secret, registration, &agent).await {
        Ok(signed_in) => return answer::signed_in(&app, &signed_in, "/welcome"),
        Err(SetUpError::AdministratorExists) => {
            page.is_over = true;
            StatusCode::GONE
        }
        Err(SetUpError::InvalidLink) => {
            page.secret.wrong(&texts.setup.wrong_link);
            StatusCode::UNAUTHORIZED
        }
        Err(SetUpError::UsernameTaken) => {
            page.account.name.wrong(&texts.wrong.name_taken);
            StatusCode::BAD_REQUEST
        }
        Err(SetUpError::WeakPassword(error)) => {
            page.account.password.wrong(fields::password(&error, texts));
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(SetUpError::Failed(failure)) => return Err(failure.into()),
    };
    Ok(answer::page(status, &page))
}
