use axum::{Json, extract::State, response::IntoResponse};
use http::header;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::state::App;

/// A JWK set (RFC 7517 §5).
#[derive(Serialize, ToSchema)]
#[serde(transparent)]
pub(in crate::http) struct KeySetBody {
    #[schema(value_type = Vec<Object>, example = json!([]))]
    keys: jeton::JwkSet,
}

/// Gives the public keys that access and ID tokens verify with.
///
/// Those included that are yet to sign. Empty when access tokens are signed with a shared secret.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "standards",
    responses((status = 200, description = "The key set. A key stands here for longer than `Cache-Control` says before it signs.", body = KeySetBody)),
)]
pub(in crate::http) async fn jwks(State(app): State<App>) -> impl IntoResponse {
    let keys = app.service.published_keys();
    let max_age = app.service.rules().jwks_max_age.as_secs();
    (
        [(header::CACHE_CONTROL, format!("public, max-age={max_age}"))],
        Json(KeySetBody { keys }),
    )
}
