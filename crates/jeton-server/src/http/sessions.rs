use axum::{extract::State, response::IntoResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::ApiError, extract::CurrentUser, middleware::errors::ErrorBody, no_store::NoStore, state::App,
};
use crate::model::{id::SessionId, session::Session};

pub(super) mod id;

#[derive(Serialize, ToSchema)]
pub(super) struct SessionList {
    /// The newest first.
    sessions: Vec<SessionEntry>,
}

impl SessionList {
    /// `current` is the session the list was asked for from.
    pub(super) fn new(sessions: &[Session], current: SessionId) -> Self {
        let entries = sessions.iter().map(|session| SessionEntry::new(session, current));
        Self {
            sessions: entries.collect(),
        }
    }
}

/// A live session. Times are seconds since the epoch, as in claims.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionEntry {
    id: String,
    /// The device it was opened on, as far as the client told: "Firefox on Linux", "curl 8.5".
    device: String,
    created_at: i64,
    last_seen_at: i64,
    /// When it ends unless it is refreshed before.
    expires_at: i64,
    /// When it ends in any case.
    ends_at: i64,
    /// Whether it is the one this request was made from.
    current: bool,
    /// The administrator who opened it in the user's name, where one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    opened_by: Option<String>,
}

impl SessionEntry {
    fn new(session: &Session, current: SessionId) -> Self {
        Self {
            id: session.id.to_string(),
            device: session.device.name(),
            created_at: session.created_at.seconds(),
            last_seen_at: session.last_seen_at.seconds(),
            expires_at: session.expires_at.seconds(),
            ends_at: session.ends_at.seconds(),
            current: session.id == current,
            opened_by: session.actor.map(|actor| actor.to_string()),
        }
    }
}

/// Lists where the user is signed in.
#[utoipa::path(
    get, path = "/sessions", tag = "sessions", security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The user's live sessions.", body = SessionList),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
    ),
)]
pub(super) async fn list(State(app): State<App>, user: CurrentUser) -> Result<impl IntoResponse, ApiError> {
    let sessions = app.service.live_sessions(user.user()).await?;
    Ok(NoStore(SessionList::new(&sessions, user.session())))
}
