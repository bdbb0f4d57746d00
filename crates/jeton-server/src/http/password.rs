use axum::{extract::State, response::Response};
use http::{HeaderMap, header};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    cookies::Delivery,
    error::{ApiError, ErrorCode},
    extract::{Counted, CurrentUser, JsonBody},
    middleware::errors::ErrorBody,
    state::App,
    token_body::{self, TokenBody},
};
use crate::{
    model::password::{NewPassword, Password, PasswordError},
    service::accounts::password::{ChangePasswordError, PasswordChange},
};

pub(super) mod reset;

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "current_password": "pass1425", "new_password": "blue horse over the fence" }))]
pub(super) struct PasswordBody {
    #[schema(format = Password)]
    current_password: String,
    /// At least 8 characters, at most 1024 bytes, not a common one, not the present one, nor the name, the address or
    /// the service's name.
    #[schema(format = Password)]
    new_password: String,
}

/// Changes one's own password.
///
/// Every session ends, this one too; the answer opens a new one and travels as the request did: in cookies, or in the
/// body.
#[utoipa::path(
    post, path = "/password", tag = "accounts", request_body = PasswordBody,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The password is changed; earlier tokens are refused from this answer on.", body = TokenBody<'_>),
        (status = 401, description = "`invalid_credentials`: the present password is wrong; or `token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
        (status = 403, description = "`csrf_failed`; or `insufficient_scope`: the token was made by an administrator who acts for its user.", body = ErrorBody),
        (status = 422, description = "`weak_password`, or `invalid_request`: the new password is the present one.", body = ErrorBody),
        (status = 429, description = "`too_many_attempts`, in this session or from this address; even the right password has to wait then.", body = ErrorBody),
    ),
)]
pub(super) async fn change(
    State(app): State<App>,
    agent: Counted,
    user: CurrentUser,
    headers: HeaderMap,
    JsonBody(body): JsonBody<PasswordBody>,
) -> Result<Response, ApiError> {
    let change = PasswordChange {
        caller: *user,
        current: Password::presented(body.current_password),
        new: chosen(&app, body.new_password)?,
        agent: agent.into_agent(),
    };
    // An access token that is not in the header was in a cookie.
    let delivery = Delivery::from_wish(!headers.contains_key(header::AUTHORIZATION));
    let signed_in = app.service.change_password(change).await?;
    token_body::answer(&app, signed_in, Some("Password changed"), delivery)
}

/// A password somebody wants to have from now on.
fn chosen(app: &App, text: String) -> Result<NewPassword, ApiError> {
    let min_chars = app.service.rules().password_min_chars;
    NewPassword::choose(Password::presented(text), min_chars).map_err(|error| weak(&error))
}

fn weak(error: &PasswordError) -> ApiError {
    ApiError::unfit_password(error, "new_password")
}

impl From<ChangePasswordError> for ApiError {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::Same => {
                Self::invalid("`new_password` is the present password: choose another")
            }
            ChangePasswordError::Weak(error) => weak(&error),
            ChangePasswordError::OnBehalf => Self::forbidden(
                ErrorCode::InsufficientScope,
                "A password is changed by its owner, not by somebody who acts for them",
            ),
            ChangePasswordError::UserGone => CurrentUser::gone(),
            ChangePasswordError::Refused(error) => error.into(),
            ChangePasswordError::Failed(failure) => failure.into(),
        }
    }
}
