use axum::{extract::State, response::Response};
use http::HeaderMap;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    cookies::{self, Delivery},
    error::{ApiError, ErrorCode},
    extract::{Counted, HeadAndBody, JsonBody},
    middleware::errors::ErrorBody,
    state::App,
    token_body::{self, TokenBody},
};
use crate::{
    model::{password::Password, username::PresentedName},
    service::accounts::{
        login::{Credentials, LoginError, SignedIn},
        throttle::Throttled,
    },
};

/// Credentials of a sign-in.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "username": "Romel", "password": "pass1425" }))]
pub(super) struct CredentialsBody {
    #[schema(example = "Romel")]
    username: String,
    #[schema(example = "pass1425", format = Password)]
    password: String,
    /// Puts the tokens into `HttpOnly` cookies instead of the answer's body.
    #[serde(default)]
    cookies: bool,
}

/// The header by which a program that has signed in before is known.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(
    dead_code,
    reason = "only the document reads it: browsers send a cookie instead"
)]
pub(super) struct DeviceHeader {
    /// The device token of the last sign-in to the account. Failures of others do not slow it down then.
    #[serde(rename = "Jeton-Device")]
    #[param(nullable = false)]
    device: Option<String>,
}

/// Signs in: opens a session.
///
/// With `cookies`, the session that the browser's cookies belonged to ends.
#[utoipa::path(
    post, path = "/login", tag = "accounts", request_body = CredentialsBody, params(DeviceHeader),
    responses(
        (status = 200, description = "The session is open.", body = TokenBody<'_>, headers(
            ("Jeton-Device" = Option<String>, description = "What this device is known by from now on; in cookie mode it is a cookie."),
        )),
        (status = 401, description = "`invalid_credentials`, the same for an unknown name and a wrong password.", body = ErrorBody),
        (status = 429, description = "`too_many_attempts`, under this name or from this address; even the right password has to wait then.", body = ErrorBody),
    ),
)]
pub(super) async fn login(
    State(app): State<App>,
    agent: Counted,
    HeadAndBody(parts, JsonBody(body)): HeadAndBody<JsonBody<CredentialsBody>>,
) -> Result<Response, ApiError> {
    sign_in(&app, body, agent, &parts.headers, Some("Login successful")).await
}

/// Signs in by name and password, for every route that takes both.
pub(super) async fn sign_in(
    app: &App,
    body: CredentialsBody,
    agent: Counted,
    headers: &HeaderMap,
    message: Option<&'static str>,
) -> Result<Response, ApiError> {
    let delivery = Delivery::from_wish(body.cookies);
    if delivery == Delivery::Cookies {
        cookies::require_keeping(app, headers)?;
    }
    let credentials = Credentials {
        username: PresentedName::new(body.username),
        password: Password::presented(body.password),
        agent: agent.into_agent(),
    };
    let signed_in = open(app, credentials, headers, delivery).await;
    let signed_in = signed_in.map_err(|refused| refused.error)?;
    token_body::answer(app, signed_in, message, delivery)
}

/// Opens a session by name and password, for the API and the pages alike. In cookies it takes the place of the session
/// that the browser had.
pub(crate) async fn open(
    app: &App,
    credentials: Credentials,
    headers: &HeaderMap,
    delivery: Delivery,
) -> Result<SignedIn, NotSignedIn> {
    let signed_in = app.service.login(credentials).await.map_err(NotSignedIn::from);
    app.metrics
        .signed_in(signed_in.as_ref().map_err(|refused| &refused.error));
    let signed_in = signed_in?;
    if delivery == Delivery::Cookies
        && let Ok(Some(before)) = cookies::refresh_token(app, headers)
    {
        let ended = app.service.end_replaced(before).await;
        ended.map_err(LoginError::from)?;
    }
    Ok(signed_in)
}

/// Why nobody was signed in, and how long they have to wait where that is why.
#[derive(Debug)]
pub(crate) struct NotSignedIn {
    pub(crate) throttled: Option<Throttled>,
    pub(crate) error: ApiError,
}

impl From<LoginError> for NotSignedIn {
    fn from(error: LoginError) -> Self {
        Self {
            throttled: match &error {
                LoginError::Throttled(throttled) => Some(*throttled),
                LoginError::InvalidCredentials | LoginError::Failed(_) => None,
            },
            error: error.into(),
        }
    }
}

impl CredentialsBody {
    pub(super) const fn new(username: String, password: String, cookies: bool) -> Self {
        Self {
            username,
            password,
            cookies,
        }
    }
}

impl From<LoginError> for ApiError {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::InvalidCredentials => {
                Self::unauthorized(ErrorCode::InvalidCredentials, "Invalid username or password")
            }
            LoginError::Throttled(throttled) => throttled.into(),
            LoginError::Failed(failure) => failure.into(),
        }
    }
}

impl From<Throttled> for ApiError {
    fn from(throttled: Throttled) -> Self {
        let left = throttled.retry_after();
        match throttled {
            Throttled::Wait { .. } => Self::too_many_attempts_for_now("Too many failed attempts", left),
            Throttled::Locked => Self::too_many_attempts(
                "Too many failed attempts: ask an administrator to unlock this name, or sign in from a device that has \
                 signed in before",
                left,
            ),
        }
    }
}
