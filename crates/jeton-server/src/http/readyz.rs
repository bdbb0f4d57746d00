use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::{ApiError, ErrorCode},
    state::App,
};
use crate::service::ready::NotReady;

#[derive(Serialize, ToSchema)]
pub(super) struct Readiness {
    #[schema(example = "ready")]
    status: &'static str,
}

/// Says that requests can be answered.
///
/// The database is there, whole, and takes what is written, the clock agrees with the database's, and the keys and
/// revocations are known. Otherwise 503 with what is missing.
#[utoipa::path(
    get, path = "/readyz", tag = "operations",
    responses((status = 200, description = "They can.", body = Readiness)),
)]
pub(super) async fn readyz(State(app): State<App>) -> Result<Json<Readiness>, ApiError> {
    app.service.ready().await?;
    Ok(Json(Readiness { status: "ready" }))
}

impl From<NotReady> for ApiError {
    fn from(reason: NotReady) -> Self {
        let code = match reason {
            NotReady::Stale => ErrorCode::RevocationStale,
            NotReady::KeyMissing => ErrorCode::KeyMissing,
            NotReady::Damaged => ErrorCode::DatabaseDamaged,
            NotReady::ClockOff(_) => ErrorCode::ClockOff,
            NotReady::Failed(failure) => return failure.into(),
        };
        Self::try_again(code, reason.to_string(), 5)
    }
}
