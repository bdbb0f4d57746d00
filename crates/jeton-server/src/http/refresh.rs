use std::borrow::Cow;

use axum::{extract::State, response::Response};
use http::{header, request::Parts};
use jeton::VerifyError;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::{OptionalJsonBody, Whole},
    cookies,
    error::{ApiError, ErrorCode},
    middleware::errors::ErrorBody,
    requester::{self, Requester},
    state::App,
    token_body::{self, Delivery, TokenBody},
};
use crate::{model::session::Presented, service::sessions::refresh::RefreshError};

/// Where the refresh token may be, when it is neither in the `Authorization` header nor in a cookie.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "refresh_token": "eyJ0eXAiOiJydCtqd3Qi…" }))]
pub(super) struct RefreshBody {
    refresh_token: Option<String>,
}

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
pub(super) async fn refresh(
    State(app): State<App>,
    Whole(parts, OptionalJsonBody(body)): Whole<OptionalJsonBody<RefreshBody>>,
) -> Result<Response, ApiError> {
    let outcome = exchange(&app, &parts, body).await;
    app.metrics.refreshed(&outcome);
    outcome
}

async fn exchange(app: &App, parts: &Parts, body: Option<RefreshBody>) -> Result<Response, ApiError> {
    let in_body = body.and_then(|body| body.refresh_token);
    let found = find(app, parts, in_body.as_deref())?.ok_or_else(token_missing)?;
    let presented = found.read(app, parts).await?;
    let signed_in = app
        .service
        .refresh(&presented)
        .await
        .map_err(|error| found.refuse(app, error))?;
    token_body::answer(app, signed_in, None, found.delivery)
}

/// A refresh token and the way its successor goes back.
pub(super) struct Found<'r> {
    token: Cow<'r, str>,
    delivery: Delivery,
}

/// Looks in the body, then in the header, then in the cookies. The body is first because clients keep sending
/// their access token in the header; a header, even a broken one, hides the cookies.
pub(super) fn find<'r>(
    app: &App,
    parts: &'r Parts,
    in_body: Option<&'r str>,
) -> Result<Option<Found<'r>>, ApiError> {
    if let Some(token) = in_body {
        return Ok(Some(Found {
            token: token.into(),
            delivery: Delivery::Body,
        }));
    }
    let in_header = app.header.find(parts)?;
    if let Some(token) = in_header {
        return Ok(Some(Found {
            token,
            delivery: Delivery::Body,
        }));
    }
    if parts.headers.contains_key(header::AUTHORIZATION) {
        return Ok(None);
    }
    let in_cookie = cookies::refresh_token(app, &parts.headers)?;
    Ok(in_cookie.map(|token| Found {
        token: token.into(),
        delivery: Delivery::Cookies,
    }))
}

impl Found<'_> {
    /// Checks the token itself and, for one from a cookie, that a page of this site sent it.
    pub(super) async fn read(&self, app: &App, parts: &Parts) -> Result<Presented, ApiError> {
        let presented = app
            .service
            .read_refresh(&self.token)
            .await
            .map_err(|error| self.refuse(app, error))?;
        requester::note(Requester::session(presented.session));
        if self.delivery == Delivery::Cookies {
            cookies::require_csrf(app, &parts.headers, presented.session)?;
        }
        Ok(presented)
    }

    /// A browser whose token is good for nothing any more is told to forget it.
    pub(super) fn refuse(&self, app: &App, error: RefreshError) -> ApiError {
        let for_good = !matches!(error, RefreshError::Failed(_) | RefreshError::TooOften { .. });
        let refusal = ApiError::from(error);
        if !for_good || self.delivery == Delivery::Body {
            return refusal;
        }
        let cleared = cookies::cleared(app).into_iter();
        cleared.fold(refusal, |refusal, cookie| {
            refusal.with(header::SET_COOKIE, cookie)
        })
    }
}

pub(super) fn token_missing() -> ApiError {
    ApiError::unauthorized(ErrorCode::TokenMissing, "Token is missing")
}

impl From<RefreshError> for ApiError {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Invalid(VerifyError::Expired { .. }) | RefreshError::Expired => {
                Self::bad_token(ErrorCode::TokenExpired, "Token has expired")
            }
            RefreshError::Invalid(_) | RefreshError::Unknown => {
                Self::bad_token(ErrorCode::InvalidToken, "Invalid token")
            }
            RefreshError::Ended => Self::bad_token(ErrorCode::TokenRevoked, "Token has been revoked"),
            RefreshError::Reused => Self::bad_token(
                ErrorCode::TokenReused,
                "This refresh token was used before, so somebody may hold a copy: its session has ended, sign in again",
            ),
            RefreshError::TooOften { left } => {
                Self::too_many_attempts_for_now("This session was refreshed too often", left)
            }
            RefreshError::Failed(failure) => failure.into(),
        }
    }
}
