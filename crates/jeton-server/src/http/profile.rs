use axum::{Json, extract::State, response::IntoResponse};
use http::header;
use jeton_axum::{Bearer, FoundIn};
use serde::Serialize;
use utoipa::ToSchema;

use super::{cookies, error::ApiError, middleware::errors::ErrorBody, protected::user_id, state::App};
use crate::service::machinery::claims::Access;

/// A user as they see themselves.
#[derive(Serialize, ToSchema)]
pub(super) struct Profile {
    id: String,
    username: String,
    email: Option<String>,
    roles: Vec<String>,
    /// Only with cookies: repeat it in the header `X-CSRF-Token` of every request that changes something.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    csrf_token: Option<String>,
}

/// Shows the user's own record.
///
/// As it is now, not as the token has it.
#[utoipa::path(
    get, path = "/profile", tag = "accounts", security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The record.", body = Profile),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
    ),
)]
pub(super) async fn profile(
    State(app): State<App>,
    Bearer(token): Bearer<Access>,
    place: FoundIn,
) -> Result<impl IntoResponse, ApiError> {
    let user = app
        .service
        .user(user_id(&token)?)
        .await?
        .ok_or_else(super::protected::user_gone)?;
    let in_a_cookie = place == FoundIn::Cookie;
    let csrf = in_a_cookie.then(|| cookies::csrf_token(&app, token.claims().sid));
    let profile = Profile {
        id: user.id.to_string(),
        username: user.username.to_string(),
        email: user.email.map(|email| email.as_str().to_owned()),
        roles: user.roles.iter().map(ToString::to_string).collect(),
        csrf_token: csrf.transpose()?,
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(profile)))
}
