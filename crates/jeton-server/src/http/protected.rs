use axum::{Json, response::IntoResponse};
use http::header;
use jeton::Verified;
use jeton_axum::Bearer;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::{ApiError, ErrorCode},
    middleware::errors::ErrorBody,
};
use crate::{model::id::UserId, service::claims::Access};

#[derive(Serialize, ToSchema)]
pub(super) struct Protected {
    id: String,
    username: String,
}

/// A route behind the guard: what it answers stands in the token, no query is made.
#[utoipa::path(
    get, path = "/protected", tag = "tokens", security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "Whose token it is.", body = Protected),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
    ),
)]
pub(super) async fn protected(Bearer(token): Bearer<Access>) -> Result<impl IntoResponse, ApiError> {
    let body = Protected {
        id: user_id(&token)?.to_string(),
        username: token.claims().username.clone(),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)))
}

/// Whom a token is about.
pub(super) fn user_id<C>(token: &Verified<C>) -> Result<UserId, ApiError> {
    let id = token.subject().and_then(|subject| subject.parse().ok());
    id.ok_or_else(|| ApiError::bad_token(ErrorCode::InvalidToken, "Invalid token"))
}

/// The answer to a good token whose user is no more.
pub(super) fn user_gone() -> ApiError {
    ApiError::bad_token(ErrorCode::TokenRevoked, "Token has been revoked")
}
