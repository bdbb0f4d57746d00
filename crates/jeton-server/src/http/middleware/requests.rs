use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue};
use tracing::Instrument;

use crate::state::App;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The name of a request in the log and in error bodies.
#[derive(Clone, Debug, Default)]
pub(in crate::http) struct RequestId(String);

impl RequestId {
    pub(in crate::http) fn into_string(self) -> String {
        self.0
    }

    /// Takes over the id a proxy gave, if it is short and plain.
    fn from_client(value: &HeaderValue) -> Option<Self> {
        let text = value.to_str().ok()?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        ((1..=64).contains(&text.len()) && text.bytes().all(plain)).then(|| Self(text.to_owned()))
    }
}

/// Names the request, and says in one line what became of it: no query, header or body, so no secret.
pub(in crate::http) async fn identify_and_log(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let given = request.headers().get(HEADER).and_then(RequestId::from_client);
    let id = given.unwrap_or_else(|| RequestId(app.service.request_id()));
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("(none)", MatchedPath::as_str);
    let span = tracing::info_span!("request", id = %id.0, %method, route);
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = started.elapsed();
    app.metrics.answered(route, &method, response.status(), took);
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(parent: &span, status = response.status().as_u16(), micros, "answered");
    if let Ok(value) = HeaderValue::try_from(id.into_string()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
