use axum::{extract::State, response::IntoResponse};
use jeton::json::Object;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::{ApiError, ErrorCode},
    extract::{Administrator, JsonBody},
    middleware::errors::ErrorBody,
    no_store::NoStore,
    state::App,
};
use crate::service::tokens::playground::PlaygroundError;

#[derive(Serialize, ToSchema)]
pub(super) struct Signed {
    token: String,
}

/// Gives a five-minute sample about a made-up user.
///
/// The token opens nothing; only `/verify-token` knows it.
#[utoipa::path(
    get, path = "/sign-token", tag = "playground",
    responses((status = 200, description = "The sample.", body = Signed)),
)]
pub(super) async fn sample(State(app): State<App>) -> Result<impl IntoResponse, ApiError> {
    Ok(answer(app.service.sign_sample()?))
}

/// Signs a payload with the playground's key.
///
/// An administrator's payload. The token opens nothing.
#[utoipa::path(
    post, path = "/sign-token", tag = "playground", security(("bearer" = []), ("cookie" = [])),
    request_body(content = Object, description = "The payload: any JSON object.", content_type = "application/json", example = json!({ "sub": "Romel", "role": "editor" })),
    responses(
        (status = 200, description = "The payload, signed as it is.", body = Signed),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
    ),
)]
pub(super) async fn sign(
    State(app): State<App>,
    _: Administrator,
    JsonBody(Object(payload)): JsonBody<Object>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(answer(app.service.sign_payload(payload)?))
}

fn answer(token: String) -> impl IntoResponse {
    NoStore(Signed { token })
}

impl From<PlaygroundError> for ApiError {
    fn from(error: PlaygroundError) -> Self {
        match error {
            PlaygroundError::NotANumber { name } => {
                Self::invalid(format!("`{name}` must be a number of seconds"))
            }
            PlaygroundError::Expired => Self::bad_token(ErrorCode::TokenExpired, "Token has expired"),
            PlaygroundError::Invalid => Self::bad_token(ErrorCode::InvalidToken, "Invalid token"),
            PlaygroundError::Failed(failure) => failure.into(),
        }
    }
}
