use axum::{
    extract::{Path, State},
    response::IntoResponse,
};

use super::named;
use crate::{
    http::{
        admin::clients::ClientSecretBody, error::ApiError, extract::RecentAdministrator,
        middleware::errors::ErrorBody, no_store::NoStore, state::App,
    },
    model::client::{Client, ClientSecret},
};

/// Gives a client a new secret.
///
/// The old one, and the tokens it got, are refused from the answer on.
#[utoipa::path(
    post, path = "/admin/clients/{id}/secret", tag = "administration",
    security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path, description = "The client's id.")),
    responses(
        (status = 200, description = "The new secret, shown here alone.", body = ClientSecretBody),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`; `insufficient_user_authentication` when the administrator signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
        (status = 404, description = "`client_not_found`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn rotate(
    State(app): State<App>,
    admin: RecentAdministrator,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let rotated = rotated(&app, &admin, &id).await?;
    Ok(NoStore(ClientSecretBody::new(&rotated.0, Some(&rotated.1))))
}

pub(in crate::http) async fn rotated(
    app: &App,
    admin: &RecentAdministrator,
    id: &str,
) -> Result<(Client, ClientSecret), ApiError> {
    Ok(app.service.clients(admin).rotate(named(id)?).await?)
}
