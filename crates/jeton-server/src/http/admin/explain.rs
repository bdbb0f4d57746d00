use axum::{extract::State, response::IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::audit::AuditEvent;
use crate::{
    http::{
        error::ApiError,
        extract::{Administrator, JsonBody},
        middleware::errors::ErrorBody,
        no_store::NoStore,
        state::App,
    },
    model::{session::EndReason, time::Timestamp},
    service::tokens::explain::{CheckMade, Explained, SessionFacts, TokenFacts, UserFacts},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "token": "eyJ0eXAiOiJhdCtqd3Qi…" }))]
pub(in crate::http) struct ExplainBody {
    /// Any text.
    token: String,
}

/// Why a token is accepted or refused. Times are seconds since the epoch.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Explanation {
    /// `access`, `refresh`, `playground` or `unknown`.
    kind: &'static str,
    /// Whether it would be accepted now.
    good: bool,
    /// The answer in one sentence.
    #[schema(
        example = "Refused: its session ended, by signing out, at 2026-11-21T23:31:00Z (event 12, session.ended)."
    )]
    verdict: String,
    /// Every check, in the order in which they are made.
    checks: Vec<ExplainedCheck>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<ExplainedToken>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<ExplainedUser>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<ExplainedSession>,
}

#[derive(Serialize, ToSchema)]
struct ExplainedCheck {
    #[schema(example = "signature")]
    name: &'static str,
    /// `passed`, `failed`, or `skipped` where one before it failed.
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'static str>,
}

/// Of a token that was signed here.
#[derive(Serialize, ToSchema)]
struct ExplainedToken {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_at: Option<i64>,
    expires_at: i64,
    /// By itself, whatever became of its session and user.
    revoked: bool,
}

#[derive(Serialize, ToSchema)]
struct ExplainedUser {
    id: String,
    /// Whether it is no user but a program.
    service_account: bool,
    exists: bool,
    disabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    /// The version when the token was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_version: Option<i64>,
    /// The event that raised the version above the token's, or deleted the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<AuditEvent>,
}

#[derive(Serialize, ToSchema)]
struct ExplainedSession {
    id: String,
    exists: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    opened_at: Option<i64>,
    /// How often its refresh token was exchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<i64>,
    /// Which of them a refresh token is.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_generation: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotated_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<i64>,
    /// Why it ended, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    end_reason: Option<&'static str>,
    /// The event that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<AuditEvent>,
}

/// Says why a token is accepted or refused.
///
/// And what became of its session and user. Nothing changes by it.
#[utoipa::path(
    post, path = "/admin/explain", tag = "administration", request_body = ExplainBody,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The answer, whatever the text is.", body = Explanation),
        (status = 401, description = "About the administrator's own token: `token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn explain(
    State(app): State<App>,
    _: Administrator,
    JsonBody(body): JsonBody<ExplainBody>,
) -> Result<impl IntoResponse, ApiError> {
    let explained = app.service.explain(&body.token).await?;
    Ok(NoStore(Explanation::from(explained)))
}

impl From<Explained> for Explanation {
    fn from(explained: Explained) -> Self {
        Self {
            kind: explained.kind.as_str(),
            good: explained.good,
            verdict: explained.verdict,
            checks: explained.checks.into_iter().map(ExplainedCheck::from).collect(),
            token: explained.token.map(ExplainedToken::from),
            user: explained.user.as_ref().map(ExplainedUser::from),
            session: explained.session.as_ref().map(ExplainedSession::from),
        }
    }
}

impl From<CheckMade> for ExplainedCheck {
    fn from(check: CheckMade) -> Self {
        Self {
            name: check.name,
            outcome: check.outcome,
            reason: check.error.map(|error| error.to_string()),
            hint: check.hint,
        }
    }
}

impl From<TokenFacts> for ExplainedToken {
    fn from(token: TokenFacts) -> Self {
        Self {
            id: token.id,
            issued_at: token.issued_at.map(Timestamp::seconds),
            expires_at: token.expires_at.seconds(),
            revoked: token.revoked,
        }
    }
}

impl From<&UserFacts> for ExplainedUser {
    fn from(user: &UserFacts) -> Self {
        Self {
            id: user.id.to_string(),
            service_account: user.is_client,
            exists: user.exists,
            disabled: user.disabled,
            version: user.version.map(|version| version.0),
            token_version: user.token_version.map(|version| version.0),
            cause: user.cause.as_ref().map(AuditEvent::new),
        }
    }
}

impl From<&SessionFacts> for ExplainedSession {
    fn from(session: &SessionFacts) -> Self {
        let row = session.row.as_ref();
        Self {
            id: session.id.to_string(),
            exists: row.is_some(),
            opened_at: row.map(|row| row.created_at.seconds()),
            generation: row.map(|row| row.generation.0),
            token_generation: session.token_generation,
            rotated_at: row.map(|row| row.rotated_at.seconds()),
            expires_at: row.map(|row| row.expires_at.seconds()),
            ends_at: row.map(|row| row.ends_at.seconds()),
            end_reason: row.and_then(|row| row.ended).map(EndReason::as_str),
            cause: session.cause.as_ref().map(AuditEvent::new),
        }
    }
}
