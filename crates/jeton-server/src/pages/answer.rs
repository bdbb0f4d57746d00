//! Answers that are pages: HTML under the headers that every page has.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::own_path::OwnPath;
use crate::{
    http::{ApiError, App, Told, cookies},
    service::accounts::login::SignedIn,
};

/// The policy of every page: it loads its own style sheet, scripts and pictures. Nothing runs or looks that stands in it
/// itself, no other host is asked, and nobody frames it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);

/// The same, where the answer of a form leads to an application in the end.
fn policy_leading_to(origin: &str) -> Option<HeaderValue> {
    // What could end the directive is no part of an origin.
    let plain = origin
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b";,'".contains(&byte));
    let policy = POLICY;
    let policy = policy
        .to_str()
        .ok()?
        .replace("form-action 'self'", &format!("form-action 'self' {origin}"));
    HeaderValue::try_from(policy).ok().filter(|_| plain)
}

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// On every page. Its forms tell this service alone where they come from: without that, browsers hide it from us too,
/// and we could not tell our pages from others'.
const ALWAYS: [(HeaderName, HeaderValue); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    // For browsers that do not know `frame-ancestors` (RFC 9700 §4.16).
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (OPENER_POLICY, HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::VARY, HeaderValue::from_static("cookie, accept-language")),
];

/// A page with this status.
pub(super) fn page(status: StatusCode, page: &impl Template) -> Response {
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            return ApiError::internal().into_response();
        }
    };
    let html_type = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    let mut response = (status, html_type, html).into_response();
    let headers = response.headers_mut();
    headers.extend(ALWAYS);
    if status == StatusCode::UNAUTHORIZED {
        // RFC 9110 §11.6.1 asks for a challenge on every one; browsers do not know this scheme and show the page.
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"jeton\""),
        );
    }
    response.extensions_mut().insert(Told);
    response
}

/// A page whose form leads to an application of this origin in the end; none for a page that leads nowhere else. An
/// application may have opened it in a window of its own, which has to be able to tell it what came of it.
pub(super) fn leading_to(status: StatusCode, template: &impl Template, origin: Option<&str>) -> Response {
    let mut response = page(status, template);
    let Some(origin) = origin else { return response };
    let headers = response.headers_mut();
    headers.remove(OPENER_POLICY);
    if let Some(policy) = policy_leading_to(origin) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Another page, to be fetched by GET.
pub(super) fn go_to(path: &str) -> Response {
    let mut response = Redirect::to(path).into_response();
    let headers = response.headers_mut();
    headers.extend(ALWAYS);
    // It is the page at the end that decides who may hold on to its window.
    headers.remove(OPENER_POLICY);
    response
}

/// An answer that also sets these cookies.
pub(super) fn with_cookies(
    mut response: Response,
    cookies: impl IntoIterator<Item = HeaderValue>,
) -> Response {
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The cookies of a sign-in, and the way on to a path. It leads by the sign-in, which sees whether they were kept.
pub(super) fn signed_in(app: &App, signed_in: &SignedIn, to: &str) -> Result<Response, ApiError> {
    let to: String = form_urlencoded::byte_serialize(to.as_bytes()).collect();
    let response = go_to(&format!("/signin?kept=true&return_to={to}"));
    Ok(with_cookies(response, cookies::of_sign_in(app, signed_in)?))
}

/// The sign-in, with a name filled in, which leads back to this path.
pub(super) fn go_to_sign_in_as(from: &OwnPath, name: Option<&str>) -> Response {
    let name: String = name.map_or_else(String::new, |name| {
        let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
        format!("&name={name}")
    });
    go_to(&format!("/signin?return_to={}{name}", from.encoded()))
}

/// The sign-in, which leads back to this path.
pub(super) fn go_to_sign_in(from: &OwnPath) -> Response {
    go_to(from.behind("/signin").as_str())
}
