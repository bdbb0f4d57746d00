use std::future::ready;

use axum::{extract::Request, response::IntoResponse};

use super::around::{Answering, Next};
use crate::http::{
    error::{ApiError, ErrorCode},
    state::App,
};

/// Routes about the node itself, and those that depend on no clock.
const WITHOUT_CLOCK: [&str; 4] = ["/healthz", "/readyz", "/metrics", "/openapi.json"];

fn is_without_clock(path: &str) -> bool {
    WITHOUT_CLOCK.contains(&path) || path.contains("/.well-known/")
}

/// Answers nothing by a clock that is off: a token would be refused that is good, or accepted that is not, and what is
/// written would have times that lock people out, or outlive them, on every other node.
pub(in crate::http) fn refuse_while_off(app: &App, request: Request, next: Next<'_>) -> Answering {
    if app.service.clock_is_off() && !is_without_clock(request.uri().path()) {
        let message = "This node's clock is off, try again shortly";
        let refusal = ApiError::try_again(ErrorCode::ClockOff, message, 5).into_response();
        return Box::pin(ready(Ok(refusal)));
    }
    next(request)
}
