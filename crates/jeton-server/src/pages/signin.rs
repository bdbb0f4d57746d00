//! Signing in: a name and a password, and then back to where one wanted to go.

use askama::Template;
use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::{
    answer, authorize, ended,
    fields::{self, Field, Fields},
    frame::Frame,
    language,
    own_path::OwnPath,
    request::Reader,
    session,
};
use crate::{
    http::{
        ApiError, App, ErrorCode,
        cookies::{self, Delivery},
        extract::{ClientInfo, Counted, Query},
        login::{self, NotSignedIn},
    },
    model::{password::Password, username::PresentedName},
    service::{accounts::login::Credentials, sessions::signed_in::SignedInSession},
};

/// The query with which somebody is led to the sign-in.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Entrance {
    #[serde(default)]
    return_to: String,
    /// Set on the way back from a sign-in, to see whether the browser kept the cookies.
    #[serde(default)]
    kept: bool,
    /// Set after a new password.
    #[serde(default)]
    reset: bool,
    /// Whoever an application expects.
    #[serde(default)]
    name: String,
}

#[derive(Template)]
#[template(path = "signin.html")]
struct SignInPage {
    frame: Frame,
    return_to: String,
    name: Field,
    error: Option<String>,
    /// Why the session is over that this browser had.
    over: Option<String>,
    /// Who is signed in already.
    present: Option<String>,
    no_cookies: bool,
    has_reset: bool,
    registration_open: bool,
}

impl SignInPage {
    fn new(app: &App, reader: &Reader, return_to: &str) -> Self {
        let back = OwnPath::parse(return_to);
        let mut frame = Frame::of(reader);
        // A page that answers a form has no query of its own any more.
        if let Some(back) = &back {
            frame.path = back.behind("/signin");
        }
        Self {
            frame,
            return_to: back.map_or_else(String::new, |path| path.to_string()),
            name: Field::default(),
            error: None,
            over: None,
            present: None,
            no_cookies: false,
            has_reset: false,
            registration_open: app.service.rules().registration_open,
        }
    }

    async fn answer(&self, app: &App, status: StatusCode) -> Response {
        let origin = authorize::leads_to(app, &self.return_to).await;
        answer::leading_to(status, self, origin.as_deref())
    }
}

pub(super) async fn show(
    State(app): State<App>,
    reader: Reader,
    Query(entrance): Query<Entrance>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let mut page = SignInPage::new(&app, &reader, &entrance.return_to);
    page.has_reset = entrance.reset;
    page.name.value = entrance.name.chars().take(MAX_NAME).collect();
    match session::read(&app, &headers).await? {
        SignedInSession::Live { user, .. } if entrance.kept => {
            let response = answer::go_to(target(&page.return_to));
            let language = user.locale.map(|locale| language::kept(&app, Some(locale)));
            return Ok(answer::with_cookies(response, language.transpose()?));
        }
        SignedInSession::Live { user, .. } => page.present = Some(user.username.to_string()),
        SignedInSession::Over(facts) => page.over = Some(ended::reason(&facts, reader.now, reader.texts())),
        SignedInSession::Unknown => page.no_cookies = entrance.kept,
    }
    let status = if page.no_cookies {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    Ok(page.answer(&app, status).await)
}

/// How much of a name that an application expects is filled in.
const MAX_NAME: usize = 128;

pub(super) async fn sign_in(
    State(app): State<App>,
    reader: Reader,
    ClientInfo(agent): ClientInfo,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, ApiError> {
    cookies::require_keeping(&app, &headers)?;
    let agent = Counted::count(&app, agent).await?.into_agent();
    let mut page = SignInPage::new(&app, &reader, fields.get("return_to"));
    let (name, password) = (fields.get("username").trim(), fields.get("password"));
    page.name.value = name.to_owned();
    if name.is_empty() || password.is_empty() {
        page.error = Some(reader.texts().sign_in.both.to_string());
        return Ok(page.answer(&app, StatusCode::UNPROCESSABLE_ENTITY).await);
    }
    let credentials = Credentials {
        username: PresentedName::new(name.to_owned()),
        password: Password::presented(password.to_owned()),
        agent,
    };
    match login::open(&app, credentials, &headers, Delivery::Cookies).await {
        Ok(signed_in) => answer::signed_in(&app, &signed_in, target(&page.return_to)),
        Err(refused) => refuse(&app, page, refused, &reader).await,
    }
}

/// The form again, with what was wrong; the password has to be typed again.
async fn refuse(
    app: &App,
    mut page: SignInPage,
    refused: NotSignedIn,
    reader: &Reader,
) -> Result<Response, ApiError> {
    let NotSignedIn { throttled, error } = refused;
    page.error = match (throttled, error.code) {
        (Some(throttled), _) => Some(fields::throttled(throttled, reader.texts())),
        (None, ErrorCode::InvalidCredentials) => Some(reader.texts().sign_in.wrong.to_string()),
        _ => return Err(error),
    };
    Ok(page.answer(app, error.status).await)
}

/// Where the sign-in leads.
pub(super) fn target(return_to: &str) -> &str {
    if return_to.is_empty() {
        "/account"
    } else {
        return_to
    }
}
