use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Deserialize;

use super::{Place, frame};
use crate::{
    http::{ApiError, App, ErrorCode, extract::Query},
    model::{session::Session, time::Timestamp},
    pages::{
        answer,
        device::Kind,
        frame::Frame,
        request::{SignedForm, SignedIn},
    },
    service::sessions::{listed::EndSessionError, logout::LogoutScope},
};

/// A session, as its owner recognises it.
struct Row {
    id: String,
    device: String,
    kind: Kind,
    since: Timestamp,
    last_seen: Timestamp,
    is_this: bool,
    is_active: bool,
    by_admin: bool,
}

/// How lately a session was seen that is called active.
const ACTIVE_SECONDS: u64 = 300;

#[derive(Template)]
#[template(path = "account/sessions.html")]
struct SessionsPage {
    frame: Frame,
    rows: Vec<Row>,
    others: u64,
    notice: Option<String>,
}

/// What has just been done.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    ended: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Query(done): Query<Done>,
    signed_in: SignedIn,
) -> Result<Response, ApiError> {
    let now = signed_in.reader.now;
    let sessions = app.service.live_sessions(signed_in.user.id).await?;
    let texts = &signed_in.reader.texts().sessions;
    let row = |session: &Session| {
        let is_this = session.id == signed_in.session.id;
        Row {
            id: session.id.to_string(),
            device: session.device.name(),
            kind: Kind::of(&session.device),
            since: session.created_at,
            last_seen: session.last_seen_at,
            is_this,
            is_active: is_this || now.since(session.last_seen_at).as_secs() < ACTIVE_SECONDS,
            by_admin: session.actor.is_some(),
        }
    };
    let mut rows: Vec<_> = sessions.iter().map(row).collect();
    rows.sort_by_key(|row| !row.is_this);
    let page = SessionsPage {
        frame: frame(&signed_in, Place::Sessions),
        others: rows.len().saturating_sub(1) as u64,
        rows,
        notice: match done.ended.as_str() {
            "one" => Some(texts.ended_one.to_string()),
            "others" => Some(texts.ended_others.to_string()),
            _ => None,
        },
    };
    Ok(answer::page(StatusCode::OK, &page))
}

/// Ends one of one's own sessions. That it had ended already, from another tab, comes to the same.
pub(super) async fn end_one(
    State(app): State<App>,
    Path(id): Path<String>,
    form: SignedForm,
) -> Result<Response, Response> {
    let missing = || {
        ApiError::new(
            StatusCode::NOT_FOUND,
            ErrorCode::SessionNotFound,
            "You have no such session",
        )
    };
    let id = id.parse().map_err(|_| missing().into_response())?;
    match app.service.end_session(&form.signed_in.caller(), id).await {
        Ok(()) | Err(EndSessionError::NotFound) => Ok(answer::go_to("/account/sessions?ended=one")),
        Err(EndSessionError::Failed(failure)) => Err(ApiError::from(failure).into_response()),
    }
}

pub(super) async fn end_others(State(app): State<App>, form: SignedForm) -> Result<Response, Response> {
    let ended = app
        .service
        .logout(&form.signed_in.caller(), LogoutScope::Others)
        .await;
    ended.map_err(|failure| ApiError::from(failure).into_response())?;
    Ok(answer::go_to("/account/sessions?ended=others"))
}
