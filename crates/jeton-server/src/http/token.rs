use axum::{extract::State, response::Response};

use super::{
    error::ApiError,
    extract::{Counted, HeadAndBody, JsonBody},
    login::{CredentialsBody, DeviceHeader, sign_in},
    middleware::errors::ErrorBody,
    state::App,
    token_body::TokenBody,
};

/// Signs in, as `/login` does.
///
/// The third tutorial signs in under this name.
#[utoipa::path(
    post, path = "/token", tag = "accounts", request_body = CredentialsBody, params(DeviceHeader),
    responses(
        (status = 200, description = "The session is open.", body = TokenBody<'_>, headers(
            ("Jeton-Device" = Option<String>, description = "As from `/login`."),
        )),
        (status = 401, description = "`invalid_credentials`.", body = ErrorBody),
        (status = 429, description = "`too_many_attempts`.", body = ErrorBody),
    ),
)]
pub(super) async fn token(
    State(app): State<App>,
    client: Counted,
    HeadAndBody(parts, JsonBody(body)): HeadAndBody<JsonBody<CredentialsBody>>,
) -> Result<Response, ApiError> {
    sign_in(&app, body, client, &parts.headers, None).await
}
