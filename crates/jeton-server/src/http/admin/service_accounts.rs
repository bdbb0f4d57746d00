//! `/admin/service-accounts`, as `/admin/clients` was called at first: the same acts, with the answers that programs
//! written for the old name know.

use axum::{
    extract::{Path, State},
    response::IntoResponse,
};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::clients::{self, ClientRecord, NewClientBody, id::secret, members::ClientChanges};
use crate::{
    http::{
        error::{ApiError, ErrorCode},
        extract::{Administrator, JsonBody, RecentAdministrator},
        middleware::errors::ErrorBody,
        no_store::NoStore,
        state::App,
    },
    model::client::{Client, ClientSecret},
};

/// A client secret. It is shown in this answer and nowhere else.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct ServiceAccountSecret {
    client_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    client_secret: Option<String>,
    service_account: ClientRecord,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct ServiceAccountList {
    service_accounts: Vec<ClientRecord>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct ServiceAccountDeleted {
    #[schema(example = "Service account deleted")]
    message: &'static str,
}

impl ServiceAccountSecret {
    fn new(client: &Client, secret: Option<&ClientSecret>) -> Self {
        Self {
            client_id: client.id.to_string(),
            client_secret: secret.map(|secret| secret.expose().to_owned()),
            service_account: ClientRecord::new(client),
        }
    }
}

/// The refusal in the words of the old name.
fn by_the_old_name(error: ApiError) -> ApiError {
    match error.code {
        ErrorCode::ClientNotFound => ApiError::new(
            StatusCode::NOT_FOUND,
            ErrorCode::ServiceAccountNotFound,
            "There is no such service account",
        ),
        ErrorCode::NameTaken => ApiError::new(
            StatusCode::CONFLICT,
            ErrorCode::NameTaken,
            "Another service account has this name",
        ),
        _ => error,
    }
}

/// Lists clients, by their old name.
#[utoipa::path(
    get, path = "/admin/service-accounts", tag = "administration", security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "All of them.", body = ServiceAccountList),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn list(
    State(app): State<App>,
    admin: Administrator,
) -> Result<impl IntoResponse, ApiError> {
    let clients = app.service.clients(&admin).list().await?;
    Ok(NoStore(ServiceAccountList {
        service_accounts: clients.iter().map(ClientRecord::new).collect(),
    }))
}

/// Makes a client, by its old name.
#[utoipa::path(
    post, path = "/admin/service-accounts", tag = "administration", request_body = NewClientBody,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, description = "It is made; its secret is shown here alone.", body = ServiceAccountSecret),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`; `insufficient_user_authentication` when the administrator signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
        (status = 409, description = "`name_taken`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn create(
    State(app): State<App>,
    admin: RecentAdministrator,
    JsonBody(body): JsonBody<NewClientBody>,
) -> Result<impl IntoResponse, ApiError> {
    let made = body.make(&app, &admin).await.map_err(by_the_old_name)?;
    let body = ServiceAccountSecret::new(&made.client, made.secret.as_ref());
    Ok((StatusCode::CREATED, NoStore(body)))
}

/// Changes a client, by its old name.
#[utoipa::path(
    patch, path = "/admin/service-accounts/{id}", tag = "administration", request_body = ClientChanges,
    security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path, description = "The client's id.")),
    responses(
        (status = 200, description = "It, as it is now.", body = ClientRecord),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`; `insufficient_user_authentication` when the administrator signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
        (status = 404, description = "`service_account_not_found`.", body = ErrorBody),
        (status = 409, description = "`name_taken`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn change(
    app: State<App>,
    admin: RecentAdministrator,
    id: Path<String>,
    body: JsonBody<ClientChanges>,
) -> Result<impl IntoResponse, ApiError> {
    clients::id::change(app, admin, id, body)
        .await
        .map_err(by_the_old_name)
}

/// Deletes a client, by its old name.
#[utoipa::path(
    delete, path = "/admin/service-accounts/{id}", tag = "administration",
    security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path, description = "The client's id.")),
    responses(
        (status = 200, description = "It is gone.", body = ServiceAccountDeleted),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`; `insufficient_user_authentication` when the administrator signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
        (status = 404, description = "`service_account_not_found`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn delete(
    app: State<App>,
    admin: RecentAdministrator,
    id: Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let deleted = clients::id::delete(app, admin, id).await;
    deleted.map_err(by_the_old_name)?;
    Ok(NoStore(ServiceAccountDeleted {
        message: "Service account deleted",
    }))
}

/// Gives a client a new secret, by its old name.
#[utoipa::path(
    post, path = "/admin/service-accounts/{id}/secret", tag = "administration",
    security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path, description = "The client's id.")),
    responses(
        (status = 200, description = "The new secret, shown here alone.", body = ServiceAccountSecret),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`; `insufficient_user_authentication` when the administrator signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
        (status = 404, description = "`service_account_not_found`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn rotate(
    State(app): State<App>,
    admin: RecentAdministrator,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let rotated = secret::rotated(&app, &admin, &id).await;
    let (client, secret) = rotated.map_err(by_the_old_name)?;
    Ok(NoStore(ServiceAccountSecret::new(&client, Some(&secret))))
}
