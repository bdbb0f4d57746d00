use axum::{extract::State, response::Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::JsonBody,
    client,
    error::{ApiError, ErrorCode},
    middleware::errors::ErrorBody,
    token_body::{self, Delivery, TokenBody},
};
use crate::{
    model::{client::Client, password::Password, username::UsernameKey},
    service::login::{Credentials, LoginError},
    state::App,
};

/// Who wants in.
#[derive(Deserialize, ToSchema)]
pub(super) struct CredentialsBody {
    #[schema(example = "Romel")]
    username: String,
    #[schema(example = "pass1425", format = Password)]
    password: String,
    /// Puts the tokens into `HttpOnly` cookies instead of the answer's body.
    #[serde(default)]
    cookies: bool,
}

/// Signs in: opens a session.
#[utoipa::path(
    post, path = "/login", tag = "accounts", request_body = CredentialsBody,
    responses(
        (status = 200, description = "The session is open.", body = TokenBody),
        (status = 401, description = "`invalid_credentials`, the same for an unknown name and a wrong password.", body = ErrorBody),
    ),
)]
pub(super) async fn login(
    State(app): State<App>,
    client::From(client): client::From,
    JsonBody(body): JsonBody<CredentialsBody>,
) -> Result<Response, ApiError> {
    sign_in(&app, body, client, Some("Login successful")).await
}

/// The same for every route that takes a name and a password.
pub(super) async fn sign_in(
    app: &App,
    body: CredentialsBody,
    client: Client,
    message: Option<&'static str>,
) -> Result<Response, ApiError> {
    let delivery = Delivery::from_wish(body.cookies);
    if delivery == Delivery::Cookies {
        super::cookies::available(app)?;
    }
    let credentials = Credentials {
        username: UsernameKey::parse(&body.username).ok(),
        password: Password::presented(body.password),
        client,
    };
    let signed_in = app.service.login(credentials).await?;
    token_body::answer(app, signed_in, message, delivery)
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
            LoginError::Failed(failure) => failure.into(),
        }
    }
}
