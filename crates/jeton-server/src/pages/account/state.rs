//! The state of one's session, for the script that offers to renew it.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, header};
use serde::Serialize;

use crate::{
    http::{ApiError, App, cookies},
    pages::{ended, request::Reader, session},
    service::sessions::signed_in::SignedInSession,
};

#[derive(Serialize)]
struct SessionState {
    live: bool,
    /// Seconds since the epoch, as the service counts them.
    now: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ends: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<i64>,
    /// Of the forms of this session.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Why it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

pub(super) async fn show(
    State(app): State<App>,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let over = SessionState {
        live: false,
        now: reader.now.seconds(),
        session: None,
        ends: None,
        last: None,
        csrf: None,
        user: None,
        name: None,
        reason: None,
    };
    let state = match session::read(&app, &headers).await? {
        SignedInSession::Live { session, user } => SessionState {
            live: true,
            session: Some(session.id.to_string()),
            ends: Some(session.expires_at.seconds()),
            last: Some(session.ends_at.seconds()),
            csrf: Some(cookies::csrf_token(&app, session.id)?),
            user: Some(user.id.to_string()),
            name: Some(user.username.to_string()),
            ..over
        },
        SignedInSession::Over(facts) => SessionState {
            reason: Some(ended::reason(&facts, reader.now, reader.texts())),
            ..over
        },
        SignedInSession::Unknown => over,
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(state)).into_response())
}
