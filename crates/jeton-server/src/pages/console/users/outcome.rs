//! The outcomes of acts on users, as pages tell them.

use http::StatusCode;

use crate::{
    http::ApiError,
    model::{id::UserId, reset_code::IssuedCode, time::Timestamp},
    pages::texts::{Text, Texts},
    service::accounts::admin::AdminError,
};

/// A code that sets a new password, as it is shown this once.
pub(super) struct ShownCode {
    pub(super) code: String,
    pub(super) until: Timestamp,
}

impl ShownCode {
    pub(super) fn new(issued: &IssuedCode) -> Self {
        Self {
            code: issued.code.expose().to_owned(),
            until: issued.until,
        }
    }
}

/// The user a path names.
pub(super) fn named(id: &str) -> Result<UserId, ApiError> {
    id.parse().map_err(|_| AdminError::UserNotFound.into())
}

/// An act that was refused for a reason that its page tells; every other failure is a page of its own.
pub(super) fn refusal(
    error: AdminError,
    texts: &'static Texts,
) -> Result<(StatusCode, &'static Text), ApiError> {
    let texts = &texts.console.refused;
    match error {
        AdminError::OwnAccount => Ok((StatusCode::CONFLICT, &texts.own_account)),
        AdminError::OwnPassword => Ok((StatusCode::CONFLICT, &texts.own_password)),
        AdminError::LastAdmin => Ok((StatusCode::CONFLICT, &texts.last_admin)),
        AdminError::TargetIsAdmin => Ok((StatusCode::FORBIDDEN, &texts.target_is_admin)),
        AdminError::SessionNotFound => Ok((StatusCode::NOT_FOUND, &texts.session_over)),
        error => Err(error.into()),
    }
}
