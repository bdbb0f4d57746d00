use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{
        error::{ApiError, ErrorCode},
        extract::{Administrator, JsonBody, RecentAdministrator},
        middleware::errors::ErrorBody,
        no_store::NoStore,
        state::App,
    },
    model::client::{Client, ClientNameError, ClientSecret, change::NewClient},
    service::clients::administration::{ClientActError, MadeClient},
};

pub(in crate::http) mod id;
pub(in crate::http) mod members;

pub(crate) use members::ClientRecord;
pub(in crate::http) use members::NewClientBody;
use members::scopes;

/// A client with its secret, which is shown in this answer and nowhere else.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct ClientSecretBody {
    client_id: String,
    /// Absent for a client that proves itself otherwise. Scanners find it by `jeton_sk_[A-Za-z0-9_-]{49}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    client_secret: Option<String>,
    client: ClientRecord,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct ClientList {
    /// In the order in which they were made.
    clients: Vec<ClientRecord>,
}

impl ClientSecretBody {
    fn new(client: &Client, secret: Option<&ClientSecret>) -> Self {
        Self {
            client_id: client.id.to_string(),
            client_secret: secret.map(|secret| secret.expose().to_owned()),
            client: ClientRecord::new(client),
        }
    }
}

impl NewClientBody {
    pub(in crate::http) async fn make(
        &self,
        app: &App,
        admin: &RecentAdministrator,
    ) -> Result<MadeClient, ApiError> {
        let new = NewClient {
            name: self.name.parse()?,
            scopes: scopes(&self.scopes)?,
            registration: self.registration()?,
        };
        let made = app.service.clients(admin).create(new).await?;
        app.service.prepare_for(&made.client).await;
        Ok(made)
    }
}

/// Lists clients.
#[utoipa::path(
    get, path = "/admin/clients", tag = "administration", security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "All of them.", body = ClientList),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn list(
    State(app): State<App>,
    admin: Administrator,
) -> Result<impl IntoResponse, ApiError> {
    let clients = app.service.clients(&admin).list().await?;
    let list = ClientList {
        clients: clients.iter().map(ClientRecord::new).collect(),
    };
    Ok(NoStore(list))
}

/// Makes a client.
///
/// With `redirect_uris` it signs people in; without, it is a program that calls on its own behalf.
#[utoipa::path(
    post, path = "/admin/clients", tag = "administration", request_body = NewClientBody,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, description = "It is made; its secret is shown here alone.", body = ClientSecretBody),
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
    let made = body.make(&app, &admin).await?;
    let body = ClientSecretBody::new(&made.client, made.secret.as_ref());
    Ok((StatusCode::CREATED, NoStore(body)))
}

impl From<ClientNameError> for ApiError {
    fn from(error: ClientNameError) -> Self {
        Self::invalid(format!("`name` cannot be: {error}"))
    }
}

fn not_found() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        ErrorCode::ClientNotFound,
        "There is no such client",
    )
}

impl From<ClientActError> for ApiError {
    fn from(error: ClientActError) -> Self {
        match error {
            ClientActError::NotFound => not_found(),
            ClientActError::NameTaken => Self::new(
                StatusCode::CONFLICT,
                ErrorCode::NameTaken,
                "Another client has this name",
            ),
            ClientActError::Refused(error) => Self::invalid(error.to_string()),
            ClientActError::Failed(failure) => failure.into(),
        }
    }
}
