use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::http::state::Browser;

/// On every answer, unless a handler has said it otherwise: bodies are what they say they are, and nothing in them is a
/// page that runs, loads, is framed or tells other sites where it came from.
const ALWAYS: [(HeaderName, HeaderValue); 3] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
];

/// For two years; other names below the issuer's are their owner's to decide about.
const TLS_ALONE: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// Tells browsers what not to do with an answer.
pub(super) fn protect(headers: &mut HeaderMap, browser: &Browser) {
    headers.reserve(ALWAYS.len() + 1);
    for (name, value) in &ALWAYS {
        headers.entry(name).or_insert_with(|| value.clone());
    }
    if browser.is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, TLS_ALONE);
    }
}
