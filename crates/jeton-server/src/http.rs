//! HTTP: every route on this page, each in the file its path names.

use axum::{
    Router,
    routing::{delete, get, patch, post},
};
use tower::util::option_layer;

use self::middleware::around::around;

pub mod address;
mod admin;
pub(crate) mod cookies;
mod csrf;
pub(crate) mod error;
pub(crate) mod extract;
mod face;
mod fallback;
mod get_jwt;
mod healthz;
pub(crate) mod login;
mod logout;
mod metrics;
pub(crate) mod middleware;
mod no_store;
mod oauth;
mod openapi;
mod password;
mod profile;
mod protected;
mod readyz;
mod refresh;
mod register;
pub(crate) mod requester;
mod revocations;
pub mod server;
mod sessions;
mod set_jwt;
mod sign_token;
pub mod state;
pub(crate) mod stream;
mod token;
mod token_body;
mod verify_token;
mod well_known;

pub(crate) use admin::clients::ClientRecord;
pub use error::{ApiError, ErrorCode};
pub use face::{Face, Teller, Told};
pub use metrics::Metrics;
pub use openapi::openapi;
pub use {
    jeton_axum::csrf::CsrfKeyError,
    state::{App, Browser, Network},
};

/// Every route there is. The document lists the same handlers, and a test holds the two together: built into one, as
/// they could be, every start would write the document.
fn routes() -> Router<App> {
    Router::new()
        // Accounts
        .route("/register", post(register::register))
        .route("/login", post(login::login))
        .route("/token", post(token::token))
        .route("/profile", get(profile::profile))
        .route("/password", post(password::change))
        .route("/password/reset", post(password::reset::reset))
        // Sessions
        .route("/refresh", post(refresh::refresh))
        .route("/logout", post(logout::logout))
        .route("/csrf", get(csrf::csrf))
        .route("/sessions", get(sessions::list))
        .route("/sessions/{id}", delete(sessions::id::end))
        // Tokens
        .route("/set-jwt", post(set_jwt::set_jwt))
        .route("/get-jwt", get(get_jwt::get_jwt))
        .route("/protected", get(protected::protected))
        // Playground
        .route("/sign-token", get(sign_token::sample).post(sign_token::sign))
        .route("/verify-token", post(verify_token::verify))
        // Standards and operations
        .route("/oauth/introspect", post(oauth::introspect::introspect))
        .route("/revocations", get(revocations::revocations))
        .route("/healthz", get(healthz::healthz))
        .route("/readyz", get(readyz::readyz))
        .route("/metrics", get(metrics::metrics))
        .route("/openapi.json", get(openapi::document))
        .merge(administration())
}

/// What every page may call, of whichever origin: none of it heeds a cookie.
fn open_to_all(app: &App) -> Router<App> {
    use oauth::{par, revoke, token, userinfo};
    // Where origins are named in the settings, one layer around all routes answers for these too.
    let layer = app.browser.cors_origins.is_empty().then(middleware::cors::open);
    Router::new()
        .route("/.well-known/jwks.json", get(well_known::jwks::jwks))
        .route(
            "/.well-known/oauth-authorization-server",
            get(well_known::oauth_authorization_server::metadata),
        )
        .route(
            "/.well-known/openid-configuration",
            get(well_known::openid_configuration::configuration),
        )
        .route("/oauth/token", post(token::token))
        .route("/oauth/revoke", post(revoke::revoke))
        .route("/oauth/par", post(par::push))
        .route("/oauth/userinfo", get(userinfo::show).post(userinfo::post))
        .merge(well_known::metadata::at_issuers_path(app))
        // Below the layer, which answers browsers that ask before they send.
        .method_not_allowed_fallback(fallback::method_not_allowed)
        .layer(option_layer(layer))
}

fn administration() -> Router<App> {
    use admin::{audit, clients, explain, keys, service_accounts, tokens, users};
    Router::new()
        .route("/admin/users", get(users::list).post(users::create))
        .route(
            "/admin/users/{id}",
            get(users::id::show)
                .patch(users::id::change)
                .delete(users::id::delete),
        )
        .route(
            "/admin/users/{id}/password-reset",
            post(users::id::password_reset::reset),
        )
        .route(
            "/admin/users/{id}/sessions",
            get(users::id::sessions::list).delete(users::id::sessions::end_all),
        )
        .route(
            "/admin/users/{id}/sessions/{session}",
            delete(users::id::sessions::end_one),
        )
        .route("/admin/users/{id}/unlock", post(users::id::unlock::unlock))
        .route("/admin/clients", get(clients::list).post(clients::create))
        .route(
            "/admin/clients/{id}",
            get(clients::id::show)
                .patch(clients::id::change)
                .delete(clients::id::delete),
        )
        .route("/admin/clients/{id}/secret", post(clients::id::secret::rotate))
        .route(
            "/admin/service-accounts",
            get(service_accounts::list).post(service_accounts::create),
        )
        .route(
            "/admin/service-accounts/{id}",
            patch(service_accounts::change).delete(service_accounts::delete),
        )
        .route(
            "/admin/service-accounts/{id}/secret",
            post(service_accounts::rotate),
        )
        .route("/admin/keys", get(keys::list).post(keys::rotate))
        .route("/admin/audit", get(audit::list))
        .route("/admin/explain", post(explain::explain))
        .route("/admin/tokens/revoke", post(tokens::revoke::revoke))
}

/// The service as something that answers requests. The layers are listed from the outermost to the innermost; as one
/// layer they are one box around each route, and not one each.
pub fn router(app: App) -> Router {
    let layers = (
        around(&app, middleware::requests::identify_and_log),
        around(&app, middleware::errors::write_body),
        option_layer(middleware::cors::allow(&app)),
        middleware::panics::caught(),
        middleware::limits::deadline(),
        around(&app, middleware::clock::refuse_while_off),
        around(&app, middleware::limits::refuse),
        app.guard.guard(),
    );
    let pages = app.browser.face.as_ref().map(|face| face.routes());
    routes()
        .merge(open_to_all(&app))
        .merge(pages.unwrap_or_default())
        .fallback(fallback::not_found)
        .method_not_allowed_fallback(fallback::method_not_allowed)
        .layer(layers)
        .with_state(app)
}
