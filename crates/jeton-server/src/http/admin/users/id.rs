use axum::{
    extract::{Path, State},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{UserRecord, parse_roles, present};
use crate::{
    http::{
        admin::named,
        error::ApiError,
        extract::{Administrator, JsonBody, RecentAdministrator},
        middleware::errors::ErrorBody,
        no_store::NoStore,
        state::App,
    },
    model::{claims::PresentedClaims, user::changes::Changes},
};

pub(in crate::http) mod password_reset;
pub(in crate::http) mod sessions;
pub(in crate::http) mod unlock;

/// Shows a user.
#[utoipa::path(
    get, path = "/admin/users/{id}", tag = "administration", security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path, description = "The user's id.")),
    responses(
        (status = 200, description = "The user.", body = UserRecord),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator.", body = ErrorBody),
        (status = 404, description = "`user_not_found`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<App>,
    admin: Administrator,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let user = app.service.administration(&admin).find(named(&id)?).await?;
    Ok(NoStore(UserRecord::new(user)))
}

/// Changes to a user. What is left out stays; a member not named here is refused.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "roles": ["editor"] }))]
pub(in crate::http) struct ChangesBody {
    /// All roles from now on.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<String>>, nullable = false)]
    roles: Option<Vec<String>>,
    /// All custom claims from now on.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Object>, nullable = false)]
    claims: Option<PresentedClaims>,
    /// `null` clears it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    #[expect(clippy::option_option, reason = "left out, null and a text say three things")]
    email: Option<Option<String>>,
    /// A disabled user has no session and cannot sign in.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<bool>, nullable = false)]
    disabled: Option<bool>,
}

impl ChangesBody {
    fn check(self) -> Result<Changes, ApiError> {
        let email = self.email.map(|email| email.map(|text| text.parse()).transpose());
        Ok(Changes {
            roles: self.roles.as_deref().map(parse_roles).transpose()?,
            claims: self.claims.map(PresentedClaims::check).transpose()?,
            email: email.transpose()?,
            disabled: self.disabled,
        })
    }
}

/// Changes a user.
///
/// When a role or a claim is taken away or changed, access tokens that still say so are refused from this answer on; the
/// sessions go on, and their next refresh brings the new ones.
#[utoipa::path(
    patch, path = "/admin/users/{id}", tag = "administration", request_body = ChangesBody,
    security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path, description = "The user's id.")),
    responses(
        (status = 200, description = "The user as they are now.", body = UserRecord),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired`, `token_revoked`, or `insufficient_user_authentication`: signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
        (status = 404, description = "`user_not_found`.", body = ErrorBody),
        (status = 409, description = "`own_account`: administrators do not take the role from themselves nor disable themselves; `last_admin`: afterwards there would be none.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn change(
    State(app): State<App>,
    admin: RecentAdministrator,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<ChangesBody>,
) -> Result<impl IntoResponse, ApiError> {
    let changes = body.check()?;
    let administration = app.service.administration(&admin);
    let user = administration.change(named(&id)?, &changes).await?;
    Ok(NoStore(UserRecord::new(user)))
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct UserDeleted {
    #[schema(example = "User deleted")]
    message: &'static str,
}

/// Erases a user.
///
/// The account, its sessions, and what the audit trail holds of the person.
#[utoipa::path(
    delete, path = "/admin/users/{id}", tag = "administration", security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path, description = "The user's id.")),
    responses(
        (status = 200, description = "The user is gone; their tokens are refused from this answer on.", body = UserDeleted),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired`, `token_revoked`, or `insufficient_user_authentication`: signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
        (status = 404, description = "`user_not_found`.", body = ErrorBody),
        (status = 409, description = "`own_account`, or `last_admin`: afterwards there would be none.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn delete(
    State(app): State<App>,
    admin: RecentAdministrator,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    app.service.administration(&admin).delete(named(&id)?).await?;
    let body = UserDeleted {
        message: "User deleted",
    };
    Ok(NoStore(body))
}
