use axum::{extract::State, response::Response};

use super::{
    error::ApiError,
    extract::{RefreshBody, RefreshToken},
    middleware::errors::ErrorBody,
    state::App,
    token_body::{self, TokenBody},
};

/// Exchanges a refresh token for new tokens.
///
/// For its successor and a new access token.
#[utoipa::path(
    post, path = "/refresh", tag = "sessions", request_body = Option<RefreshBody>,
    security(("refresh" = []), ("cookie" = []), ()),
    responses(
        (status = 200, description = "The session has moved on. The same token presented again within the grace time, before its successor is used, gives the identical successor.", body = TokenBody<'_>),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired`, `token_revoked`, or `token_reused`: the token was exchanged before, and its session has ended.", body = ErrorBody),
        (status = 403, description = "`csrf_failed`: the token came in a cookie without its CSRF token.", body = ErrorBody),
        (status = 429, description = "`too_many_attempts`: the session was refreshed, or the same token presented again, hundreds of times at once. It goes on.", body = ErrorBody),
    ),
)]
pub(super) async fn refresh(State(app): State<App>, token: RefreshToken) -> Result<Response, ApiError> {
    let refreshed = app.service.refresh(token.presented()).await;
    let refreshed = refreshed.map_err(|error| token.refuse(&app, error));
    let outcome = refreshed.and_then(|signed_in| token_body::answer(&app, signed_in, None, token.delivery()));
    app.metrics.refreshed(outcome.as_ref());
    outcome
}
