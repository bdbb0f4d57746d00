use std::{convert::Infallible, future::ready, time::Duration};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tower_http::timeout::TimeoutLayer;

use super::{
    around::{Answering, Next},
    framing, same_site,
};
use crate::http::{
    extract::body::{MAX_BYTES, drain, too_large},
    state::App,
};

/// How long a request may take, its body included.
const DEADLINE: Duration = Duration::from_secs(30);

pub(in crate::http) fn deadline() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, DEADLINE)
}

/// Refuses what no route is to see, whichever it is for: a head that is ambiguous, another site's page, a body that
/// says it is too long. One layer for all, since each costs every request something.
pub(in crate::http) fn refuse(app: &App, request: Request, next: Next<'_>) -> Answering {
    let refusal = framing::refusal(&request).or_else(|| same_site::refusal(&request, &app.browser));
    if let Some(refusal) = refusal {
        return Box::pin(ready(Ok(refusal.into_response())));
    }
    if announces_too_much(request.headers()) {
        return Box::pin(refuse_body(request));
    }
    next(request)
}

/// Answers a body that is too long. A client that waits for a word before sending it is spared that, and the connection
/// ends without.
async fn refuse_body(request: Request) -> Result<Response, Infallible> {
    const CLOSE: HeaderValue = HeaderValue::from_static("close");
    if request.headers().contains_key(header::EXPECT) {
        return Ok(too_large().with(header::CONNECTION, CLOSE).into_response());
    }
    drain(request.into_body()).await;
    Ok(too_large().into_response())
}

fn announces_too_much(headers: &HeaderMap) -> bool {
    let announced = headers.get(header::CONTENT_LENGTH);
    let announced = announced
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<usize>().ok());
    announced.is_some_and(|length| length > MAX_BYTES)
}
