use axum::{
    Json,
    extract::{Path, State},
    response::IntoResponse,
};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{
        error::{ApiError, ErrorCode},
        extract::CurrentUser,
        middleware::errors::ErrorBody,
        state::App,
    },
    service::sessions::listed::EndSessionError,
};

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct SessionEnded {
    #[schema(example = "Session ended")]
    message: &'static str,
}

/// Ends one of the user's own sessions.
#[utoipa::path(
    delete, path = "/sessions/{id}", tag = "sessions", security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path, description = "The session's id, as `/sessions` lists it.")),
    responses(
        (status = 200, description = "It has ended; its tokens are refused from this answer on.", body = SessionEnded),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
        (status = 403, description = "`csrf_failed`.", body = ErrorBody),
        (status = 404, description = "`session_not_found`: the user has no such live session.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn end(
    State(app): State<App>,
    user: CurrentUser,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let session = id.parse().map_err(|_| not_found())?;
    app.service.end_session(&user, session).await?;
    Ok(Json(SessionEnded {
        message: "Session ended",
    }))
}

fn not_found() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        ErrorCode::SessionNotFound,
        "You have no such session",
    )
}

impl From<EndSessionError> for ApiError {
    fn from(error: EndSessionError) -> Self {
        match error {
            EndSessionError::NotFound => not_found(),
            EndSessionError::Failed(failure) => failure.into(),
        }
    }
}
