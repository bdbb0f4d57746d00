use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::header;
use jeton::Verified;
use jeton_axum::Bearer;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::{ApiError, ErrorCode},
    middleware::errors::ErrorBody,
};
use crate::{
    model::id::UserId,
    service::{caller::Caller, machinery::claims::Access},
};

#[derive(Serialize, ToSchema)]
pub(super) struct Protected<'t> {
    id: &'t str,
    username: &'t str,
}

/// Says whose token it is.
///
/// A route behind the guard: the answer stands in the token, no query is made.
#[utoipa::path(
    get, path = "/protected", tag = "tokens", security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "Whose token it is.", body = Protected<'_>),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
    ),
)]
pub(super) async fn protected(Bearer(token): Bearer<Access>) -> Result<Response, ApiError> {
    let body = Protected {
        id: token.subject().ok_or_else(not_ours)?,
        username: &token.claims().username,
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// Whom a token is about.
pub(super) fn user_id<C>(token: &Verified<C>) -> Result<UserId, ApiError> {
    let id = token.subject().and_then(|subject| subject.parse().ok());
    id.ok_or_else(not_ours)
}

/// Every access token is issued with a user's id, and the guard has looked at it; this is for one that is none of ours.
fn not_ours() -> ApiError {
    ApiError::bad_token(ErrorCode::InvalidToken, "Invalid token")
}

/// Who bears a token.
pub(super) fn caller(token: &Verified<Access>) -> Result<Caller, ApiError> {
    Caller::of(token).ok_or_else(|| ApiError::bad_token(ErrorCode::InvalidToken, "Invalid token"))
}

/// The answer to a good token whose user is no more.
pub(super) fn user_gone() -> ApiError {
    ApiError::bad_token(ErrorCode::TokenRevoked, "Token has been revoked")
}
