use std::any::Any;

use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use crate::http::error::ApiError;

type Answer = fn(Box<dyn Any + Send + 'static>) -> Response;

/// A panic is a defect of ours: it costs one request a 500 and nobody else anything.
pub(in crate::http) fn caught() -> CatchPanicLayer<Answer> {
    CatchPanicLayer::custom(answer)
}

fn answer(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    ApiError::internal().into_response()
}
