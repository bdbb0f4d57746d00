use std::ops::Deref;

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;
use jeton::Verified;
use jeton_axum::Bearer;

use crate::{
    http::{
        error::{ApiError, ErrorCode},
        state::App,
    },
    service::{caller::Caller, machinery::claims::Access},
};

/// The user whose access token a request bears, and whoever it names as acting in their place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CurrentUser(Caller);

impl CurrentUser {
    /// Every access token is issued with a user's id, and the guard has looked at it; the refusal is for one that is none
    /// of ours.
    pub(crate) fn of(token: &Verified<Access>) -> Result<Self, ApiError> {
        let caller = Caller::of(token).map(Self);
        caller.ok_or_else(|| ApiError::bad_token(ErrorCode::InvalidToken, "Invalid token"))
    }

    /// The answer to a good token whose user is no more.
    pub(crate) fn gone() -> ApiError {
        ApiError::bad_token(ErrorCode::TokenRevoked, "Token has been revoked")
    }
}

impl Deref for CurrentUser {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl FromRequestParts<App> for CurrentUser {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let bearer = <Bearer<Access> as FromRequestParts<App>>::from_request_parts(parts, app).await;
        let Bearer(token) = bearer.map_err(IntoResponse::into_response)?;
        Self::of(&token).map_err(IntoResponse::into_response)
    }
}
