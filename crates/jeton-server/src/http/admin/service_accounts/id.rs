use axum::{
    extract::{Path, State},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ServiceAccountRecord, not_found, scopes};
use crate::{
    http::{
        error::ApiError,
        extract::{JsonBody, RecentAdministrator},
        middleware::errors::ErrorBody,
        no_store::NoStore,
        state::App,
    },
    model::id::UserId,
};

pub(in crate::http) mod secret;

/// What is to be different. What is left out stays; a member it does not name is refused.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "scopes": ["revocations:read"] }))]
pub(in crate::http) struct ServiceAccountChanges {
    /// All scopes from now on.
    scopes: Option<Vec<String>>,
    /// A disabled service account gets no tokens.
    disabled: Option<bool>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct ServiceAccountDeleted {
    #[schema(example = "Service account deleted")]
    message: &'static str,
}

fn named(id: &str) -> Result<UserId, ApiError> {
    id.parse().map_err(|_| not_found())
}

/// Changes a service account.
///
/// Where it can do less than before, its tokens are refused from the answer on.
#[utoipa::path(
    patch, path = "/admin/service-accounts/{id}", tag = "administration", request_body = ServiceAccountChanges,
    security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path, description = "The service account's id.")),
    responses(
        (status = 200, description = "It, as it is now.", body = ServiceAccountRecord),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`; `insufficient_user_authentication` when the administrator signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
        (status = 404, description = "`service_account_not_found`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn change(
    State(app): State<App>,
    admin: RecentAdministrator,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<ServiceAccountChanges>,
) -> Result<impl IntoResponse, ApiError> {
    let scopes = body.scopes.as_deref().map(scopes).transpose()?;
    let account = app
        .service
        .service_accounts(&admin)
        .change(named(&id)?, scopes, body.disabled)
        .await?;
    Ok(NoStore(ServiceAccountRecord::new(&account)))
}

/// Deletes a service account.
///
/// Its tokens are refused from the answer on.
#[utoipa::path(
    delete, path = "/admin/service-accounts/{id}", tag = "administration",
    security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path, description = "The service account's id.")),
    responses(
        (status = 200, description = "It is gone.", body = ServiceAccountDeleted),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`; `insufficient_user_authentication` when the administrator signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
        (status = 404, description = "`service_account_not_found`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn delete(
    State(app): State<App>,
    admin: RecentAdministrator,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    app.service.service_accounts(&admin).delete(named(&id)?).await?;
    let deleted = ServiceAccountDeleted {
        message: "Service account deleted",
    };
    Ok(NoStore(deleted))
}
