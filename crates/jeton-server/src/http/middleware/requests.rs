use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use http::{HeaderName, HeaderValue};
use tracing::Instrument;

use super::around::{Answering, Next};
use crate::state::App;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The name of a request in the log and in error bodies.
#[derive(Clone, Debug)]
pub(in crate::http) struct RequestId(HeaderValue);

impl RequestId {
    /// Takes over the id a proxy gave, if it is short and plain.
    fn from_client(value: &HeaderValue) -> Option<Self> {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let text = value.as_bytes();
        ((1..=64).contains(&text.len()) && text.iter().all(plain)).then(|| Self(value.clone()))
    }

    fn made_here(app: &App) -> Self {
        // Digits and hyphens: it always fits.
        Self(HeaderValue::try_from(app.service.request_id()).unwrap_or(HeaderValue::from_static("unknown")))
    }

    pub(in crate::http) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// Names the request, and says in one line what became of it: no query, header or body, so no secret.
pub(in crate::http) fn identify_and_log(app: &App, mut request: Request, next: Next<'_>) -> Answering {
    let given = request.headers().get(HEADER).and_then(RequestId::from_client);
    let id = given.unwrap_or_else(|| RequestId::made_here(app));
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let app = app.clone();
    let started = Instant::now();
    let span = tracing::info_span!("request", id = id.as_str(), %method, route = name(matched.as_ref()));
    let answer = next(request).instrument(span.clone());
    Box::pin(async move {
        let Ok(mut response) = answer.await;
        let took = started.elapsed();
        app.metrics
            .answered(name(matched.as_ref()), &method, response.status(), took);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        tracing::info!(parent: &span, status = response.status().as_u16(), micros, "answered");
        response.headers_mut().insert(HEADER, id.0);
        Ok(response)
    })
}

fn name(route: Option<&MatchedPath>) -> &str {
    route.map_or("(none)", MatchedPath::as_str)
}
