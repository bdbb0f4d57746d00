//! The administrators' routes, and what proves that somebody may use them.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};
use jeton_axum::{Bearer, Denied, Rejection};

use super::{
    error::{ApiError, ErrorCode},
    protected::user_id,
};
use crate::{
    model::id::{SessionId, UserId},
    service::{
        admin::{AdminError, NotAllowed, RECENT},
        claims::Access,
    },
    state::App,
};

pub(super) mod audit;
pub(super) mod explain;
pub(super) mod keys;
pub(super) mod service_accounts;
pub(super) mod tokens;
pub(super) mod users;

/// Somebody who is an administrator at this moment, whatever the roles in their token say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Administrator {
    pub(super) id: UserId,
    pub(super) session: SessionId,
}

/// An administrator who signed in a short time ago: what changes something asks for this.
#[derive(Clone, Copy, Debug)]
pub(super) struct RecentAdministrator {
    pub(super) id: UserId,
}

impl FromRequestParts<App> for Administrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let Bearer(token) = bearer(parts, app).await?;
        let id = user_id(&token).map_err(IntoResponse::into_response)?;
        app.service.require_admin(id).await.map_err(refused)?;
        Ok(Self {
            id,
            session: token.claims().sid,
        })
    }
}

impl FromRequestParts<App> for RecentAdministrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let Bearer(token) = bearer(parts, app).await?;
        let id = user_id(&token).map_err(IntoResponse::into_response)?;
        let allowed = app.service.require_recent_admin(id, token.claims()).await;
        allowed.map_err(refused)?;
        Ok(Self { id })
    }
}

async fn bearer(parts: &mut Parts, app: &App) -> Result<Bearer<Access>, Response> {
    let bearer = <Bearer<Access> as FromRequestParts<App>>::from_request_parts(parts, app).await;
    bearer.map_err(IntoResponse::into_response)
}

fn refused(reason: NotAllowed) -> Response {
    ApiError::from(reason).into_response()
}

impl From<NotAllowed> for ApiError {
    fn from(reason: NotAllowed) -> Self {
        match reason {
            NotAllowed::NotAdmin => Self::from(&Rejection::Denied(Denied::Role)),
            NotAllowed::NotRecent => Self::from(&Rejection::Denied(Denied::Stale { max_age: RECENT })),
            NotAllowed::Failed(failure) => failure.into(),
        }
    }
}

impl From<AdminError> for ApiError {
    fn from(error: AdminError) -> Self {
        match error {
            AdminError::UserNotFound => user_not_found(),
            AdminError::SessionNotFound => Self::new(
                StatusCode::NOT_FOUND,
                ErrorCode::SessionNotFound,
                "The user has no such session",
            ),
            AdminError::NameTaken => Self::name_taken(),
            AdminError::OwnAccount => Self::new(
                StatusCode::CONFLICT,
                ErrorCode::OwnAccount,
                "This is your own account: ask another administrator",
            ),
            AdminError::LastAdmin => Self::new(
                StatusCode::CONFLICT,
                ErrorCode::LastAdmin,
                "This is the last administrator: make another one first",
            ),
            AdminError::Failed(failure) => failure.into(),
        }
    }
}

pub(super) fn user_not_found() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        ErrorCode::UserNotFound,
        "User does not exist",
    )
}

/// The user a path names.
fn named(id: &str) -> Result<UserId, ApiError> {
    id.parse().map_err(|_| user_not_found())
}
