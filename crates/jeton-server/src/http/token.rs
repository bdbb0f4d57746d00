use axum::{extract::State, response::Response};

use super::{
    body::JsonBody,
    client,
    error::ApiError,
    login::{CredentialsBody, sign_in},
    middleware::errors::ErrorBody,
    token_body::TokenBody,
};
use crate::state::App;

/// Signs in, as `/login` does, under the name of the third tutorial.
#[utoipa::path(
    post, path = "/token", tag = "accounts", request_body = CredentialsBody,
    responses(
        (status = 200, description = "The session is open.", body = TokenBody),
        (status = 401, description = "`invalid_credentials`.", body = ErrorBody),
    ),
)]
pub(super) async fn token(
    State(app): State<App>,
    client::From(client): client::From,
    JsonBody(body): JsonBody<CredentialsBody>,
) -> Result<Response, ApiError> {
    sign_in(&app, body, client, None).await
}
