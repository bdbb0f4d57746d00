use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    http::{
        error::{ApiError, ErrorCode},
        extract::{Administrator, JsonBody, RecentAdministrator},
        middleware::errors::ErrorBody,
        no_store::NoStore,
        state::App,
    },
    model::{
        scope::Scope,
        service_account::{AccountNameError, ClientSecret, ServiceAccount},
    },
    service::clients::service_accounts::ServiceAccountError,
};

pub(in crate::http) mod id;

/// A program that may get access tokens with a secret of its own.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct ServiceAccountRecord {
    /// Its `client_id`, and the `sub` of its tokens.
    id: String,
    #[schema(example = "billing")]
    name: String,
    scopes: Vec<String>,
    disabled: bool,
    /// Seconds since the epoch.
    created_at: i64,
}

/// A client secret. It is shown in this answer and nowhere else.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct ClientSecretBody {
    client_id: String,
    /// Scanners find it by `jeton_sk_[A-Za-z0-9_-]{49}`.
    client_secret: String,
    service_account: ServiceAccountRecord,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct ServiceAccountList {
    /// In the order in which they were made.
    service_accounts: Vec<ServiceAccountRecord>,
}

/// A service account to be made. A member it does not name is refused.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "billing", "scopes": ["revocations:read"] }))]
pub(in crate::http) struct NewServiceAccountBody {
    #[schema(example = "billing")]
    name: String,
    /// Names of 1 to 64 characters of `a-z`, `0-9`, `-`, `_`, `.`, `:` and `/`.
    #[serde(default)]
    scopes: Vec<String>,
}

impl ServiceAccountRecord {
    fn new(account: &ServiceAccount) -> Self {
        Self {
            id: account.id.to_string(),
            name: account.name.as_str().to_owned(),
            scopes: account.scopes.iter().map(ToString::to_string).collect(),
            disabled: account.disabled,
            created_at: account.created_at.seconds(),
        }
    }
}

impl ClientSecretBody {
    fn new((account, secret): &(ServiceAccount, ClientSecret)) -> Self {
        Self {
            client_id: account.id.to_string(),
            client_secret: secret.expose().to_owned(),
            service_account: ServiceAccountRecord::new(account),
        }
    }
}

/// Each once, in the order given.
fn scopes(names: &[String]) -> Result<Vec<Scope>, ApiError> {
    let mut scopes: Vec<Scope> = Vec::with_capacity(names.len());
    for name in names {
        let scope = name
            .parse()
            .map_err(|error| ApiError::invalid(format!("`scopes` names no scope: {error}")))?;
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.len() > MAX_SCOPES {
        return Err(ApiError::invalid(format!(
            "`scopes` has more than {MAX_SCOPES} names"
        )));
    }
    Ok(scopes)
}

/// They all go into every token, and tokens into every request.
const MAX_SCOPES: usize = 32;

/// Lists service accounts.
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
    let accounts = app.service.service_accounts(&admin).list().await?;
    let list = ServiceAccountList {
        service_accounts: accounts.iter().map(ServiceAccountRecord::new).collect(),
    };
    Ok(NoStore(list))
}

/// Makes a service account.
#[utoipa::path(
    post, path = "/admin/service-accounts", tag = "administration", request_body = NewServiceAccountBody,
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
    JsonBody(body): JsonBody<NewServiceAccountBody>,
) -> Result<impl IntoResponse, ApiError> {
    let name = body.name.parse()?;
    let scopes = scopes(&body.scopes)?;
    let made = app.service.service_accounts(&admin).create(name, scopes).await?;
    Ok((StatusCode::CREATED, NoStore(ClientSecretBody::new(&made))))
}

impl From<AccountNameError> for ApiError {
    fn from(error: AccountNameError) -> Self {
        Self::invalid(format!("`name` cannot be: {error}"))
    }
}

fn not_found() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        ErrorCode::ServiceAccountNotFound,
        "There is no such service account",
    )
}

impl From<ServiceAccountError> for ApiError {
    fn from(error: ServiceAccountError) -> Self {
        match error {
            ServiceAccountError::NotFound => not_found(),
            ServiceAccountError::NameTaken => Self::new(
                StatusCode::CONFLICT,
                ErrorCode::NameTaken,
                "Another service account has this name",
            ),
            ServiceAccountError::Failed(failure) => failure.into(),
        }
    }
}
