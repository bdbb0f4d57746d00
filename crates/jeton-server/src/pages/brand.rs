//! The brand's own files: its accent as a style sheet, and its logo.

use std::sync::Arc;

use axum::{
    Extension,
    extract::Path,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};

use crate::{
    http::{ApiError, ErrorCode},
    model::brand::Brand,
};

/// Serves one of them, under a path that changes with what is in them.
pub(super) async fn serve(
    Extension(brand): Extension<Arc<Brand>>,
    Path((version, name)): Path<(String, String)>,
) -> Response {
    let kept = [(header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    let typed = |media_type| [(header::CONTENT_TYPE, media_type)];
    if version == brand.version() {
        match (name.as_str(), &brand.accent, &brand.logo) {
            ("brand.css", Some(accent), _) => {
                return (kept, typed("text/css; charset=utf-8"), accent.style()).into_response();
            }
            ("logo", _, Some(logo)) => {
                return (kept, typed(logo.media_type()), logo.bytes().to_vec()).into_response();
            }
            _ => {}
        }
    }
    let gone = "There is no such file: the page that names it is older than these settings";
    ApiError::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, gone).into_response()
}
