use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{ApiError, ErrorCode};
use crate::state::App;

#[derive(Serialize, ToSchema)]
pub(super) struct Readiness {
    #[schema(example = "ready")]
    status: &'static str,
}

/// Says that requests can be answered: the database is there, and so are the revocations. Otherwise 503.
#[utoipa::path(
    get, path = "/readyz", tag = "operations",
    responses((status = 200, description = "They can.", body = Readiness)),
)]
pub(super) async fn readyz(State(app): State<App>) -> Result<Json<Readiness>, ApiError> {
    if app.service.is_ready().await? {
        return Ok(Json(Readiness { status: "ready" }));
    }
    Err(ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::RevocationStale,
        "The revocations were not read for too long",
    ))
}
