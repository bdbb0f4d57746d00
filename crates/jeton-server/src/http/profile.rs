use axum::{extract::State, response::IntoResponse};
use jeton_axum::FoundIn;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    cookies, error::ApiError, extract::CurrentUser, middleware::errors::ErrorBody, no_store::NoStore,
    state::App,
};

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
    user: CurrentUser,
    place: FoundIn,
) -> Result<impl IntoResponse, ApiError> {
    let record = app
        .service
        .user(user.user())
        .await?
        .ok_or_else(CurrentUser::gone)?;
    let in_a_cookie = place == FoundIn::Cookie;
    let csrf = in_a_cookie.then(|| cookies::csrf_token(&app, user.session()));
    let profile = Profile {
        id: record.id.to_string(),
        username: record.username.to_string(),
        email: record.email.map(|email| email.as_str().to_owned()),
        roles: record.roles.iter().map(ToString::to_string).collect(),
        csrf_token: csrf.transpose()?,
    };
    Ok(NoStore(profile))
}
