use axum::{Json, extract::State, response::IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    http::{admin::RecentAdministrator, body::JsonBody, error::ApiError, middleware::errors::ErrorBody},
    model::{audit::Actor, id::TokenId, time::Timestamp},
    service::revoke::{Named, RevokeError},
    state::App,
};

/// The token itself, or its id and until when it could be accepted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RevokeBody {
    token: Option<String>,
    jti: Option<String>,
    /// Seconds since the epoch, at most a day ahead: the token's `exp`.
    until: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Revoked {
    #[schema(example = "Token revoked")]
    message: &'static str,
}

/// Calls one access token back, and nothing else of its session.
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
    app.service.revoke_token(named, Actor::User(admin.id)).await?;
    Ok(Json(Revoked {
        message: "Token revoked",
    }))
}

impl RevokeBody {
    fn named(&self) -> Result<Named<'_>, ApiError> {
        match (&self.token, &self.jti, self.until) {
            (Some(token), None, None) => Ok(Named::Whole(token)),
            (None, Some(jti), Some(until)) => {
                let id: TokenId = jti.parse().map_err(|_| {
                    ApiError::invalid("`jti` is not the id of an access token: they are UUIDs")
                })?;
                Ok(Named::ById {
                    id,
                    until: Timestamp::from_seconds(until),
                })
            }
            _ => Err(ApiError::invalid("Send either `token`, or `jti` and `until`")),
        }
    }
}

impl From<RevokeError> for ApiError {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::NotOurs => Self::invalid("`token` is not an access token of this service"),
            RevokeError::TooFar => {
                Self::invalid("`until` is more than a day ahead: no access token lives as long")
            }
            RevokeError::Failed(failure) => failure.into(),
        }
    }
}
