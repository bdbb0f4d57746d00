//! The owner of an account as the one who acts, and why they were refused.

use http::StatusCode;

use crate::{
    http::{ApiError, App, ErrorCode},
    pages::request::SignedIn,
    service::{accounts::own::OwnError, caller::RecentCaller},
};

/// The caller of a form that waited for a recent sign-in.
pub(super) fn recent(app: &App, signed_in: &SignedIn) -> Result<RecentCaller, ApiError> {
    let caller = app.service.recent_caller(&signed_in.caller());
    caller
        .map_err(|reason| ApiError::forbidden(ErrorCode::InsufficientUserAuthentication, reason.to_string()))
}

/// The answer to a refusal that no field of the form is to blame for.
pub(super) fn own_refusal(error: OwnError) -> ApiError {
    match error {
        OwnError::Failed(failure) => failure.into(),
        OwnError::UserGone => ApiError::new(
            StatusCode::NOT_FOUND,
            ErrorCode::UserNotFound,
            "This account is there no longer",
        ),
        error => ApiError::forbidden(ErrorCode::InsufficientScope, error.to_string()),
    }
}
