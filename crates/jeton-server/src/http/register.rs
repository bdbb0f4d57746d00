use axum::{Json, extract::State, response::IntoResponse};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    error::{ApiError, ErrorCode},
    extract::{Counted, JsonBody},
    middleware::errors::ErrorBody,
    state::App,
};
use crate::{
    model::{
        password::{NewPassword, Password},
        username::Username,
    },
    service::accounts::register::{RegisterError, Registration},
};

/// An account to be made. Members it does not name, `roles` among them, are ignored.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "username": "Romel", "password": "pass1425", "email": "romel@example.org" }))]
pub(super) struct RegisterBody {
    /// At most 128 bytes; letters of one script, digits and ASCII punctuation, no spaces.
    #[schema(example = "Romel")]
    username: String,
    /// At least 8 characters, at most 1024 bytes; not a common one, nor the name, the address or the service's name.
    #[schema(example = "pass1425", format = Password)]
    password: String,
    #[schema(example = "romel@example.org")]
    email: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Registered {
    #[schema(example = "User registered successfully")]
    message: &'static str,
    user: RegisteredUser,
}

#[derive(Serialize, ToSchema)]
pub(super) struct RegisteredUser {
    /// A `UUIDv7`; the `sub` of the user's tokens.
    id: String,
    username: String,
}

/// Makes an account.
#[utoipa::path(
    post, path = "/register", tag = "accounts", request_body = RegisterBody,
    responses(
        (status = 201, description = "The account exists.", body = Registered),
        (status = 400, description = "`username_taken`: the name, or one that looks like it, belongs to somebody.", body = ErrorBody),
        (status = 403, description = "`registration_closed`: nobody may register here.", body = ErrorBody),
        (status = 422, description = "`weak_password` or `invalid_request`.", body = ErrorBody),
        (status = 429, description = "`too_many_attempts` from this address.", body = ErrorBody),
    ),
)]
pub(super) async fn register(
    State(app): State<App>,
    agent: Counted,
    JsonBody(body): JsonBody<RegisterBody>,
) -> Result<impl IntoResponse, ApiError> {
    let registration = Registration {
        username: Username::parse(&body.username)?,
        email: body.email.map(|text| text.parse()).transpose()?,
        password: NewPassword::choose(
            Password::presented(body.password),
            app.service.rules().password_min_chars,
        )?,
    };
    let user = app.service.register(registration, &agent.into_agent()).await?;
    let user = RegisteredUser {
        id: user.id.to_string(),
        username: user.username.to_string(),
    };
    Ok((
        StatusCode::CREATED,
        Json(Registered {
            message: "User registered successfully",
            user,
        }),
    ))
}

impl From<RegisterError> for ApiError {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::UsernameTaken => Self::username_taken(),
            RegisterError::WeakPassword(error) => error.into(),
            RegisterError::Closed => Self::forbidden(
                ErrorCode::RegistrationClosed,
                "Registration is closed; ask an administrator",
            ),
            RegisterError::Failed(failure) => failure.into(),
        }
    }
}
