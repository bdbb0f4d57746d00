use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::header;
use serde::Serialize;

/// A JSON answer that no cache keeps (RFC 9111 §5.2.2.5): with tokens, claims, or what is true at this moment.
pub(super) struct NoStore<T>(pub(super) T);

impl<T: Serialize> IntoResponse for NoStore<T> {
    fn into_response(self) -> Response {
        ([(header::CACHE_CONTROL, "no-store")], Json(self.0)).into_response()
    }
}
