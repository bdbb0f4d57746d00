use axum::{Json, Router, extract::State, response::IntoResponse, routing::get};
use http::header;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::state::App;

/// The metadata of an authorization server (RFC 8414 §2).
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct MetadataBody {
    /// As `iss` in tokens, character by character.
    #[schema(example = "https://id.example.org")]
    issuer: String,
    #[schema(example = "https://id.example.org/oauth/token")]
    token_endpoint: String,
    #[schema(example = "https://id.example.org/.well-known/jwks.json")]
    jwks_uri: String,
    #[schema(value_type = Vec<String>, example = json!(["client_credentials", "refresh_token"]))]
    grant_types_supported: [&'static str; 2],
    /// Empty: there is no authorization endpoint.
    #[schema(value_type = Vec<String>, example = json!([]))]
    response_types_supported: [&'static str; 0],
    /// `none` is for `refresh_token` alone.
    #[schema(value_type = Vec<String>, example = json!(["client_secret_basic", "client_secret_post", "none"]))]
    token_endpoint_auth_methods_supported: [&'static str; 3],
}

/// Describes the service to OAuth clients.
///
/// Its addresses and what it can do, for clients that know nothing but the issuer (RFC 8414). Where the issuer has a
/// path, the same stands at `/.well-known/oauth-authorization-server` with that path behind it.
#[utoipa::path(
    get, path = "/.well-known/oauth-authorization-server", tag = "standards",
    responses((status = 200, description = "The metadata.", body = MetadataBody)),
)]
pub(in crate::http) async fn metadata(State(app): State<App>) -> impl IntoResponse {
    let rules = app.service.rules();
    let base = rules.issuer.trim_end_matches('/');
    let body = MetadataBody {
        issuer: rules.issuer.clone(),
        token_endpoint: format!("{base}/oauth/token"),
        jwks_uri: format!("{base}/.well-known/jwks.json"),
        grant_types_supported: ["client_credentials", "refresh_token"],
        response_types_supported: [],
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
    };
    let max_age = rules.jwks_max_age.as_secs();
    (
        [(header::CACHE_CONTROL, format!("public, max-age={max_age}"))],
        Json(body),
    )
}

/// The metadata where clients look for it when the issuer has a path: between host and path (RFC 8414 §3.1). Some keep the
/// path's last slash, which the RFC has them take away.
pub(in crate::http) fn at_issuers_path(app: &App) -> Router<App> {
    let issuer = &app.service.rules().issuer;
    let path = issuer.strip_prefix(&app.browser.origin).unwrap_or_default();
    // Braces would be parameters.
    let path = path.replace('{', "{{").replace('}', "}}");
    let path = path.trim_end_matches('/');
    if path.is_empty() {
        return Router::new();
    }
    let at = format!("/.well-known/oauth-authorization-server{path}");
    [format!("{at}/"), at]
        .iter()
        .fold(Router::new(), |router, at| router.route(at, get(metadata)))
}
