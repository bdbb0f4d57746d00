//! The administrators' routes.

use http::StatusCode;
use jeton_axum::{Denied, Rejection};

use super::error::{ApiError, ErrorCode};
use crate::{
    model::id::UserId,
    service::{
        accounts::admin::{AdminError, NotAllowed},
        caller::RECENT,
    },
};

pub(super) mod audit;
pub(crate) mod clients;
pub(super) mod explain;
pub(super) mod keys;
pub(super) mod service_accounts;
pub(super) mod tokens;
pub(super) mod users;

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
            AdminError::UsernameTaken => Self::username_taken(),
            AdminError::WeakPassword(error) => error.into(),
            AdminError::AdminWithoutPassword => Self::invalid(
                "An administrator is made with a `password`, or on the command line: nobody but that makes a code for one",
            ),
            AdminError::OwnAccount => Self::new(
                StatusCode::CONFLICT,
                ErrorCode::OwnAccount,
                "This is your own account: ask another administrator",
            ),
            AdminError::OwnPassword => Self::new(
                StatusCode::CONFLICT,
                ErrorCode::OwnAccount,
                "This is your own account: change its password at POST /password",
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
