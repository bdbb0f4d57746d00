use axum::{
    extract::{Path, State},
    response::IntoResponse,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::{
    admin::{named, users::ResetCodeBody},
    error::ApiError,
    extract::{OptionalJsonBody, RecentAdministrator},
    middleware::errors::ErrorBody,
    no_store::NoStore,
    state::App,
};

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "force": false }))]
pub(in crate::http) struct ResetBody {
    /// Makes the present password good for nothing and ends every session.
    #[serde(default)]
    force: bool,
}

/// Makes a code that sets a new password.
///
/// The user takes it to `/password/reset`, once, within 24 hours. A code made before is void.
#[utoipa::path(
    post, path = "/admin/users/{id}/password-reset", tag = "administration", request_body = Option<ResetBody>,
    security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path, description = "The user's id.")),
    responses(
        (status = 200, description = "The code, shown this once.", body = ResetCodeBody),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired`, `token_revoked`, or `insufficient_user_authentication`: signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; `target_is_admin`: the user is one, whose code the command line makes; or `csrf_failed`.", body = ErrorBody),
        (status = 404, description = "`user_not_found`.", body = ErrorBody),
        (status = 409, description = "`own_account`: one's own password is changed at `/password`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn reset(
    State(app): State<App>,
    admin: RecentAdministrator,
    Path(id): Path<String>,
    OptionalJsonBody(body): OptionalJsonBody<ResetBody>,
) -> Result<impl IntoResponse, ApiError> {
    let ResetBody { force } = body.unwrap_or_default();
    let administration = app.service.administration(&admin);
    let issued = administration.reset_password(named(&id)?, force).await?;
    Ok(NoStore(ResetCodeBody::new(&issued)))
}
