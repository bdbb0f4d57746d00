use axum::{extract::State, response::IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{chosen, weak};
use crate::{
    http::{
        error::{ApiError, ErrorCode},
        extract::{Counted, JsonBody},
        middleware::errors::ErrorBody,
        no_store::NoStore,
        state::App,
    },
    model::{reset_code::ResetCode, username::PresentedName},
    service::accounts::reset::{PasswordReset, ResetPasswordError},
};

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "username": "Romel", "code": "jr_3q2-796tvu_erb7v3q2-7w", "new_password": "blue horse over the fence" }))]
pub(in crate::http) struct ResetPasswordBody {
    #[schema(example = "Romel")]
    username: String,
    /// The code that an administrator made for this user; good once, for 24 hours.
    #[schema(example = "jr_3q2-796tvu_erb7v3q2-7w")]
    code: String,
    /// At least 8 characters, at most 1024 bytes; not a common one, nor the name, the address or the service's name.
    #[schema(format = Password)]
    new_password: String,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct PasswordSet {
    #[schema(example = "Password set")]
    message: &'static str,
}

/// Sets a new password with a code from an administrator.
///
/// The code is used up by that. Every session ends; sign in with the new password afterwards.
#[utoipa::path(
    post, path = "/password/reset", tag = "accounts", request_body = ResetPasswordBody,
    responses(
        (status = 200, description = "The password is set.", body = PasswordSet),
        (status = 401, description = "`invalid_code`, the same for an unknown name and a code that is wrong, used up or too old.", body = ErrorBody),
        (status = 422, description = "`weak_password` or `invalid_request`.", body = ErrorBody),
        (status = 429, description = "`too_many_attempts` from this address.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn reset(
    State(app): State<App>,
    agent: Counted,
    JsonBody(body): JsonBody<ResetPasswordBody>,
) -> Result<impl IntoResponse, ApiError> {
    let reset = PasswordReset {
        username: PresentedName::new(body.username),
        code: ResetCode::presented(body.code),
        new: chosen(&app, body.new_password)?,
        agent: agent.into_agent(),
    };
    app.service.reset_password(reset).await?;
    let body = PasswordSet {
        message: "Password set",
    };
    Ok(NoStore(body))
}

impl From<ResetPasswordError> for ApiError {
    fn from(error: ResetPasswordError) -> Self {
        match error {
            ResetPasswordError::InvalidCode => {
                Self::unauthorized(ErrorCode::InvalidCode, "Invalid username or code")
            }
            ResetPasswordError::Weak(error) => weak(&error),
            ResetPasswordError::Failed(failure) => failure.into(),
        }
    }
}
