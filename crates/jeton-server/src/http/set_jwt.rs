use std::time::Duration;

use axum::{extract::State, response::Response};
use http::request::Parts;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    cookies::Delivery,
    error::{ApiError, ErrorCode},
    extract::{ClientInfo, Counted, CurrentUser, HeadAndBody, JsonBody},
    login::{CredentialsBody, DeviceHeader, sign_in},
    middleware::errors::ErrorBody,
    state::App,
    token_body::{self, TokenBody},
};
use crate::{
    model::{claims::PresentedClaims, username::UsernameKey},
    service::sessions::on_behalf::{OnBehalf, OnBehalfError},
};

/// A user's own name and password, or, from an administrator, somebody's name alone.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "username": "Romel", "password": "pass1425" }))]
pub(super) struct SetJwtBody {
    #[schema(example = "Romel")]
    username: String,
    /// May be left out by an administrator who signed in within the last 15 minutes.
    #[schema(format = Password)]
    password: Option<String>,
    /// Only without a password: claims of your own for the token. None may take a name the service uses.
    #[serde(default)]
    #[schema(value_type = Object)]
    claims: PresentedClaims,
    /// Only without a password: how many seconds the token lives, at most as long as any other.
    #[schema(minimum = 1)]
    expires_in: Option<u64>,
    /// Only with a password: puts the tokens into cookies.
    #[serde(default)]
    cookies: bool,
}

/// Signs in, or makes a token for somebody as an administrator.
///
/// The first two tutorials sign in under this name.
#[utoipa::path(
    post, path = "/set-jwt", tag = "tokens", request_body = SetJwtBody, params(DeviceHeader), security(("bearer" = []), ()),
    responses(
        (status = 200, description = "The token. Without a password it comes alone, names the administrator in `act`, and the user sees its session.", body = TokenBody<'_>, headers(
            ("Jeton-Device" = Option<String>, description = "With a password, as from `/login`."),
        )),
        (status = 401, description = "`invalid_credentials`, or what the administrator's token lacks: `insufficient_user_authentication` when they signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; `target_is_admin`: the user is one.", body = ErrorBody),
        (status = 404, description = "`user_not_found`.", body = ErrorBody),
        (status = 429, description = "`too_many_attempts` with a password.", body = ErrorBody),
    ),
)]
pub(super) async fn set_jwt(
    State(app): State<App>,
    ClientInfo(agent): ClientInfo,
    HeadAndBody(parts, JsonBody(body)): HeadAndBody<JsonBody<SetJwtBody>>,
) -> Result<Response, ApiError> {
    let SetJwtBody {
        username,
        password,
        claims,
        expires_in,
        cookies,
    } = body;
    match password {
        Some(_) if !claims.is_empty() || expires_in.is_some() => Err(ApiError::invalid(
            "`claims` and `expires_in` are for administrators, who leave `password` out",
        )),
        Some(password) => {
            let credentials = CredentialsBody::new(username, password, cookies);
            sign_in(
                &app,
                credentials,
                Counted::count(&app, agent).await?,
                &parts.headers,
                Some("JWT created"),
            )
            .await
        }
        None if cookies => Err(ApiError::invalid(
            "`cookies` are for one's own sign-in, with a password",
        )),
        None => {
            let request = OnBehalf {
                username: UsernameKey::parse(&username).ok(),
                custom_claims: claims.check()?,
                expires_in: expires_in.map(Duration::from_secs),
                agent,
            };
            on_behalf(&app, &parts, request).await
        }
    }
}

async fn on_behalf(app: &App, parts: &Parts, request: OnBehalf) -> Result<Response, ApiError> {
    // From the header alone: a page that a browser signs in by itself cannot be made to do this.
    let token = match app.header.authenticate(parts) {
        Ok(Some(token)) => token,
        Ok(None) => {
            return Err(ApiError::invalid(
                "`password` is missing; only an administrator may leave it out",
            ));
        }
        Err(rejection) => return Err(rejection.into()),
    };
    let user = CurrentUser::of(&token)?;
    let admin = app.service.recent_administrator(&user, &request.agent).await?;
    let signed_in = app.service.sign_in_on_behalf(&admin, request).await?;
    token_body::answer(app, signed_in, Some("JWT created"), Delivery::Body)
}

impl From<OnBehalfError> for ApiError {
    fn from(error: OnBehalfError) -> Self {
        match error {
            OnBehalfError::UserNotFound => super::admin::user_not_found(),
            OnBehalfError::TargetIsAdmin => Self::forbidden(
                ErrorCode::TargetIsAdmin,
                "The user is an administrator; their tokens come from their own login alone",
            ),
            OnBehalfError::Lifetime { longest } => Self::invalid(format!(
                "`expires_in` must be between 1 and {} seconds",
                longest.as_secs()
            )),
            OnBehalfError::Failed(failure) => failure.into(),
        }
    }
}
