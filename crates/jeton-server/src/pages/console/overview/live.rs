//! The figures as they change: as server-sent events (WHATWG HTML, section 9.2), or once for a browser that cannot have one.

use std::time::{Duration, Instant};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, header};
use tokio::time::{sleep_until, timeout_at};

use super::figures::Figures;
use crate::{
    http::{
        ApiError, App,
        stream::{self, Source},
    },
    model::locale::Locale,
    pages::{console::onlooker::Onlooker, request::AdminPage},
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
    let began = app.service.clock().instant();
    Ok(stream::answer(
        "text/event-stream",
        Watcher {
            language: admin.signed_in.reader.language,
            next: began,
            ends: began + LONGEST,
            onlooker: Onlooker::of(app, headers, &admin)?,
        },
    ))
}

/// An administrator who looks on.
struct Watcher {
    onlooker: Onlooker,
    language: Locale,
    next: Instant,
    ends: Instant,
}

impl Source for Watcher {
    async fn next(mut self) -> Option<(String, Self)> {
        self.wait().await;
        let app = &self.onlooker.app;
        if app.service.revocations().is_closed() || self.next >= self.ends {
            return None;
        }
        self.next += EVERY;
        if !self.onlooker.may_look_on().await {
            return None;
        }
        let figures = Figures::read(&self.onlooker.app, self.language);
        let data = serde_json::to_string(&figures).ok()?;
        Some((format!("data: {data}\n\n"), self))
    }
}

impl Watcher {
    /// Waits until it is time, or the process ends.
    async fn wait(&self) {
        let revocations = self.onlooker.app.service.revocations();
        let mut news = revocations.news();
        let until = self.next.into();
        while !revocations.is_closed() {
            match timeout_at(until, news.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return sleep_until(until).await,
                Err(_) => return,
            }
        }
    }
}
