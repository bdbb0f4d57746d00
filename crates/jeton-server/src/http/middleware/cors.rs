use std::time::Duration;

use axum::extract::Request;
use http::{HeaderName, HeaderValue, Method, header, request::Parts};
use jeton_axum::EXPIRES_IN;
use tower_http::cors::{AllowCredentials, AllowOrigin, Any, CorsLayer};

use super::same_site;
use crate::http::{extract::client_info::DEVICE, state::App};

/// How long a browser may remember what it was allowed to ask, so that it does not ask before every request.
const REMEMBERED: Duration = Duration::from_mins(10);

/// What any page may call: it heeds no cookie, so that a page learns nothing that its own token does not open.
const OPEN: [&str; 4] = ["/oauth/token", "/oauth/userinfo", "/oauth/revoke", "/oauth/par"];

fn is_open(path: &str) -> bool {
    OPEN.contains(&path) || path.contains("/.well-known/")
}

/// Lets every page call what is open to all, where no origin is named in the settings.
pub(in crate::http) fn open() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER, header::WWW_AUTHENTICATE])
}

/// Lets pages of the origins in the settings call the service, with their cookies. No layer without any.
pub(in crate::http) fn allow(app: &App) -> Option<CorsLayer> {
    if app.browser.cors_origins.is_empty() {
        return None;
    }
    let origins = app
        .browser
        .cors_origins
        .iter()
        .filter_map(|origin| HeaderValue::from_str(origin).ok());
    let origins: Vec<_> = origins.collect();
    let browser = app.browser.clone();
    let allowed = move |origin: &HeaderValue, request: &Parts| {
        let path = request.uri.path();
        is_open(path) || !browser.has_page(path) && origins.contains(origin)
    };
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(allowed))
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("x-csrf-token"),
            DEVICE,
        ])
        .expose_headers([
            header::RETRY_AFTER,
            header::WWW_AUTHENTICATE,
            HeaderName::from_static("x-request-id"),
            DEVICE,
            EXPIRES_IN,
        ])
        .max_age(REMEMBERED)
        .allow_credentials(AllowCredentials::predicate(|_, request| {
            !is_open(request.uri.path())
        }));
    Some(layer)
}

/// Tells the log which setting lets a page of another origin call the service, when it is refused: browsers tell its
/// developers no more than that it was. A page that was opened or sent a form is another matter, and so is a request that
/// says of itself that it is not of a page's script.
pub(super) fn tell_refused(app: &App, request: &Request) {
    let headers = request.headers();
    let Some(origin) = headers.get(header::ORIGIN) else {
        return;
    };
    let mode = headers.get("sec-fetch-mode");
    let is_by_script = mode.is_none_or(|mode| mode == "cors");
    let path = request.uri().path();
    let is_settled_otherwise = app.browser.has_page(path) || is_open(path);
    if !is_by_script || is_settled_otherwise || !same_site::is_foreign(request, &app.browser) {
        return;
    }
    let Some(origin) = origin.to_str().ok().filter(|origin| origin.contains("://")) else {
        return;
    };
    if app.refused_origins.is_news(origin) {
        tracing::warn!(
            ?origin,
            "a page of an origin that is not in JETON_CORS_ORIGINS (--cors-origins) called the service and was refused; name \
             it there if it is yours"
        );
    }
}
