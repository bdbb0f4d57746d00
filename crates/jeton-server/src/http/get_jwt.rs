use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{error::ApiError, middleware::errors::ErrorBody, no_store::NoStore, state::App};
use crate::service::machinery::claims::AllClaims;

#[derive(Serialize, ToSchema)]
pub(super) struct Valid<'t> {
    #[schema(example = "Token is valid")]
    message: &'static str,
    /// The username.
    user: &'t str,
    /// Everything the token says.
    #[schema(value_type = Map<String, Value>)]
    claims: AllClaims<'t>,
}

/// Says whether a token is valid, and what it says.
///
/// Takes `Authorization: Bearer T` and the bare `T`.
#[utoipa::path(
    get, path = "/get-jwt", tag = "tokens", security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "It is.", body = Valid<'_>),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
    ),
)]
pub(super) async fn get_jwt(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let (parts, _) = request.into_parts();
    let token = app.inspector.authenticate(&parts)?;
    let token = token.ok_or_else(ApiError::token_missing)?;
    let body = Valid {
        message: "Token is valid",
        user: token.claims().username(),
        claims: AllClaims::of(&token),
    };
    Ok(NoStore(body).into_response())
}
