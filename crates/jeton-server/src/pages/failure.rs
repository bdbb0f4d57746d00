//! Failures that people read: what happened, what to do next, and the request's id for whoever looks in the log.

use std::sync::Arc;

use askama::Template;
use axum::extract::Request;
use http::header;

use super::{
    answer,
    frame::Frame,
    own_path::OwnPath,
    texts::{Failure, Texts},
};
use crate::{
    http::{ApiError, ErrorCode, Teller},
    model::{brand::Brand, locale::Locale, time::Timestamp},
};

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    frame: Frame,
    failure: &'static Failure,
    id: String,
}

/// The first segments of the paths that are pages.
const PAGES: [&str; 13] = [
    "", "signin", "signup", "signout", "reset", "setup", "account", "inspect", "console", "docs", "language",
    "welcome", "consent",
];

/// Whether a path is a page's.
pub(super) fn is_page(path: &str) -> bool {
    [super::authorize::PATH, super::leave::PATH].contains(&path)
        || PAGES.contains(&path.split('/').nth(1).unwrap_or_default())
}

/// Tells a failure of a page, or that there is nothing at an address that a browser went to.
pub(super) fn teller(brand: &Arc<Brand>, request: &Request) -> Option<Teller> {
    let is_page = is_page(request.uri().path());
    if !wants_html(request) {
        return None;
    }
    let (brand, language) = (Arc::clone(brand), Locale::wanted(request.headers()));
    Some(Box::new(move |error, id| {
        if !is_page && error.code != ErrorCode::NotFound {
            return None;
        }
        let texts = language.texts();
        let page = FailurePage {
            frame: Frame {
                t: texts,
                language,
                languages: Locale::ALL,
                brand,
                path: OwnPath::default(),
                assets: &super::assets::VERSION,
                now: Timestamp::EARLIEST,
                person: None,
                asks_who: false,
                tabs: Vec::new(),
            },
            failure: told(error, texts),
            id: id.to_owned(),
        };
        Some(answer::page(error.status, &page))
    }))
}

/// Whether a browser goes to the address itself: a script or a program asks for something else than a page.
fn wants_html(request: &Request) -> bool {
    let accepted = request.headers().get(header::ACCEPT);
    accepted
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| text.starts_with("text/html"))
}

fn told(error: &ApiError, texts: &'static Texts) -> &'static Failure {
    let failures = &texts.failure;
    match error.code {
        ErrorCode::NotFound
        | ErrorCode::UserNotFound
        | ErrorCode::SessionNotFound
        | ErrorCode::ClientNotFound => &failures.not_found,
        ErrorCode::PayloadTooLarge => &failures.too_large,
        ErrorCode::CsrfFailed => &failures.other_form,
        ErrorCode::CrossSite => &failures.other_site,
        ErrorCode::TooManyAttempts => &failures.too_many,
        ErrorCode::InsufficientScope | ErrorCode::InsufficientUserAuthentication => &failures.not_allowed,
        ErrorCode::InternalError => &failures.broken,
        _ if error.status.is_server_error() => &failures.away,
        _ => &failures.unreadable,
    }
}
