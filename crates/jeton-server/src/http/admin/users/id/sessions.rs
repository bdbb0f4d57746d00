use axum::{
    extract::{Path, State},
    response::IntoResponse,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{
        admin::named,
        error::ApiError,
        extract::{Administrator, RecentAdministrator},
        middleware::errors::ErrorBody,
        no_store::NoStore,
        sessions::SessionList,
        state::App,
    },
    service::accounts::admin::AdminError,
};

/// Lists where a user is signed in.
#[utoipa::path(
    get, path = "/admin/users/{id}/sessions", tag = "administration", security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path, description = "The user's id.")),
    responses(
        (status = 200, description = "The user's live sessions.", body = SessionList),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator.", body = ErrorBody),
        (status = 404, description = "`user_not_found`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn list(
    State(app): State<App>,
    admin: Administrator,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let sessions = app.service.administration(&admin).sessions(named(&id)?).await?;
    Ok(NoStore(SessionList::new(&sessions, admin.session())))
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct UserSessionsEnded {
    #[schema(example = "Sessions ended")]
    message: &'static str,
    /// How many there were.
    sessions: usize,
}

/// Ends every session of a user.
///
/// All their tokens are refused from this answer on.
#[utoipa::path(
    delete, path = "/admin/users/{id}/sessions", tag = "administration", security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path, description = "The user's id.")),
    responses(
        (status = 200, description = "They have ended.", body = UserSessionsEnded),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired`, `token_revoked`, or `insufficient_user_authentication`: signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
        (status = 404, description = "`user_not_found`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn end_all(
    State(app): State<App>,
    admin: RecentAdministrator,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let administration = app.service.administration(&admin);
    Ok(ended(administration.end_sessions(named(&id)?).await?))
}

/// Ends one session of a user.
#[utoipa::path(
    delete, path = "/admin/users/{id}/sessions/{session}", tag = "administration",
    security(("bearer" = []), ("cookie" = [])),
    params(
        ("id" = String, Path, description = "The user's id."),
        ("session" = String, Path, description = "The session's id."),
    ),
    responses(
        (status = 200, description = "It has ended; its tokens are refused from this answer on.", body = UserSessionsEnded),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired`, `token_revoked`, or `insufficient_user_authentication`: signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
        (status = 404, description = "`user_not_found`, or `session_not_found`: the user has no such live session.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn end_one(
    State(app): State<App>,
    admin: RecentAdministrator,
    Path((id, session)): Path<(String, String)>,
) -> Result<impl IntoResponse, ApiError> {
    let user = named(&id)?;
    let administration = app.service.administration(&admin);
    let Ok(session) = session.parse() else {
        administration.find(user).await?;
        return Err(AdminError::SessionNotFound.into());
    };
    administration.end_session(user, session).await?;
    Ok(ended(1))
}

fn ended(sessions: usize) -> impl IntoResponse {
    let body = UserSessionsEnded {
        message: "Sessions ended",
        sessions,
    };
    NoStore(body)
}
