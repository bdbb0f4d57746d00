use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use http::{HeaderName, HeaderValue};
use tracing::Instrument;

use super::{
    around::{Answering, Next},
    cors, protection,
};
use crate::http::{address::Peer, requester, state::App};

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The name of a request in the log and in error bodies.
#[derive(Clone, Debug)]
pub(in crate::http) struct RequestId(HeaderValue);

impl RequestId {
    /// The id a trusted proxy gave, if it is short and plain; a stranger's would let them write in the log under
    /// somebody else's.
    fn from_proxy(app: &App, request: &Request) -> Option<Self> {
        let given = request.headers().get(HEADER)?;
        let peer = request.extensions().get::<Peer>()?;
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let is_plain = (1..=64).contains(&given.len()) && given.as_bytes().iter().all(plain);
        (is_plain && app.network.trusts(peer.0)).then(|| Self(given.clone()))
    }

    fn made_here(app: &App) -> Self {
        // Digits and hyphens: it always fits.
        Self(HeaderValue::try_from(app.service.request_id()).unwrap_or(HeaderValue::from_static("unknown")))
    }

    pub(in crate::http) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// Names the request, and says in one line what became of it and whose it was, by ids alone: no query, header or body,
/// so no secret.
pub(in crate::http) fn identify_and_log(app: &App, mut request: Request, next: Next<'_>) -> Answering {
    let given = RequestId::from_proxy(app, &request);
    let id = given.unwrap_or_else(|| RequestId::made_here(app));
    request.extensions_mut().insert(id.clone());
    cors::tell_refused(app, &request);
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let app = app.clone();
    let started = Instant::now();
    let span = tracing::info_span!("request", id = id.as_str(), %method, route = name(matched.as_ref()));
    let answer = requester::watch(next(request).instrument(span.clone()));
    Box::pin(async move {
        let (Ok(mut response), requester) = answer.await;
        let took = started.elapsed();
        app.metrics
            .answered(name(matched.as_ref()), &method, response.status(), took);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        tracing::info!(
            parent: &span,
            status = response.status().as_u16(),
            micros,
            user = requester.user.map(tracing::field::display),
            session = requester.session.map(tracing::field::display),
            client = requester.client.map(tracing::field::display),
            "answered"
        );
        response.headers_mut().insert(HEADER, id.0);
        protection::protect(response.headers_mut(), &app.browser);
        Ok(response)
    })
}

fn name(route: Option<&MatchedPath>) -> &str {
    route.map_or("(none)", MatchedPath::as_str)
}
