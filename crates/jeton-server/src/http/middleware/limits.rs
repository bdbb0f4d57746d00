use std::time::Duration;

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use tower_http::timeout::TimeoutLayer;

use crate::http::body::{MAX_BYTES, drain, too_large};

/// How long a request may take, its body included.
const DEADLINE: Duration = Duration::from_secs(30);

pub(in crate::http) fn deadline() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, DEADLINE)
}

/// Refuses a body that says it is too long, whichever route it is for.
pub(in crate::http) async fn refuse_oversize(request: Request, next: Next) -> Response {
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_BYTES) {
        drain(request.into_body()).await;
        return too_large().into_response();
    }
    next.run(request).await
}
