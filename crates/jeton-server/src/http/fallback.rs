use http::StatusCode;

use super::error::{ApiError, ErrorCode};

pub(super) async fn not_found() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        ErrorCode::NotFound,
        "There is nothing here; GET /openapi.json lists the routes",
    )
}

/// The router adds the `Allow` header.
pub(super) async fn method_not_allowed() -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::MethodNotAllowed,
        "This route does not answer this method; the Allow header lists those it does",
    )
}
