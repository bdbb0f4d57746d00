use axum::{
    extract::{Path, State},
    response::IntoResponse,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    admin::named, error::ApiError, extract::RecentAdministrator, middleware::errors::ErrorBody,
    no_store::NoStore, state::App,
};

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct UserUnlocked {
    #[schema(example = "User unlocked")]
    message: &'static str,
}

/// Forgets failures to sign in as this user.
///
/// A person who was slowed down or locked out may try again.
#[utoipa::path(
    post, path = "/admin/users/{id}/unlock", tag = "administration", security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path, description = "The user's id.")),
    responses(
        (status = 200, description = "They are forgotten, if there were any.", body = UserUnlocked),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired`, `token_revoked`, or `insufficient_user_authentication`: signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
        (status = 404, description = "`user_not_found`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn unlock(
    State(app): State<App>,
    admin: RecentAdministrator,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    app.service.unlock(&admin, named(&id)?).await?;
    let body = UserUnlocked {
        message: "User unlocked",
    };
    Ok(NoStore(body))
}
