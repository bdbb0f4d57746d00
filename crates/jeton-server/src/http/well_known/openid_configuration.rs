use axum::{extract::State, response::IntoResponse};

use super::metadata::{ProviderBody, kept};
use crate::http::{error::ApiError, middleware::errors::ErrorBody, state::App};

/// Describes the service to OpenID Connect clients.
///
/// OpenID Connect Discovery §4. Where the issuer has a path, the same stands at the places that clients look for it.
#[utoipa::path(
    get, path = "/.well-known/openid-configuration", tag = "standards",
    responses(
        (status = 200, description = "The metadata.", body = ProviderBody),
        (status = 404, description = "`provider_off`: access tokens are signed with a shared secret, or there are no pages.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn configuration(State(app): State<App>) -> Result<impl IntoResponse, ApiError> {
    let body = ProviderBody::of(&app)?;
    Ok(kept(&app, body))
}
