use axum::{
    extract::{Path, State},
    response::IntoResponse,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ClientRecord, members::ClientChanges, not_found, scopes};
use crate::{
    http::{
        error::ApiError,
        extract::{Administrator, JsonBody, RecentAdministrator},
        middleware::errors::ErrorBody,
        no_store::NoStore,
        state::App,
    },
    model::{client::change::ClientEdit, id::ClientId},
};

pub(in crate::http) mod secret;

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct ClientDeleted {
    #[schema(example = "Client deleted")]
    message: &'static str,
}

fn named(id: &str) -> Result<ClientId, ApiError> {
    id.parse().map_err(|_| not_found())
}

/// Shows a client.
#[utoipa::path(
    get, path = "/admin/clients/{id}", tag = "administration", security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path, description = "The client's id.")),
    responses(
        (status = 200, description = "It, as it is now.", body = ClientRecord),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator.", body = ErrorBody),
        (status = 404, description = "`client_not_found`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<App>,
    admin: Administrator,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let client = app.service.clients(&admin).find(named(&id)?).await?;
    Ok(NoStore(ClientRecord::new(&client)))
}

/// Changes a client.
///
/// Where it can do less than before, or proves itself in another way, its tokens are refused from the answer on.
#[utoipa::path(
    patch, path = "/admin/clients/{id}", tag = "administration", request_body = ClientChanges,
    security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path, description = "The client's id.")),
    responses(
        (status = 200, description = "It, as it is now.", body = ClientRecord),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`; `insufficient_user_authentication` when the administrator signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
        (status = 404, description = "`client_not_found`.", body = ErrorBody),
        (status = 409, description = "`name_taken`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn change(
    State(app): State<App>,
    admin: RecentAdministrator,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<ClientChanges>,
) -> Result<impl IntoResponse, ApiError> {
    let edit = ClientEdit {
        name: body.name.as_deref().map(str::parse).transpose()?,
        scopes: body.scopes.as_deref().map(scopes).transpose()?,
        disabled: body.disabled,
        registration: body.registration()?,
    };
    let client = app.service.clients(&admin).change(named(&id)?, edit).await?;
    app.service.prepare_for(&client).await;
    Ok(NoStore(ClientRecord::new(&client)))
}

/// Deletes a client.
///
/// Its tokens are refused from the answer on.
#[utoipa::path(
    delete, path = "/admin/clients/{id}", tag = "administration",
    security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path, description = "The client's id.")),
    responses(
        (status = 200, description = "It is gone.", body = ClientDeleted),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`; `insufficient_user_authentication` when the administrator signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
        (status = 404, description = "`client_not_found`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn delete(
    State(app): State<App>,
    admin: RecentAdministrator,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    app.service.clients(&admin).delete(named(&id)?).await?;
    let deleted = ClientDeleted {
        message: "Client deleted",
    };
    Ok(NoStore(deleted))
}
