use axum::{Json, Router, routing::get};
use http::{HeaderName, header};
use jeton::Algorithm;
use serde::Serialize;
use utoipa::ToSchema;

use super::{oauth_authorization_server, openid_configuration};
use crate::{
    http::state::App,
    model::{
        client::registration::{GrantType, IdTokenAlg},
        locale::Locale,
    },
    service::grants::ProviderOff,
};

/// The metadata of an OpenID provider (OpenID Connect Discovery §3), which is an authorization server's too (RFC 8414
/// §2).
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "the members are the standards'")]
pub(in crate::http) struct ProviderBody {
    /// As `iss` in tokens, character by character.
    #[schema(example = "https://id.example.org")]
    issuer: String,
    #[schema(example = "https://id.example.org/oauth/authorize")]
    authorization_endpoint: String,
    #[schema(example = "https://id.example.org/oauth/token")]
    token_endpoint: String,
    #[schema(example = "https://id.example.org/oauth/userinfo")]
    userinfo_endpoint: String,
    #[schema(example = "https://id.example.org/.well-known/jwks.json")]
    jwks_uri: String,
    #[schema(example = "https://id.example.org/oauth/introspect")]
    introspection_endpoint: String,
    #[schema(example = "https://id.example.org/oauth/revoke")]
    revocation_endpoint: String,
    #[schema(example = "https://id.example.org/oauth/par")]
    pushed_authorization_request_endpoint: String,
    #[schema(example = "https://id.example.org/oauth/logout")]
    end_session_endpoint: String,
    #[schema(example = json!(["code"]))]
    response_types_supported: Vec<&'static str>,
    #[schema(example = json!(["query", "form_post"]))]
    response_modes_supported: Vec<&'static str>,
    #[schema(example = json!(["authorization_code", "refresh_token", "client_credentials"]))]
    grant_types_supported: Vec<&'static str>,
    /// There is no `plain`.
    #[schema(example = json!(["S256"]))]
    code_challenge_methods_supported: Vec<&'static str>,
    #[schema(example = json!(["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]))]
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    #[schema(example = json!(["ES256", "RS256", "EdDSA"]))]
    token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    #[schema(example = json!(["client_secret_basic", "client_secret_post", "private_key_jwt"]))]
    introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    #[schema(example = json!(["ES256", "RS256", "EdDSA"]))]
    introspection_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    #[schema(example = json!(["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]))]
    revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    #[schema(example = json!(["ES256", "RS256", "EdDSA"]))]
    revocation_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    /// A client registers for one of them. The key for one that nobody had before signs when everybody has it.
    #[schema(example = json!(["ES256", "RS256", "EdDSA"]))]
    id_token_signing_alg_values_supported: Vec<&'static str>,
    #[schema(example = json!(["ES256", "RS256", "EdDSA"]))]
    userinfo_signing_alg_values_supported: Vec<&'static str>,
    /// RFC 9701.
    #[schema(example = json!(["ES256", "RS256", "EdDSA"]))]
    introspection_signing_alg_values_supported: Vec<&'static str>,
    #[schema(example = json!(["public"]))]
    subject_types_supported: Vec<&'static str>,
    #[schema(example = json!(["openid", "profile", "email"]))]
    scopes_supported: Vec<&'static str>,
    #[schema(example = json!(["sub", "preferred_username", "email"]))]
    claims_supported: Vec<&'static str>,
    #[schema(example = json!(["urn:jeton:1"]))]
    acr_values_supported: Vec<&'static str>,
    #[schema(example = json!(["none", "login", "consent", "select_account"]))]
    prompt_values_supported: Vec<&'static str>,
    #[schema(example = json!(["en", "de"]))]
    ui_locales_supported: Vec<&'static str>,
    claims_parameter_supported: bool,
    /// Signed request objects are not taken.
    request_parameter_supported: bool,
    /// But for those that were pushed.
    request_uri_parameter_supported: bool,
    /// RFC 9207.
    authorization_response_iss_parameter_supported: bool,
    backchannel_logout_supported: bool,
    backchannel_logout_session_supported: bool,
}

/// Ways in which a client that can keep a secret proves itself.
const CONFIDENTIAL: [&str; 3] = ["client_secret_basic", "client_secret_post", "private_key_jwt"];

const SCOPES: [&str; 7] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
    "roles",
];

const CLAIMS: [&str; 18] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "at_hash",
    "sid",
    "preferred_username",
    "name",
    "locale",
    "email",
    "email_verified",
    "roles",
    "groups",
];

impl ProviderBody {
    /// The metadata of this service.
    ///
    /// # Errors
    ///
    /// [`ProviderOff`] where it is no provider.
    pub(super) fn of(app: &App) -> Result<Self, ProviderOff> {
        app.provides()?;
        let issuer = &app.service.rules().issuer;
        let at = |path| endpoint(issuer, path);
        let with_none = || CONFIDENTIAL.into_iter().chain(["none"]).collect();
        Ok(Self {
            issuer: issuer.clone(),
            authorization_endpoint: at("/oauth/authorize"),
            token_endpoint: at("/oauth/token"),
            userinfo_endpoint: at("/oauth/userinfo"),
            jwks_uri: at("/.well-known/jwks.json"),
            introspection_endpoint: at("/oauth/introspect"),
            revocation_endpoint: at("/oauth/revoke"),
            pushed_authorization_request_endpoint: at("/oauth/par"),
            end_session_endpoint: at("/oauth/logout"),
            response_types_supported: vec!["code"],
            response_modes_supported: vec!["query", "form_post"],
            grant_types_supported: GrantType::ALL.map(GrantType::as_str).into(),
            code_challenge_methods_supported: vec!["S256"],
            token_endpoint_auth_methods_supported: with_none(),
            token_endpoint_auth_signing_alg_values_supported: clients_algorithms(),
            introspection_endpoint_auth_methods_supported: CONFIDENTIAL.into(),
            introspection_endpoint_auth_signing_alg_values_supported: clients_algorithms(),
            revocation_endpoint_auth_methods_supported: with_none(),
            revocation_endpoint_auth_signing_alg_values_supported: clients_algorithms(),
            id_token_signing_alg_values_supported: own_algorithms(),
            userinfo_signing_alg_values_supported: own_algorithms(),
            introspection_signing_alg_values_supported: own_algorithms(),
            subject_types_supported: vec!["public"],
            scopes_supported: SCOPES.into(),
            claims_supported: CLAIMS.into(),
            acr_values_supported: vec!["urn:jeton:1"],
            prompt_values_supported: vec!["none", "login", "consent", "select_account"],
            ui_locales_supported: Locale::ALL.map(Locale::tag).into(),
            claims_parameter_supported: true,
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
            authorization_response_iss_parameter_supported: true,
            backchannel_logout_supported: true,
            backchannel_logout_session_supported: true,
        })
    }
}

/// The address of an endpoint, below the issuer.
pub(super) fn endpoint(issuer: &str, path: &str) -> String {
    format!("{}{path}", issuer.trim_end_matches('/'))
}

/// The algorithms of assertions: every one with a public key.
fn clients_algorithms() -> Vec<&'static str> {
    let all = Algorithm::ALL
        .iter()
        .filter(|algorithm| !algorithm.is_symmetric());
    all.map(|algorithm| algorithm.name()).collect()
}

fn own_algorithms() -> Vec<&'static str> {
    IdTokenAlg::ALL.map(IdTokenAlg::as_str).into()
}

/// The answer with a document that others may keep for as long as the key set.
pub(super) fn kept<B: Serialize>(app: &App, body: B) -> ([(HeaderName, String); 1], Json<B>) {
    let max_age = app.service.rules().jwks_max_age.as_secs();
    (
        [(header::CACHE_CONTROL, format!("public, max-age={max_age}"))],
        Json(body),
    )
}

/// The documents where clients look for them when the issuer has a path: between host and path (RFC 8414 §3.1), where some
/// keep the path's last slash, which the RFC has them take away; and behind the path (OpenID Connect Discovery §4).
pub(in crate::http) fn at_issuers_path(app: &App) -> Router<App> {
    let issuer = &app.service.rules().issuer;
    let path = issuer.strip_prefix(&app.browser.origin).unwrap_or_default();
    // Braces would be parameters.
    let path = path.replace('{', "{{").replace('}', "}}");
    let path = path.trim_end_matches('/');
    if path.is_empty() {
        return Router::new();
    }
    let documents = [
        (
            "/.well-known/oauth-authorization-server",
            get(oauth_authorization_server::metadata),
        ),
        (
            "/.well-known/openid-configuration",
            get(openid_configuration::configuration),
        ),
    ];
    documents
        .into_iter()
        .fold(Router::new(), |router, (document, answer)| {
            let places = [
                format!("{document}{path}"),
                format!("{document}{path}/"),
                format!("{path}{document}"),
            ];
            places
                .iter()
                .fold(router, |router, at| router.route(at, answer.clone()))
        })
}
