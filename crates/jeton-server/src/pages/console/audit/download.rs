use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::filter::{Filter, Typed};
use crate::{
    http::{
        ApiError, App,
        extract::Query,
        stream::{self, Source},
    },
    pages::{console::onlooker::Onlooker, request::AdminPage},
    service::audit::{Search, line},
};

/// How many events are read at once.
const BATCH: u32 = 500;

/// The events that the form asks for, the newest first, as `jeton audit export` writes them.
pub(super) async fn download(
    State(app): State<App>,
    Query(typed): Query<Typed>,
    headers: HeaderMap,
    admin: AdminPage,
) -> Result<Response, ApiError> {
    let mut filter = Filter::of(&typed);
    let texts = admin.signed_in.reader.texts();
    let Some(wanted) = filter.wanted(&app, &admin.administrator, texts).await? else {
        return Err(ApiError::invalid("The query has a value that cannot be"));
    };
    let pages = Pages {
        wanted: Search {
            limit: BATCH,
            ..wanted
        },
        is_over: false,
        onlooker: Onlooker::of(app, headers, &admin)?,
    };
    let mut answer = (StatusCode::OK, stream::answer("application/x-ndjson", pages)).into_response();
    let name = HeaderValue::from_static("attachment; filename=\"audit.jsonl\"");
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(answer)
}

/// The list, a batch after the other.
struct Pages {
    onlooker: Onlooker,
    wanted: Search,
    is_over: bool,
}

impl Source for Pages {
    async fn next(mut self) -> Option<(String, Self)> {
        if self.is_over || !self.onlooker.may_look_on().await {
            return None;
        }
        let events = match self.onlooker.app.service.search_events(&self.wanted).await {
            Ok(events) => events,
            Err(error) => {
                tracing::error!(%error, "the trail could not be read to its end");
                return None;
            }
        };
        let last = events.last()?;
        self.is_over = events.len() < BATCH as usize;
        self.wanted.before = Some(last.number);
        let mut lines = String::new();
        for event in &events {
            lines.push_str(&line(event));
            lines.push('\n');
        }
        Some((lines, self))
    }
}
