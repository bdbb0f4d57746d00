use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;

use super::frame::{Place, frame};
use crate::{
    http::{ApiError, App, ErrorCode, extract::Query},
    model::{session::EndReason, time::Timestamp},
    pages::{
        answer,
        device::Kind,
        done::Done,
        ended, events,
        frame::Frame,
        request::{SignedForm, SignedIn},
        texts::Texts,
    },
    service::{
        accounts::own::OwnSession,
        sessions::{listed::EndSessionError, logout::LogoutScope},
        tokens::explain::WhyOver,
    },
};

/// How many ended sessions are shown.
const ENDED: u32 = 10;

/// How lately a session was seen that is called active.
const ACTIVE_SECONDS: u64 = 300;

/// A session, as its owner recognises it.
struct Row {
    id: String,
    device: String,
    kind: Kind,
    address: Option<String>,
    since: Timestamp,
    seen: Seen,
    by_admin: bool,
    /// When it ended, as far as that is known, and why; none while it lives.
    over: Option<(Option<Timestamp>, String)>,
    is_copied: bool,
}

/// When a session was last seen.
#[derive(PartialEq, Eq)]
enum Seen {
    /// It is the one that asks.
    Here,
    Lately,
    At(Timestamp),
}

#[derive(Template)]
#[template(path = "account/sessions.html")]
struct SessionsPage {
    frame: Frame,
    live: Vec<Row>,
    ended: Vec<Row>,
    others: u64,
    notice: Option<String>,
}

pub(super) async fn show(
    State(app): State<App>,
    Query(done): Query<Done>,
    signed_in: SignedIn,
) -> Result<Response, ApiError> {
    let texts = signed_in.reader.texts();
    let sessions = app.service.own_sessions(signed_in.user.id, ENDED).await?;
    let rows = sessions.iter().map(|session| Row::new(session, &signed_in));
    let (mut live, ended): (Vec<_>, Vec<_>) = rows.partition(|row| row.over.is_none());
    live.sort_by_key(|row| row.seen != Seen::Here);
    let page = SessionsPage {
        frame: frame(&signed_in, Place::Sessions),
        others: live.len().saturating_sub(1) as u64,
        live,
        ended,
        notice: match done.done.as_str() {
            "one" => Some(texts.sessions.ended_one.to_string()),
            "others" => Some(texts.sessions.ended_others.to_string()),
            _ => None,
        },
    };
    Ok(answer::page(StatusCode::OK, &page))
}

impl Row {
    fn new(own: &OwnSession, signed_in: &SignedIn) -> Self {
        let (session, now) = (&own.session, signed_in.reader.now);
        let opened = own.opened.as_ref().and_then(events::place);
        Self {
            id: session.id.to_string(),
            device: if session.actor.is_some() {
                signed_in.reader.texts().sessions.administrator.to_string()
            } else {
                session.device.name()
            },
            kind: Kind::of(&session.device),
            address: opened.and_then(|(_, address)| address),
            since: session.created_at,
            seen: match session.last_seen_at {
                _ if session.id == signed_in.session.id => Seen::Here,
                at if now.since(at).as_secs() < ACTIVE_SECONDS => Seen::Lately,
                at => Seen::At(at),
            },
            by_admin: session.actor.is_some(),
            over: own.over.map(|why| over(own, why, signed_in.reader.texts())),
            is_copied: matches!(own.over, Some(WhyOver::Ended(EndReason::Reuse))),
        }
    }
}

fn over(own: &OwnSession, why: WhyOver, texts: &Texts) -> (Option<Timestamp>, String) {
    let at = own.cause.as_ref().map(|event| event.at);
    let at = at.or((why == WhyOver::Expired).then_some(own.session.expires_at));
    (at, ended::why(why, own.cause.as_ref(), texts).to_string())
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
        Ok(()) | Err(EndSessionError::NotFound) => Ok(answer::go_to("/account/sessions?done=one")),
        Err(EndSessionError::Failed(failure)) => Err(ApiError::from(failure).into_response()),
    }
}

pub(super) async fn end_others(State(app): State<App>, form: SignedForm) -> Result<Response, Response> {
    let ended = app
        .service
        .logout(&form.signed_in.caller(), LogoutScope::Others)
        .await;
    ended.map_err(|failure| ApiError::from(failure).into_response())?;
    Ok(answer::go_to("/account/sessions?done=others"))
}
