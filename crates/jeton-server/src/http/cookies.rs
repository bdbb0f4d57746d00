//! Cookie mode: tokens a page's scripts never see, and the CSRF token that goes with them.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use jeton_axum::cookies::{self, Cookie, CookieError, CookieMode};

use super::{
    error::{ApiError, ErrorCode},
    middleware::same_site,
    state::{App, BrowserCookies},
};
use crate::{
    model::{id::SessionId, known_device::DeviceToken},
    service::{accounts::login::SignedIn, machinery::tokens::Pair},
};

/// How the tokens travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Body,
    Cookies,
}

impl Delivery {
    pub(crate) const fn from_wish(cookies: bool) -> Self {
        if cookies { Self::Cookies } else { Self::Body }
    }
}

/// The cookies of this service, or the reason why it sets none.
pub(crate) fn available(app: &App) -> Result<&BrowserCookies, ApiError> {
    app.browser.cookies.as_ref().ok_or_else(|| {
        ApiError::invalid(
            "`cookies` needs an https issuer: over plain http the tokens would travel in the clear",
        )
    })
}

/// Refuses cookies to a request whose browser would keep none, and says why.
pub(crate) fn require_keeping(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    available(app)?;
    // Cookies that are `SameSite=Lax` are dropped from what another site's script is answered, without a word.
    if same_site::is_cross_site(headers) {
        return Err(ApiError::forbidden(
            ErrorCode::CrossSite,
            format!(
                "Browsers keep no cookies that a page of another site gets: serve the page from the site of {}, or leave \
                 `cookies` out and send the token as Authorization: Bearer",
                app.browser.origin
            ),
        ));
    }
    Ok(())
}

/// How long a browser is to keep what it is known by: as long as browsers keep any cookie, more or less.
const DEVICE_MAX_AGE: Duration = Duration::from_hours(365 * 24);

/// The three cookies of a session, and the CSRF token one of them holds. The access cookie goes when its token
/// does; the others stay for a refresh.
pub(crate) fn set(app: &App, pair: &Pair) -> Result<(Vec<HeaderValue>, String), ApiError> {
    let mode = available(app)?.mode;
    let csrf = csrf_token(app, pair.session)?;
    // In the last second of a session nothing is left, and a cookie for no time is none.
    let until = |seconds: u64| Duration::from_secs(seconds.max(1));
    let until_access = until(pair.expires_in);
    let until_refresh = until(pair.refresh_expires_in.unwrap_or(pair.expires_in));
    let refresh = pair
        .refresh
        .as_deref()
        .map(|token| mode.set(Cookie::Refresh, token, until_refresh));
    let cookies = [
        Some(mode.set(Cookie::Access, &pair.access, until_access)),
        refresh,
        Some(mode.set(Cookie::Csrf, &csrf, until_refresh)),
    ];
    let cookies = cookies
        .into_iter()
        .flatten()
        .collect::<Result<_, _>>()
        .map_err(too_large)?;
    Ok((cookies, csrf))
}

/// The cookies of a session that has just been opened: those of its tokens, and what the device is known by.
pub(crate) fn of_sign_in(app: &App, signed_in: &SignedIn) -> Result<Vec<HeaderValue>, ApiError> {
    let (mut cookies, _) = set(app, &signed_in.pair)?;
    if let Some(token) = &signed_in.device {
        cookies.push(set_device(app, token)?);
    }
    Ok(cookies)
}

/// The CSRF token of a session.
pub(crate) fn csrf_token(app: &App, session: SessionId) -> Result<String, ApiError> {
    // The session itself is the nonce, so that the token stays the same through all its generations.
    let token = available(app)?
        .csrf
        .token(session.as_bytes(), *session.as_bytes());
    Ok(token)
}

/// The cookie a device is known by. It opens nothing, and outlives the session.
pub(crate) fn set_device(app: &App, token: &DeviceToken) -> Result<HeaderValue, ApiError> {
    let mode = available(app)?.mode;
    let (name, max_age) = (device_name(mode), DEVICE_MAX_AGE.as_secs());
    let secure = match mode {
        CookieMode::Host => "; Secure",
        CookieMode::Loopback => "",
    };
    let line = format!("{name}={token}; Path=/; Max-Age={max_age}; SameSite=Lax{secure}; HttpOnly");
    let mut header = HeaderValue::try_from(line).map_err(|_| ApiError::internal())?;
    header.set_sensitive(true);
    Ok(header)
}

/// The device token that a browser shows. Two of them tell nothing, like none.
pub(crate) fn device_token<'r>(app: &App, headers: &'r HeaderMap) -> Option<&'r str> {
    let mode = app.browser.cookies.as_ref()?.mode;
    cookies::read(headers, device_name(mode)).ok().flatten()
}

const fn device_name(mode: CookieMode) -> &'static str {
    match mode {
        CookieMode::Host => "__Host-jeton_device",
        CookieMode::Loopback => "jeton_device",
    }
}

/// Cookies that make a browser forget the session.
pub(crate) fn cleared(app: &App) -> Vec<HeaderValue> {
    app.browser
        .cookies
        .as_ref()
        .map(|cookies| cookies.mode.clear().collect())
        .unwrap_or_default()
}

/// The refresh token of a request's cookies.
pub(crate) fn refresh_token<'r>(app: &App, headers: &'r HeaderMap) -> Result<Option<&'r str>, ApiError> {
    let Some(cookies) = &app.browser.cookies else {
        return Ok(None);
    };
    let found = cookies.mode.read(headers, Cookie::Refresh);
    let found = found.map_err(|_| ApiError::bad_token(ErrorCode::InvalidToken, "Invalid token"))?;
    Ok(found.filter(|token| !token.is_empty()))
}

/// Asks a cookie-authenticated request to prove that it comes from a page of this site.
pub(crate) fn require_csrf(app: &App, headers: &HeaderMap, session: SessionId) -> Result<(), ApiError> {
    available(app)?
        .csrf
        .check(headers, session.as_bytes())
        .map_err(|error| {
            ApiError::new(
                http::StatusCode::FORBIDDEN,
                ErrorCode::CsrfFailed,
                error.to_string(),
            )
        })
}

/// Roles, claims and the signatures of some algorithms can make a token that no browser keeps.
fn too_large(error: CookieError) -> ApiError {
    tracing::error!(%error, "a token does not fit into a cookie");
    ApiError::invalid(
        "The token of this account does not fit into a cookie, for its roles, claims or algorithm: sign in without \
         `cookies`, or ask an administrator",
    )
}
