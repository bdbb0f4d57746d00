//! Signing up: an account, and the first session with it.

use askama::Template;
use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode};

use super::{
    answer, authorize,
    fields::{self, Fields},
    frame::Frame,
    own_path::OwnPath,
    registration::{self, RegistrationFields},
    request::{Reader, Visitor},
    signin::target,
};
use crate::{
    http::{
        ApiError, App,
        cookies::{self, Delivery},
        extract::{ClientInfo, Counted, Query},
        login,
    },
    model::{password::Password, user_agent::UserAgent, username::PresentedName},
    service::accounts::{login::Credentials, register::RegisterError},
};

#[derive(Template)]
#[template(path = "signup.html")]
struct SignUpPage {
    frame: Frame,
    return_to: String,
    account: RegistrationFields,
    is_open: bool,
    /// Who is signed in already.
    present: Option<String>,
}

impl SignUpPage {
    fn new(app: &App, reader: &Reader, return_to: &str) -> Self {
        let back = OwnPath::parse(return_to);
        let mut frame = Frame::of(reader);
        // A page that answers a form has no query of its own any more.
        if let Some(back) = &back {
            frame.path = back.behind("/signup");
        }
        Self {
            frame,
            return_to: back.map_or_else(String::new, |path| path.to_string()),
            account: RegistrationFields::empty(app),
            is_open: app.service.rules().registration_open,
            present: None,
        }
    }

    async fn answer(&self, app: &App, status: StatusCode) -> Response {
        let origin = authorize::leads_to(app, &self.return_to).await;
        answer::leading_to(status, self, origin.as_deref())
    }
}

#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Entrance {
    #[serde(default)]
    return_to: String,
}

pub(super) async fn show(
    State(app): State<App>,
    reader: Reader,
    Visitor(visitor): Visitor,
    Query(entrance): Query<Entrance>,
) -> Response {
    let mut page = SignUpPage::new(&app, &reader, &entrance.return_to);
    page.present = visitor.map(|signed_in| signed_in.user.username.to_string());
    let status = if page.is_open {
        StatusCode::OK
    } else {
        StatusCode::FORBIDDEN
    };
    page.answer(&app, status).await
}

pub(super) async fn sign_up(
    State(app): State<App>,
    reader: Reader,
    ClientInfo(agent): ClientInfo,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, ApiError> {
    cookies::require_keeping(&app, &headers)?;
    let agent = Counted::count(&app, agent).await?.into_agent();
    let mut page = SignUpPage::new(&app, &reader, fields.get("return_to"));
    let Some(registration) = registration::read(&mut page.account, &fields, reader.texts()) else {
        return Ok(page.answer(&app, StatusCode::UNPROCESSABLE_ENTITY).await);
    };
    match app.service.register(registration, &agent).await {
        Ok(_) => {}
        Err(RegisterError::UsernameTaken) => {
            page.account.name.wrong(&reader.texts().wrong.name_taken);
            return Ok(page.answer(&app, StatusCode::BAD_REQUEST).await);
        }
        Err(RegisterError::WeakPassword(error)) => {
            page.account
                .password
                .wrong(fields::password(&error, reader.texts()));
            return Ok(page.answer(&app, StatusCode::UNPROCESSABLE_ENTITY).await);
        }
        Err(RegisterError::Closed) => return Ok(page.answer(&app, StatusCode::FORBIDDEN).await),
        Err(RegisterError::Failed(failure)) => return Err(failure.into()),
    }
    sign_in(&app, &headers, agent, &fields, &page.return_to).await
}

/// Signs in to the account that has just been made.
async fn sign_in(
    app: &App,
    headers: &HeaderMap,
    agent: UserAgent,
    fields: &Fields,
    return_to: &str,
) -> Result<Response, ApiError> {
    let credentials = Credentials {
        username: PresentedName::new(fields.get("username").trim().to_owned()),
        password: Password::presented(fields.get("password").to_owned()),
        agent,
    };
    let signed_in = login::open(app, credentials, headers, Delivery::Cookies).await;
    let signed_in = signed_in.map_err(|refused| refused.error)?;
    answer::signed_in(app, &signed_in, target(return_to))
}
