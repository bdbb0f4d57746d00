use axum::response::{IntoResponse, Response};
use jeton_axum::Bearer;
use serde::Serialize;
use utoipa::ToSchema;

use super::{error::ApiError, extract::CurrentUser, middleware::errors::ErrorBody, no_store::NoStore};
use crate::service::machinery::claims::Access;

#[derive(Serialize, ToSchema)]
pub(super) struct Protected<'t> {
    id: String,
    username: &'t str,
}

/// Says whose token it is.
///
/// A route behind the guard: the answer stands in the token, no query is made.
#[utoipa::path(
    get, path = "/protected", tag = "tokens", security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "Whose token it is.", body = Protected<'_>),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
    ),
)]
pub(super) async fn protected(Bearer(token): Bearer<Access>) -> Result<Response, ApiError> {
    let body = Protected {
        id: CurrentUser::of(&token)?.user().to_string(),
        username: &token.claims().username,
    };
    Ok(NoStore(body).into_response())
}
