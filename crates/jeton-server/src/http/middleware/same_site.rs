use axum::extract::Request;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use jeton_axum::csrf::is_safe;

use crate::http::{
    error::{ApiError, ErrorCode},
    state::Browser,
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what another site's page makes a browser send, signing in and registering included: nobody is
/// signed in to an account that is not theirs.
///
/// A page proves by its origin that it is ours, never by having reached us under its own name: a name that was
/// pointed to this address (DNS rebinding) has the same `Host` as `Origin`.
pub(super) fn refusal(request: &Request, browser: &Browser) -> Option<ApiError> {
    // OAuth's own endpoints heed no cookie, and what is sent by POST to those for people does nothing but lead on.
    let heeds_cookies = !request.uri().path().starts_with("/oauth/");
    let foreign = heeds_cookies && !is_safe(request.method()) && is_foreign(request, browser);
    foreign.then(|| {
        let message =
            "Another site's page may not do this; name its origin in JETON_CORS_ORIGINS if it should";
        ApiError::forbidden(ErrorCode::CrossSite, message)
    })
}

/// Whether a page sent the request that is neither the service's nor of an origin in the settings.
pub(super) fn is_foreign(request: &Request, browser: &Browser) -> bool {
    let headers = request.headers();
    match text(headers, &header::ORIGIN) {
        Some(origin) => {
            let is_page = browser.has_page(request.uri().path());
            let is_allowed = !is_page && browser.cors_origins.iter().any(|allowed| allowed == origin);
            !is_allowed && !is_ours(origin, text(headers, &header::HOST), browser)
        }
        None => is_cross_site(headers),
    }
}

/// Whether a browser says that another site's page sent the request. One whose origin is in the settings may be of
/// another site nevertheless.
pub(crate) fn is_cross_site(headers: &HeaderMap) -> bool {
    text(headers, &SEC_FETCH_SITE) == Some("cross-site")
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers
        .get(name)
        .map(|value: &HeaderValue| value.to_str().unwrap_or("null"))
}

fn is_ours(origin: &str, host: Option<&str>, browser: &Browser) -> bool {
    origin == browser.origin || browser.is_loopback && host.is_some_and(|host| is_this_machine(origin, host))
}

/// The origin that a request came to. A loopback issuer is reached under any of this machine's names, and behind
/// another port than it names where only the port to listen on was chosen.
pub(crate) fn reached_at(headers: &HeaderMap, browser: &Browser) -> String {
    let host = text(headers, &header::HOST).filter(|host| is_loopback(split(host).0));
    match host {
        Some(host) if browser.is_loopback && !browser.is_https() => format!("http://{host}"),
        _ => browser.origin.clone(),
    }
}

/// Whether both name this machine, and one port of it: under which of its names a loopback issuer is reached, and behind
/// which port, is not known beforehand, and no name of others is among them.
fn is_this_machine(origin: &str, host: &str) -> bool {
    let Some(authority) = origin.strip_prefix("http://") else {
        return false;
    };
    let (at, port) = split(authority);
    let (reached_at, reached_port) = split(host);
    is_loopback(at) && is_loopback(reached_at) && port == reached_port
}

fn is_loopback(host: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]"].contains(&host)
}

/// Host and port, 80 where there is none.
fn split(authority: &str) -> (&str, &str) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (authority, "80"),
    }
}
