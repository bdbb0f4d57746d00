use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use jeton::Algorithm;
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
        key::{Phase, Purpose, SealedKey},
        time::Timestamp,
    },
    service::{
        keys::{KeyActError, Plan},
        machinery::keys::KeyManagerError,
    },
};

/// A key, without anything of it.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct KeyRecord {
    kid: String,
    #[schema(example = "access")]
    purpose: &'static str,
    #[schema(example = "ES256")]
    algorithm: String,
    /// `pending`, `signing`, `accepted` or `retired`.
    #[schema(example = "signing")]
    state: &'static str,
    /// Seconds since the epoch.
    created_at: i64,
    signs_from: i64,
    /// From here on nothing it signed is accepted; `null` while no other key takes its place.
    accepted_until: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct KeyList {
    /// The newest first.
    keys: Vec<KeyRecord>,
}

/// A rotation. A member it does not name is refused.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "purpose": "access" }))]
pub(in crate::http) struct RotationBody {
    /// `access`, `refresh`, `playground`, `id-es256`, `id-rs256` or `id-eddsa`.
    #[schema(example = "access")]
    purpose: String,
    /// The new key's; that of the key it replaces, if left out.
    #[schema(example = "RS256")]
    algorithm: Option<String>,
    /// The key that signs is lost: the new one signs at once, and nothing that those before it signed is accepted.
    #[serde(default)]
    emergency: bool,
}

/// The plan of a rotation. Times are seconds since the epoch.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct RotationPlan {
    /// The new key's.
    kid: String,
    #[schema(example = "access")]
    purpose: &'static str,
    published_at: i64,
    signs_from: i64,
    replaced: Vec<Replaced>,
    /// How many sessions ended with a lost key.
    sessions_ended: usize,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Replaced {
    kid: String,
    accepted_until: i64,
}

impl KeyRecord {
    fn new((key, phase): (SealedKey, Phase)) -> Self {
        Self {
            purpose: key.purpose.as_str(),
            state: phase.as_str(),
            created_at: key.created_at.seconds(),
            signs_from: key.begins().seconds(),
            accepted_until: key.accepted_until.map(Timestamp::seconds),
            kid: key.kid,
            algorithm: key.algorithm,
        }
    }
}

impl RotationPlan {
    fn new(plan: Plan) -> Self {
        let replaced = plan.replaced.into_iter();
        Self {
            kid: plan.kid.unwrap_or_default(),
            purpose: plan.purpose.as_str(),
            published_at: plan.published_at.seconds(),
            signs_from: plan.signs_from.seconds(),
            replaced: replaced
                .map(|(kid, until)| Replaced {
                    kid,
                    accepted_until: until.seconds(),
                })
                .collect(),
            sessions_ended: plan.sessions_ended,
        }
    }
}

/// Lists the keys that sign, signed or will.
#[utoipa::path(
    get, path = "/admin/keys", tag = "administration", security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "All of them, for as long as they are listed.", body = KeyList),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn list(
    State(app): State<App>,
    admin: Administrator,
) -> Result<impl IntoResponse, ApiError> {
    let keys = app.service.key_administration(admin.actor());
    let keys = keys.list().await?.into_iter();
    let list = KeyList {
        keys: keys.map(KeyRecord::new).collect(),
    };
    Ok(NoStore(list))
}

/// Puts a new key in the place of the one that signs.
///
/// The new key is published now, and signs when everybody has it.
#[utoipa::path(
    post, path = "/admin/keys", tag = "administration", request_body = RotationBody,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, description = "The key is made; these are its times.", body = RotationPlan),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`; `insufficient_user_authentication` when the administrator signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
        (status = 409, description = "`key_conflict`: another key waits to sign, or a secret from the settings does.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn rotate(
    State(app): State<App>,
    admin: RecentAdministrator,
    JsonBody(body): JsonBody<RotationBody>,
) -> Result<impl IntoResponse, ApiError> {
    let purpose = purpose(&body.purpose)?;
    let algorithm = body.algorithm.as_deref().map(algorithm).transpose()?;
    let plan = app
        .service
        .rotate_key(&admin, purpose, algorithm, body.emergency)
        .await?;
    Ok((StatusCode::CREATED, NoStore(RotationPlan::new(plan))))
}

fn purpose(name: &str) -> Result<Purpose, ApiError> {
    Purpose::signing(name)
        .ok_or_else(|| ApiError::invalid(format!("`purpose` is none of {}", Purpose::SIGNING_NAMES)))
}

fn algorithm(name: &str) -> Result<Algorithm, ApiError> {
    name.parse()
        .map_err(|_| ApiError::invalid("`algorithm` is no algorithm known here, such as ES256 or RS256"))
}

impl From<KeyActError> for ApiError {
    fn from(error: KeyActError) -> Self {
        match error {
            KeyActError::Refused(_) | KeyActError::Secret | KeyActError::NoIdTokens => {
                Self::new(StatusCode::CONFLICT, ErrorCode::KeyConflict, error.to_string())
            }
            KeyActError::NotForRefresh { .. } | KeyActError::NotForIdTokens { .. } | KeyActError::Name => {
                Self::invalid(error.to_string())
            }
            KeyActError::Failed(failure) => failure.into(),
            KeyActError::Keys(KeyManagerError::Store(error)) => {
                Self::from(crate::service::Failure::Store(error))
            }
            KeyActError::Keys(error) => {
                tracing::error!(%error, "a key could not be made");
                Self::internal()
            }
        }
    }
}
