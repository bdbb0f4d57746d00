use std::borrow::Cow;

use axum::extract::{FromRequest, Request};
use http::{header, request::Parts};
use jeton::VerifyError;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{HeadAndBody, OptionalJsonBody};
use crate::{
    http::{
        cookies::{self, Delivery},
        error::{ApiError, ErrorCode, SessionOver},
        requester::{self, Requester},
        state::App,
    },
    model::session::Presented,
    service::sessions::refresh::RefreshError,
};

/// Where the refresh token may be, when it is neither in the `Authorization` header nor in a cookie.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "refresh_token": "eyJ0eXAiOiJydCtqd3Qi…" }))]
pub(crate) struct RefreshBody {
    refresh_token: Option<String>,
}

/// A refresh token whose signature and times are right and, where it came in a cookie, that a page of this site sent.
#[derive(Debug)]
pub(crate) struct RefreshToken {
    presented: Presented,
    delivery: Delivery,
}

impl RefreshToken {
    /// Looks in the body, then in the header, then in the cookies. The body is first because clients keep sending their
    /// access token in the header; a header, even a broken one, hides the cookies.
    pub(crate) async fn of(app: &App, parts: &Parts, in_body: Option<&str>) -> Result<Self, ApiError> {
        let sent = match in_body {
            Some(token) => Some(Cow::from(token)),
            None => app.header.find(parts)?,
        };
        if let Some(token) = sent {
            return Ok(Self::sent(app, &token).await?);
        }
        if parts.headers.contains_key(header::AUTHORIZATION) {
            return Err(ApiError::token_missing());
        }
        let token = cookies::refresh_token(app, &parts.headers)?.ok_or_else(ApiError::token_missing)?;
        let verified = Self::verify(app, token, Delivery::Cookies).await;
        let verified = verified.map_err(|error| refusal(app, Delivery::Cookies, error))?;
        cookies::require_csrf(app, &parts.headers, verified.presented.session())?;
        Ok(verified)
    }

    /// A refresh token that did not come in a cookie.
    pub(crate) async fn sent(app: &App, token: &str) -> Result<Self, RefreshError> {
        Self::verify(app, token, Delivery::Body).await
    }

    async fn verify(app: &App, token: &str, delivery: Delivery) -> Result<Self, RefreshError> {
        let presented = app.service.read_refresh(token).await?;
        requester::note(Requester::session(presented.session()));
        Ok(Self { presented, delivery })
    }

    pub(crate) const fn presented(&self) -> &Presented {
        &self.presented
    }

    /// The way its successor goes back.
    pub(crate) const fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// The answer to a token that did not do.
    pub(crate) fn refuse(&self, app: &App, error: RefreshError) -> ApiError {
        if matches!(error, RefreshError::Ended) {
            requester::note_revoked(self.presented.session());
        }
        refusal(app, self.delivery, error)
    }
}

/// The refresh token of a request that asks for its successor. A refusal counts as a refresh that failed.
impl FromRequest<App> for RefreshToken {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let HeadAndBody(parts, OptionalJsonBody::<RefreshBody>(body)) =
            HeadAndBody::from_request(request, app).await?;
        let in_body = body.and_then(|body| body.refresh_token);
        let found = Self::of(app, &parts, in_body.as_deref()).await;
        if found.is_err() {
            app.metrics.refreshed(found.as_ref());
        }
        found
    }
}

/// A browser whose token is good for nothing any more is told to forget it.
fn refusal(app: &App, delivery: Delivery, error: RefreshError) -> ApiError {
    let for_good = !matches!(error, RefreshError::Failed(_) | RefreshError::TooOften { .. });
    let refusal = ApiError::from(error);
    if !for_good || delivery == Delivery::Body {
        return refusal;
    }
    let cleared = cookies::cleared(app).into_iter();
    cleared.fold(refusal, |refusal, cookie| {
        refusal.with(header::SET_COOKIE, cookie)
    })
}

impl From<RefreshError> for ApiError {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Invalid(VerifyError::Expired { .. }) | RefreshError::Expired => {
                Self::bad_token(ErrorCode::TokenExpired, "Token has expired").because(SessionOver::Expired)
            }
            RefreshError::Invalid(_) | RefreshError::Unknown => {
                Self::bad_token(ErrorCode::InvalidToken, "Invalid token")
            }
            RefreshError::Ended => Self::bad_token(ErrorCode::TokenRevoked, "Token has been revoked"),
            RefreshError::Reused => Self::bad_token(
                ErrorCode::TokenReused,
                "This refresh token was used before, so somebody may hold a copy: its session has ended, sign in again",
            )
            .because(SessionOver::Reuse),
            RefreshError::TooOften { left } => {
                Self::too_many_attempts_for_now("This session was refreshed too often", left)
            }
            RefreshError::Failed(failure) => failure.into(),
        }
    }
}
