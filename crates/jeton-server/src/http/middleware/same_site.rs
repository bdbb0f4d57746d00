use std::future::ready;

use axum::{extract::Request, response::IntoResponse};
use http::{HeaderMap, header};
use jeton_axum::csrf::is_safe;

use super::around::{Answering, Next};
use crate::{
    http::error::{ApiError, ErrorCode},
    state::{App, Browser},
};

/// Refuses what another site's page makes a browser send, signing in and registering included: nobody is
/// signed in to an account that is not theirs.
pub(in crate::http) fn refuse_foreign(app: &App, request: Request, next: Next<'_>) -> Answering {
    if !is_safe(request.method()) && is_foreign(request.headers(), &app.browser) {
        let message =
            "Another site's page may not do this; name its origin in JETON_CORS_ORIGINS if it should";
        let refusal = ApiError::forbidden(ErrorCode::CrossSite, message).into_response();
        return Box::pin(ready(Ok(refusal)));
    }
    next(request)
}

fn is_foreign(headers: &HeaderMap, browser: &Browser) -> bool {
    let text = |name| {
        headers
            .get(name)
            .map(|value: &http::HeaderValue| value.to_str().unwrap_or("null"))
    };
    match text(header::ORIGIN) {
        Some(origin) => !is_ours(origin, text(header::HOST), browser),
        None => text(http::HeaderName::from_static("sec-fetch-site")) == Some("cross-site"),
    }
}

fn is_ours(origin: &str, host: Option<&str>, browser: &Browser) -> bool {
    let same_host = || {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        authority.is_some() && authority == host
    };
    origin == browser.origin || browser.cors_origins.iter().any(|allowed| allowed == origin) || same_host()
}
