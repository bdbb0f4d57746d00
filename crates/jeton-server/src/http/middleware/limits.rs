use std::time::Duration;

use axum::{extract::Request, response::IntoResponse};
use http::{StatusCode, header};
use tower_http::timeout::TimeoutLayer;

use super::around::{Answering, Next};
use crate::{
    http::body::{MAX_BYTES, drain, too_large},
    state::App,
};

/// How long a request may take, its body included.
const DEADLINE: Duration = Duration::from_secs(30);

pub(in crate::http) fn deadline() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, DEADLINE)
}

/// Refuses a body that says it is too long, whichever route it is for.
pub(in crate::http) fn refuse_oversize(_: &App, request: Request, next: Next<'_>) -> Answering {
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_BYTES) {
        return Box::pin(async move {
            drain(request.into_body()).await;
            Ok(too_large().into_response())
        });
    }
    next(request)
}
