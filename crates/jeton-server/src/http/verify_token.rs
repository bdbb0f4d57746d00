use std::borrow::Cow;

use axum::{extract::State, response::IntoResponse};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    error::ApiError,
    extract::{HeadAndBody, OptionalJsonBody},
    middleware::errors::ErrorBody,
    no_store::NoStore,
    state::App,
};
use crate::service::machinery::{
    claims::{ACCESS_TYP, all_claims},
    playground,
};

/// Where the token may be, when it is not in the `Authorization` header.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "token": "eyJ0eXAiOiJKV1Qi…" }))]
pub(super) struct VerifyBody {
    token: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct VerifiedToken {
    /// Everything the token says.
    user: Map<String, Value>,
    /// The kind of the token: `at+jwt` for an access token, `JWT` for a sample of the playground.
    typ: &'static str,
}

/// Verifies a sample of the playground or an access token.
///
/// Revocation included. Refresh tokens are refused.
#[utoipa::path(
    post, path = "/verify-token", tag = "playground", request_body = Option<VerifyBody>,
    security(("bearer" = []), ()),
    responses(
        (status = 200, description = "What it says.", body = VerifiedToken),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
    ),
)]
pub(super) async fn verify(
    State(app): State<App>,
    HeadAndBody(parts, OptionalJsonBody(body)): HeadAndBody<OptionalJsonBody<VerifyBody>>,
) -> Result<impl IntoResponse, ApiError> {
    let in_header = app.header.find(&parts)?;
    let in_body = body.and_then(|body| body.token);
    let token = in_header
        .or(in_body.map(Cow::from))
        .ok_or_else(ApiError::token_missing)?;
    let verified = if let Some(user) = app.service.verify_sample(&token)? {
        VerifiedToken {
            user,
            typ: playground::TYP,
        }
    } else {
        let access = app.inspector.check(&token)?;
        VerifiedToken {
            user: all_claims(&access),
            typ: ACCESS_TYP,
        }
    };
    Ok(NoStore(verified))
}
