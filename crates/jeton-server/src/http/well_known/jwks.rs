use axum::{Json, extract::State, response::IntoResponse};
use http::header;
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::App;

/// A JWK set (RFC 7517 §5).
#[derive(Serialize, ToSchema)]
#[serde(transparent)]
pub(in crate::http) struct KeySetBody {
    #[schema(value_type = Vec<Object>, example = json!([]))]
    keys: jeton::JwkSet,
}

/// The public keys access tokens verify with. Empty when they are signed with a shared secret.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "standards",
    responses((status = 200, description = "The key set.", body = KeySetBody)),
)]
pub(in crate::http) async fn jwks(State(app): State<App>) -> impl IntoResponse {
    let keys = app.service.tokens().published().clone();
    (
        [(header::CACHE_CONTROL, "public, max-age=300")],
        Json(KeySetBody { keys }),
    )
}
