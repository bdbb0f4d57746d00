use axum::{extract::State, response::IntoResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::metadata::{ProviderBody, endpoint, kept};
use crate::http::state::App;

/// The metadata of an authorization server (RFC 8414 §2).
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(in crate::http) enum MetadataBody {
    Provider(Box<ProviderBody>),
    /// Where access tokens are signed with a shared secret.
    TokensAlone(TokensAloneBody),
}

/// The metadata of a server that signs nobody in for others.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct TokensAloneBody {
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

impl TokensAloneBody {
    fn of(issuer: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            token_endpoint: endpoint(issuer, "/oauth/token"),
            jwks_uri: endpoint(issuer, "/.well-known/jwks.json"),
            grant_types_supported: ["client_credentials", "refresh_token"],
            response_types_supported: [],
            token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
        }
    }
}

/// Describes the service to OAuth clients.
///
/// Its addresses and what it can do, for clients that know nothing but the issuer (RFC 8414). Where the issuer has a
/// path, the same stands at `/.well-known/oauth-authorization-server` with that path behind it.
#[utoipa::path(
    get, path = "/.well-known/oauth-authorization-server", tag = "standards",
    responses((status = 200, description = "The metadata: that of `/.well-known/openid-configuration`, or less where access tokens are signed with a shared secret.", body = MetadataBody)),
)]
pub(in crate::http) async fn metadata(State(app): State<App>) -> impl IntoResponse {
    let body = match ProviderBody::of(&app) {
        Ok(provider) => MetadataBody::Provider(Box::new(provider)),
        Err(_) => MetadataBody::TokensAlone(TokensAloneBody::of(&app.service.rules().issuer)),
    };
    kept(&app, body)
}
