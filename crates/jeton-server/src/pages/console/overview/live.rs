//! The figures as they change: as server-sent events (WHATWG HTML, section 9.2), or once for a browser that cannot have one.

use std::time::{Duration, Instant};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, header};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{sleep_until, timeout_at},
};

use super::figures::Figures;
use crate::{
    http::{
        ApiError, App, ErrorCode,
        stream::{self, Source},
    },
    model::locale::Locale,
    pages::{request::AdminPage, session},
    service::sessions::signed_in::SignedInSession,
};

/// How often the figures are told.
const EVERY: Duration = Duration::from_secs(2);

/// How long one stream goes on. The browser begins another.
const LONGEST: Duration = Duration::from_mins(10);

pub(super) async fn figures(State(app): State<App>, admin: AdminPage) -> Response {
    let figures = Figures::read(&app, admin.signed_in.reader.language);
    ([(header::CACHE_CONTROL, "no-store")], Json(figures)).into_response()
}

pub(super) async fn live(
    State(app): State<App>,
    headers: HeaderMap,
    admin: AdminPage,
) -> Result<Response, ApiError> {
    let seat = app.streams.clone().try_acquire_owned();
    let full = |_| ApiError::try_again(ErrorCode::Overloaded, "Too many watch the figures at once", 10);
    let seat = seat.map_err(full)?;
    let began = app.service.clock().instant();
    Ok(stream::answer(
        "text/event-stream",
        Watcher {
            language: admin.signed_in.reader.language,
            next: began,
            ends: began + LONGEST,
            app,
            headers,
            _seat: seat,
        },
    ))
}

/// An administrator who looks on.
struct Watcher {
    app: App,
    /// Of the request: the cookies by which the session is found each time.
    headers: HeaderMap,
    language: Locale,
    next: Instant,
    ends: Instant,
    _seat: OwnedSemaphorePermit,
}

impl Source for Watcher {
    async fn next(mut self) -> Option<(String, Self)> {
        self.wait().await;
        if self.app.service.revocations().is_closed() || self.next >= self.ends {
            return None;
        }
        self.next += EVERY;
        if !self.may_look_on().await {
            return None;
        }
        let figures = Figures::read(&self.app, self.language);
        let data = serde_json::to_string(&figures).ok()?;
        Some((format!("data: {data}\n\n"), self))
    }
}

impl Watcher {
    /// Waits until it is time, or the process ends.
    async fn wait(&self) {
        let mut news = self.app.service.revocations().news();
        let until = self.next.into();
        while !self.app.service.revocations().is_closed() {
            match timeout_at(until, news.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return sleep_until(until).await,
                Err(_) => return,
            }
        }
    }

    /// Whether the session lives and its user is an administrator, at this moment.
    async fn may_look_on(&self) -> bool {
        let found = session::read(&self.app, &self.headers).await;
        matches!(found, Ok(SignedInSession::Live { session, user }) if session.actor.is_none() && user.is_active_admin())
    }
}
