//! After the first run: a request that works, with the token that the browser has just been given.

use askama::Template;
use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode};
use jeton_axum::cookies::Cookie;

use super::{answer, frame::Frame, request::SignedIn};
use crate::{
    http::{App, middleware::same_site::reached_at},
    service::machinery::claims::Access,
};

#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage {
    frame: Frame,
    origin: String,
    /// The three parts of the access token; none once its time is over.
    token: Option<[String; 3]>,
}

pub(super) async fn show(State(app): State<App>, headers: HeaderMap, signed_in: SignedIn) -> Response {
    if !signed_in.user.is_admin() {
        return answer::go_to("/account");
    }
    let page = WelcomePage {
        frame: Frame::of_signed_in(&signed_in),
        origin: reached_at(&headers, &app.browser),
        token: access_token(&app, &headers).and_then(parts),
    };
    answer::page(StatusCode::OK, &page)
}

/// The access token in the browser's cookie, if it would be accepted now.
fn access_token<'h>(app: &App, headers: &'h HeaderMap) -> Option<&'h str> {
    let mode = app.browser.cookies.as_ref()?.mode;
    let token = mode.read(headers, Cookie::Access).ok()??;
    let now = app.service.clock().now();
    let tokens = app.service.tokens();
    tokens.access_verifier().verify_at::<Access>(token, now).ok()?;
    Some(token)
}

fn parts(token: &str) -> Option<[String; 3]> {
    let mut parts = token.split('.').map(str::to_owned);
    Some([parts.next()?, parts.next()?, parts.next()?])
}
