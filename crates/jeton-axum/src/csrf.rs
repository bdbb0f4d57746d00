//! Protection of cookie-authenticated requests against other sites (CSRF): the double submit, bound to the
//! session.
//!
//! A browser adds cookies to every request to a site, whoever's page sends it. So a request that changes
//! something must also prove that it comes from a page that may read the site's cookies: it repeats the
//! CSRF cookie's value in the header `X-CSRF-Token`. The value is `nonce.HMAC-SHA-256(key, session ‖ nonce)`,
//! both in base64url: it cannot be made without the key, and one session's value opens no other session.
//!
//! ```
//! use jeton_axum::{cookies::CookieMode, csrf::{Csrf, HEADER}};
//! use http::HeaderMap;
//!
//! let secret = [7; 32];                    // at least 32 random bytes, kept
//! let nonce = [1; 16];                     // 16 random bytes, fresh for every session
//! let csrf = Csrf::new(secret, CookieMode::Host)?;
//! let value = csrf.token(b"session-1", nonce);
//!
//! let mut headers = HeaderMap::new();
//! headers.insert("cookie", format!("__Host-jeton_csrf={value}").parse()?);
//! headers.insert(HEADER, value.parse()?);
//! assert!(csrf.check(&headers, b"session-1").is_ok());
//! assert!(csrf.check(&headers, b"session-2").is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use aws_lc_rs::{constant_time, hmac};
use base64_simd::URL_SAFE_NO_PAD as BASE64URL;
use http::{HeaderMap, HeaderName, Method};

use crate::cookies::{Cookie, CookieError, CookieMode};

/// The header in which a page repeats the CSRF cookie: `X-CSRF-Token`.
pub const HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// Length of a nonce in bytes. It is fixed, so that session and nonce cannot be cut differently under the
/// same HMAC.
pub const NONCE_LEN: usize = 16;

/// Makes and checks CSRF tokens.
#[derive(Clone)]
pub struct Csrf {
    key: hmac::Key,
    cookies: CookieMode,
}

impl Csrf {
    /// Protection under this secret, of at least 32 random bytes, for cookies of this mode.
    pub fn new(secret: impl AsRef<[u8]>, cookies: CookieMode) -> Result<Self, CsrfKeyError> {
        let secret = secret.as_ref();
        if secret.len() < 32 {
            return Err(CsrfKeyError { len: secret.len() });
        }
        Ok(Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
            cookies,
        })
    }

    /// The token of a session: 66 characters of base64url around a dot.
    ///
    /// `nonce` is random; the same session and nonce give the same token, so a service that keeps the nonce
    /// with the session can hand out the token again.
    #[must_use]
    pub fn token(&self, session: &[u8], nonce: [u8; NONCE_LEN]) -> String {
        let tag = self.tag(session, &nonce);
        let mut token = BASE64URL.encode_to_string(nonce);
        token.push('.');
        BASE64URL.encode_append(tag, &mut token);
        token
    }

    /// Checks that header and CSRF cookie hold the same token and that the token is this session's.
    ///
    /// Requests whose method [`is_safe`] need no check.
    pub fn check(&self, headers: &HeaderMap, session: &[u8]) -> Result<(), CsrfError> {
        let cookie_name = self.cookies.name(Cookie::Csrf);
        let cookie = match self.cookies.read(headers, Cookie::Csrf) {
            Ok(Some(cookie)) => cookie,
            Ok(None) => return Err(CsrfError::CookieMissing { cookie: cookie_name }),
            Err(CookieError::Duplicate) => return Err(CsrfError::Twice),
            Err(_) => return Err(CsrfError::NotOfThisSession),
        };
        let mut sent = headers.get_all(HEADER).iter();
        let header = sent
            .next()
            .ok_or(CsrfError::HeaderMissing { cookie: cookie_name })?;
        if sent.next().is_some() {
            return Err(CsrfError::Twice);
        }
        constant_time::verify_slices_are_equal(header.as_bytes(), cookie.as_bytes())
            .map_err(|_| CsrfError::Mismatch { cookie: cookie_name })?;
        self.check_token(cookie, session)
            .ok_or(CsrfError::NotOfThisSession)
    }

    fn check_token(&self, token: &str, session: &[u8]) -> Option<()> {
        let (nonce, tag) = token.split_once('.')?;
        let nonce: [u8; NONCE_LEN] = BASE64URL.decode_to_vec(nonce).ok()?.try_into().ok()?;
        let tag = BASE64URL.decode_to_vec(tag).ok()?;
        constant_time::verify_slices_are_equal(self.tag(session, &nonce).as_ref(), &tag).ok()
    }

    fn tag(&self, session: &[u8], nonce: &[u8; NONCE_LEN]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(session);
        context.update(nonce);
        context.sign()
    }
}

impl fmt::Debug for Csrf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Csrf")
            .field("cookies", &self.cookies)
            .finish_non_exhaustive()
    }
}

/// Whether requests of this method promise to change nothing (RFC 9110 §9.2.1) and need no CSRF token.
///
/// A method that is not known is not safe.
#[must_use]
pub fn is_safe(method: &Method) -> bool {
    matches!(
        *method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE
    )
}

/// The secret for CSRF tokens is too short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a CSRF secret needs at least 32 random bytes, this one has {len}")]
pub struct CsrfKeyError {
    len: usize,
}

/// Why a request with cookies does not prove that the user's own page sent it.
///
/// The sentences go to the client, so that a page's developer sees what to change.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsrfError {
    /// The guard has no CSRF protection: [`Auth::csrf`](crate::Auth::csrf) was not called.
    #[error(
        "Cookies do not authenticate requests that change something here: send the token as Authorization: Bearer"
    )]
    NotConfigured,
    /// The token from the cookie belongs to no session, so no CSRF token can belong to it.
    #[error("This token has no session and may not be used from a cookie: send it as Authorization: Bearer")]
    NoSession,
    /// The header `X-CSRF-Token` is missing.
    #[error("CSRF token is missing: repeat the value of the cookie {cookie} in the header X-CSRF-Token")]
    HeaderMissing {
        /// The name of the CSRF cookie.
        cookie: &'static str,
    },
    /// The CSRF cookie is missing.
    #[error("CSRF cookie {cookie} is missing: sign in again to get one")]
    CookieMissing {
        /// The name of the CSRF cookie.
        cookie: &'static str,
    },
    /// Header or cookie was sent more than once.
    #[error("CSRF token was sent more than once: send one cookie and one header X-CSRF-Token")]
    Twice,
    /// Header and cookie differ.
    #[error(
        "CSRF token does not match: the header X-CSRF-Token must repeat the cookie {cookie} as it is now"
    )]
    Mismatch {
        /// The name of the CSRF cookie.
        cookie: &'static str,
    },
    /// Header and cookie agree on a token that was not made for this session.
    #[error("CSRF token is not of this session: sign in again to get one that is")]
    NotOfThisSession,
}
