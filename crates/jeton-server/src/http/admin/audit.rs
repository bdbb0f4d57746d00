use axum::{extract::State, response::IntoResponse};
use jeton::json::{self, Object};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::{
    http::{
        error::ApiError,
        extract::{Administrator, Query},
        middleware::errors::ErrorBody,
        no_store::NoStore,
        state::App,
    },
    model::audit::Recorded,
    store::Wanted,
};

/// The longest list that is answered at once.
const MAX_LIMIT: u32 = 1000;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AuditQuery {
    /// Only what happened to this user, by id.
    user: Option<String>,
    /// Only what happened to this session.
    session: Option<String>,
    /// Only this action, as in `login.failed`.
    action: Option<String>,
    /// Only from then on: seconds since 1970, or as in `2026-11-21T09:00:00Z`.
    since: Option<String>,
    /// Only events numbered below this: the `next` of the page before.
    before: Option<i64>,
    /// At most so many; 100 unless given.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u32>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct AuditPage {
    /// The newest first.
    events: Vec<AuditEvent>,
    /// For `before` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<i64>,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct AuditEvent {
    number: i64,
    /// Seconds since the epoch.
    at: i64,
    #[schema(example = "login.succeeded")]
    action: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    /// The actor, when not the user: `user:ID`, `service:ID` or `command-line`.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[schema(value_type = Object)]
    detail: Map<String, Value>,
    /// Details that identify a person, unless they were erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    personal: Option<Map<String, Value>>,
}

impl AuditEvent {
    pub(super) fn new(event: &Recorded) -> Self {
        Self {
            number: event.number,
            at: event.at.seconds(),
            action: event.action.clone(),
            user: event.user.map(|id| id.to_string()),
            session: event.session.map(|id| id.to_string()),
            by: event.actor.clone(),
            detail: object(&event.detail),
            personal: event.personal.as_ref().map(|(_, fields)| object(fields)),
        }
    }
}

/// Somebody may have changed the row behind the service's back; `jeton audit verify` says so.
fn object(text: &str) -> Map<String, Value> {
    json::from_str::<Object>(text).unwrap_or_default().into()
}

impl AuditQuery {
    fn wanted(self) -> Result<Wanted, ApiError> {
        fn read<T: std::str::FromStr>(name: &str, text: Option<String>) -> Result<Option<T>, ApiError> {
            let wrong = || ApiError::invalid(format!("`{name}` has a value that cannot be"));
            text.map(|text| text.parse().map_err(|_| wrong())).transpose()
        }
        let limit = self.limit.unwrap_or(100);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(ApiError::invalid(format!(
                "`limit` is not between 1 and {MAX_LIMIT}"
            )));
        }
        Ok(Wanted {
            user: read("user", self.user)?,
            session: read("session", self.session)?,
            action: read("action", self.action)?,
            since: read("since", self.since)?,
            until: None,
            before: self.before,
            limit,
        })
    }
}

/// Lists what happened, the newest first.
#[utoipa::path(
    get, path = "/admin/audit", tag = "administration", security(("bearer" = []), ("cookie" = [])),
    params(AuditQuery),
    responses(
        (status = 200, description = "The events that fit.", body = AuditPage),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator.", body = ErrorBody),
        (status = 422, description = "`invalid_request`: the query has a member that is unknown or cannot be.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn list(
    State(app): State<App>,
    _: Administrator,
    Query(query): Query<AuditQuery>,
) -> Result<impl IntoResponse, ApiError> {
    let wanted = query.wanted()?;
    let events = app.service.events(&wanted).await?;
    let full = events.len() == wanted.limit as usize;
    let page = AuditPage {
        next: events.last().filter(|_| full).map(|event| event.number),
        events: events.iter().map(AuditEvent::new).collect(),
    };
    Ok(NoStore(page))
}
