use axum::{Json, extract::State, response::IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    http::{
        error::ApiError,
        extract::{JsonBody, RecentAdministrator},
        middleware::errors::ErrorBody,
        state::App,
    },
    model::id::TokenId,
    service::tokens::revoke::{Named, RevokeError},
};

/// The token itself, or its id.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "jti": "019b0000-0000-7000-8000-000000000000" }))]
pub(in crate::http) struct RevokeBody {
    token: Option<String>,
    jti: Option<String>,
    /// Read and not needed: what is named by its id is refused for as long as any access token may be accepted.
    until: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Revoked {
    #[schema(example = "Token revoked")]
    message: &'static str,
}

/// Revokes one access token.
///
/// And nothing else of its session.
#[utoipa::path(
    post, path = "/admin/tokens/revoke", tag = "administration", request_body = RevokeBody,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "It is refused from this answer on; one whose time is over already was.", body = Revoked),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`; `insufficient_user_authentication` when the administrator signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn revoke(
    State(app): State<App>,
    admin: RecentAdministrator,
    JsonBody(body): JsonBody<RevokeBody>,
) -> Result<impl IntoResponse, ApiError> {
    let named = body.named()?;
    app.service.revoke_token(named, admin.actor()).await?;
    Ok(Json(Revoked {
        message: "Token revoked",
    }))
}

impl RevokeBody {
    fn named(&self) -> Result<Named<'_>, ApiError> {
        match (&self.token, &self.jti, self.until) {
            (Some(token), None, None) => Ok(Named::Whole(token)),
            (None, Some(jti), _) => {
                let id: TokenId = jti.parse().map_err(|_| {
                    ApiError::invalid("`jti` is not the id of an access token: they are UUIDs")
                })?;
                Ok(Named::ById(id))
            }
            _ => Err(ApiError::invalid("Send either `token` or `jti`")),
        }
    }
}

impl From<RevokeError> for ApiError {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::NotOurs => Self::invalid("`token` is not an access token of this service"),
            RevokeError::Failed(failure) => failure.into(),
        }
    }
}
