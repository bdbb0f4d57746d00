//! HTTP: every route on this page, each in the file its path names.

use std::sync::LazyLock;

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};
use tower::util::option_layer;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::App;

pub mod address;
mod admin;
mod body;
mod client;
mod cookies;
mod error;
mod fallback;
mod get_jwt;
mod healthz;
mod login;
mod logout;
mod metrics;
mod middleware;
mod oauth;
mod openapi;
mod password;
mod profile;
mod protected;
mod query;
mod readyz;
mod refresh;
mod register;
mod revocations;
pub mod server;
mod sessions;
mod set_jwt;
mod sign_token;
mod token;
mod token_body;
mod verify_token;
mod well_known;

pub(crate) use error::REALM;
pub use error::{ApiError, ErrorCode};
pub use metrics::Metrics;

/// Every route there is, with the document that describes it.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::about())
        // Accounts
        .routes(routes!(register::register))
        .routes(routes!(login::login))
        .routes(routes!(token::token))
        .routes(routes!(profile::profile))
        .routes(routes!(password::change))
        .routes(routes!(password::reset::reset))
        // Sessions
        .routes(routes!(refresh::refresh))
        .routes(routes!(logout::logout))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::id::end))
        // Administration
        .routes(routes!(admin::users::list, admin::users::create))
        .routes(routes!(
            admin::users::id::show,
            admin::users::id::change,
            admin::users::id::delete
        ))
        .routes(routes!(admin::users::id::password_reset::reset))
        .routes(routes!(
            admin::users::id::sessions::list,
            admin::users::id::sessions::end_all
        ))
        .routes(routes!(admin::users::id::sessions::end_one))
        .routes(routes!(admin::users::id::unlock::unlock))
        // Tokens
        .routes(routes!(set_jwt::set_jwt))
        .routes(routes!(get_jwt::get_jwt))
        .routes(routes!(protected::protected))
        // Playground
        .routes(routes!(sign_token::sample, sign_token::sign))
        .routes(routes!(verify_token::verify))
        // Administration
        .routes(routes!(admin::audit::list))
        .routes(routes!(admin::explain::explain))
        .routes(routes!(admin::tokens::revoke::revoke))
        .routes(routes!(
            admin::service_accounts::list,
            admin::service_accounts::create
        ))
        .routes(routes!(
            admin::service_accounts::id::change,
            admin::service_accounts::id::delete
        ))
        .routes(routes!(admin::service_accounts::id::secret::rotate))
        // Standards and operations
        .routes(routes!(well_known::jwks::jwks))
        .routes(routes!(oauth::token::token))
        .routes(routes!(revocations::revocations))
        .routes(routes!(healthz::healthz))
        .routes(routes!(readyz::readyz))
        .routes(routes!(metrics::metrics))
        .routes(routes!(openapi::document))
}

/// The OpenAPI document of [`router`], as JSON. Written once: it never changes while the service runs.
#[must_use]
pub fn openapi() -> &'static str {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
        openapi::completed(routes().into_openapi())
            .to_json()
            .unwrap_or_default()
    });
    &DOCUMENT
}

/// The service as something that answers requests. The layers are listed from the innermost to the outermost.
pub fn router(app: App) -> Router {
    let (routes, _) = routes().split_for_parts();
    routes
        .layer(app.guard.guard())
        .fallback(fallback::not_found)
        .method_not_allowed_fallback(fallback::method_not_allowed)
        .layer(from_fn_with_state(
            app.clone(),
            middleware::same_site::refuse_foreign,
        ))
        .layer(from_fn(middleware::limits::refuse_oversize))
        .layer(middleware::limits::deadline())
        .layer(middleware::panics::caught())
        .layer(option_layer(middleware::cors::allow(&app)))
        .layer(from_fn(middleware::errors::write_body))
        .layer(from_fn_with_state(
            app.clone(),
            middleware::requests::identify_and_log,
        ))
        .with_state(app)
}
