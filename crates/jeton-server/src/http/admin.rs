//! The administrators' routes, and what proves that somebody may use them.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};
use jeton::Verified;
use jeton_axum::{Bearer, Denied, Rejection};

use super::{
    client,
    error::{ApiError, ErrorCode},
    protected::user_id,
    state::App,
};
use crate::{
    model::{client::Client, id::UserId, role::ADMIN},
    service::{
        accounts::admin::{AdminError, Administrator, NotAllowed, RECENT, RecentAdministrator},
        caller::Caller,
        machinery::claims::Access,
        tokens::refusals,
    },
};

pub(super) mod audit;
pub(super) mod explain;
pub(super) mod keys;
pub(super) mod service_accounts;
pub(super) mod tokens;
pub(super) mod users;

impl FromRequestParts<App> for Administrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let Bearer(token) = bearer(parts, app).await?;
        let id = user_id(&token).map_err(IntoResponse::into_response)?;
        match app.service.administrator(id, token.claims()).await {
            Ok(administrator) => Ok(administrator),
            Err(reason) => Err(refused_here(reason, &token, parts, app).await),
        }
    }
}

impl FromRequestParts<App> for RecentAdministrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let Bearer(token) = bearer(parts, app).await?;
        let id = user_id(&token).map_err(IntoResponse::into_response)?;
        match app.service.recent_administrator(id, token.claims()).await {
            Ok(administrator) => Ok(administrator),
            Err(reason) => Err(refused_here(reason, &token, parts, app).await),
        }
    }
}

async fn bearer(parts: &mut Parts, app: &App) -> Result<Bearer<Access>, Response> {
    let bearer = <Bearer<Access> as FromRequestParts<App>>::from_request_parts(parts, app).await;
    bearer.map_err(IntoResponse::into_response)
}

async fn refused_here(
    reason: NotAllowed,
    token: &Verified<Access>,
    parts: &mut Parts,
    app: &App,
) -> Response {
    let Ok(client::From(client)) = client::From::from_request_parts(parts, app).await;
    refused(reason, token, &client, app).await.into_response()
}

/// Answers a refusal; one for want of the role is recorded in the audit trail.
pub(super) async fn refused(
    reason: NotAllowed,
    token: &Verified<Access>,
    client: &Client,
    app: &App,
) -> ApiError {
    if let (NotAllowed::NotAdmin, Some(caller)) = (&reason, Caller::of(token)) {
        let bearer = refusals::Bearer::User(&caller);
        app.service.note_refusal(bearer, ADMIN, client).await;
    }
    reason.into()
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
            AdminError::WeakPassword(error) => error.into(),
            AdminError::OwnAccount => Self::new(
                StatusCode::CONFLICT,
                ErrorCode::OwnAccount,
                "This is your own account: ask another administrator",
            ),
            AdminError::TargetIsAdmin => Self::forbidden(
                ErrorCode::TargetIsAdmin,
                "The user is an administrator; whoever has the machine makes their codes, with `jeton users reset-password`",
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
