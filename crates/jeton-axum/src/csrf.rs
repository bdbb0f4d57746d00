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
//! let csrf = Csrf::new(secret, CookieMode::Host)?;
//! let value = csrf.new_token(b"session-1")?;
//!
//! let mut headers = HeaderMap::new();
//! headers.insert("cookie", format!("__Host-jeton_csrf={value}").parse()?);
//! headers.insert(HEADER, value.parse()?);
//! assert!(csrf.check(&headers, b"session-1").is_ok());
//! assert!(csrf.check(&headers, b"session-2").is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::{borrow::Cow, fmt, sync::Arc};

use aws_lc_rs::{constant_time, hmac};
use base64_simd::URL_SAFE_NO_PAD as BASE64URL;
use http::{
    HeaderMap, HeaderName, Method,
    header::{AUTHORIZATION, COOKIE},
    request::Parts,
};

use crate::{
    body::ReadBody,
    cookies::{self, CookieError, Cookies},
    fields::Twice,
    random::random,
};

/// The header in which a page repeats the CSRF cookie: `X-CSRF-Token`.
///
/// ```
/// # use jeton_axum::csrf::HEADER;
/// assert_eq!(HEADER, "x-csrf-token");
/// ```
pub const HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// Length of a nonce in bytes. It is fixed, so that session and nonce cannot be cut differently under the
/// same HMAC.
///
/// ```
/// # use jeton_axum::{cookies::CookieMode, csrf::{Csrf, NONCE_LEN}};
/// # let csrf = Csrf::new([7; 32], CookieMode::Host)?;
/// assert_eq!(csrf.token(b"session-1", [0; NONCE_LEN]).len(), 66);
/// # Ok::<(), jeton_axum::csrf::CsrfKeyError>(())
/// ```
pub const NONCE_LEN: usize = 16;

/// Makes and checks CSRF tokens.
///
/// ```
/// # use jeton_axum::{cookies::CookieMode, csrf::Csrf};
/// let csrf = Csrf::new([7; 32], CookieMode::Host)?;        // 32 random bytes, kept
/// assert_ne!(csrf.new_token(b"session-1")?, csrf.new_token(b"session-2")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Csrf {
    key: hmac::Key,
    /// The cookie the header has to repeat; none where the token is not kept in one.
    cookie: Option<Cow<'static, str>>,
    header: HeaderName,
    field: Option<Cow<'static, str>>,
    methods: Option<Arc<[Method]>>,
}

impl Csrf {
    /// Protection under this secret, of at least 32 random bytes, for cookies of this mode or of an
    /// application's own names.
    ///
    /// ```
    /// # use jeton_axum::{cookies::CookieMode, csrf::Csrf};
    /// assert!(Csrf::new(b"too short", CookieMode::Host).is_err());
    /// let csrf = Csrf::new([7; 32], CookieMode::Host)?;
    /// # Ok::<(), jeton_axum::csrf::CsrfKeyError>(())
    /// ```
    pub fn new(secret: impl AsRef<[u8]>, cookies: impl Into<Cookies>) -> Result<Self, CsrfKeyError> {
        let secret = secret.as_ref();
        if secret.len() < 32 {
            return Err(CsrfKeyError { len: secret.len() });
        }
        Ok(Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
            cookie: Some(cookies.into().csrf_name()),
            header: HEADER,
            field: None,
            methods: None,
        })
    }

    /// Takes the token from this header instead of `X-CSRF-Token`.
    ///
    /// The header must be one that pages of other sites cannot set without a preflight: not `Content-Type`, not
    /// `Accept`.
    ///
    /// ```
    /// # use http::HeaderName;
    /// # use jeton_axum::{cookies::CookieMode, csrf::Csrf};
    /// let csrf = Csrf::new([7; 32], CookieMode::Host)?.header(HeaderName::from_static("x-xsrf-token"));
    /// # Ok::<(), jeton_axum::csrf::CsrfKeyError>(())
    /// ```
    #[must_use]
    pub fn header(mut self, header: HeaderName) -> Self {
        self.header = header;
        self
    }

    /// Takes the token also from this field of a form, for pages without a script: of
    /// `application/x-www-form-urlencoded`, and of `multipart/form-data` where the form sends files.
    ///
    /// Read only below [`Auth::guard`](crate::Auth::guard), which holds such a body back, up to
    /// [`Auth::body_limit`](crate::Auth::body_limit), where the request has cookies and neither the CSRF header nor
    /// `Authorization`. A page that sends larger files repeats the token in the header.
    ///
    /// ```
    /// # use jeton_axum::{Auth, TokenLocation, cookies::CookieMode, csrf::Csrf};
    /// # #[derive(serde::Deserialize)] struct Access { sid: String }
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # fn example(auth: Auth<Access>) -> Result<Auth<Access>, jeton_axum::csrf::CsrfKeyError> {
    /// // <input type="hidden" name="csrf_token" value="…">
    /// let csrf = Csrf::new([7; 32], CookieMode::Host)?.form_field("csrf_token");
    /// let auth = auth
    ///     .locations([TokenLocation::cookie("__Host-jeton_access")])
    ///     .csrf(csrf, |token| Some(token.claims().sid.as_bytes()));
    /// # Ok(auth)
    /// # }
    /// ```
    #[must_use]
    pub fn form_field(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.field = Some(name.into());
        self
    }

    /// Asks for the token on these methods, instead of on all but the [safe](is_safe) ones.
    ///
    /// ```
    /// # use http::Method;
    /// # use jeton_axum::{cookies::CookieMode, csrf::Csrf};
    /// let csrf = Csrf::new([7; 32], CookieMode::Host)?.methods([Method::POST, Method::DELETE]);
    /// # Ok::<(), jeton_axum::csrf::CsrfKeyError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// While the application is set up, if there is none: that is
    /// [`Auth::danger_without_csrf`](crate::Auth::danger_without_csrf).
    #[must_use]
    pub fn methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        let methods: Arc<[_]> = methods.into_iter().collect();
        assert!(
            !methods.is_empty(),
            "Csrf::methods: to ask for no token at all, say `Auth::danger_without_csrf`"
        );
        self.methods = Some(methods);
        self
    }

    /// Asks for no cookie beside the header or field: the page got the token in its own text. That it is
    /// the session's is proved by the HMAC alone.
    ///
    /// ```
    /// # use jeton_axum::{cookies::CookieMode, csrf::{Csrf, HEADER}};
    /// let csrf = Csrf::new([7; 32], CookieMode::Host)?.without_cookie();
    /// let headers = http::HeaderMap::from_iter([(HEADER, csrf.new_token(b"session-1")?.parse()?)]);
    /// assert!(csrf.check(&headers, b"session-1").is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn without_cookie(mut self) -> Self {
        self.cookie = None;
        self
    }

    /// A token for a session, with a fresh nonce from the machine's random numbers.
    ///
    /// ```
    /// # use jeton_axum::{cookies::CookieMode, csrf::Csrf};
    /// let csrf = Csrf::new([7; 32], CookieMode::Host)?;
    /// assert_ne!(csrf.new_token(b"session-1")?, csrf.new_token(b"session-1")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new_token(&self, session: &[u8]) -> Result<String, NoRandomness> {
        let nonce = random().map_err(|_| NoRandomness)?;
        Ok(self.token(session, nonce))
    }

    /// The token of a session: 66 characters of base64url around a dot.
    ///
    /// `nonce` is random; the same session and nonce give the same token, so a service that keeps the nonce
    /// with the session can hand out the token again.
    ///
    /// ```
    /// # use jeton_axum::{cookies::CookieMode, csrf::Csrf};
    /// # let csrf = Csrf::new([7; 32], CookieMode::Host)?;
    /// let nonce = [9; 16];            // random, kept with the session
    /// assert_eq!(csrf.token(b"session-1", nonce), csrf.token(b"session-1", nonce));
    /// # Ok::<(), jeton_axum::csrf::CsrfKeyError>(())
    /// ```
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
    ///
    /// ```
    /// # use http::HeaderMap;
    /// # use jeton_axum::{cookies::CookieMode, csrf::{Csrf, CsrfError}};
    /// # let csrf = Csrf::new([7; 32], CookieMode::Host)?;
    /// let sent = csrf.check(&HeaderMap::new(), b"session-1");
    /// assert!(matches!(sent, Err(CsrfError::CookieMissing { .. })));
    /// # Ok::<(), jeton_axum::csrf::CsrfKeyError>(())
    /// ```
    pub fn check(&self, headers: &HeaderMap, session: &[u8]) -> Result<(), CsrfError> {
        self.check_sent(headers, None, session)
    }

    /// [`check`](Self::check), where the body may have been read.
    pub(crate) fn check_request(&self, parts: &Parts, session: &[u8]) -> Result<(), CsrfError> {
        let field = match (&self.field, parts.extensions.get::<ReadBody>()) {
            (Some(field), Some(body)) => {
                let found = body.form_field(field, &parts.headers);
                found.map_err(|Twice| CsrfError::Twice)?
            }
            _ => None,
        };
        self.check_sent(&parts.headers, field, session)
    }

    /// Whether a request of this method needs the token.
    pub(crate) fn asks_of(&self, method: &Method) -> bool {
        match &self.methods {
            Some(methods) => methods.contains(method),
            None => !is_safe(method),
        }
    }

    pub(crate) fn reads_forms(&self) -> bool {
        self.field.is_some()
    }

    /// Whether the token of a request can only be in its body: a browser's, whose page has no script.
    pub(crate) fn looks_into_body(&self, parts: &Parts) -> bool {
        let has = |name: &HeaderName| parts.headers.contains_key(name);
        self.reads_forms()
            && self.asks_of(&parts.method)
            && has(&COOKIE)
            && !has(&AUTHORIZATION)
            && !has(&self.header)
    }

    fn check_sent(
        &self,
        headers: &HeaderMap,
        field: Option<Vec<u8>>,
        session: &[u8],
    ) -> Result<(), CsrfError> {
        let cookie = self.cookie_of(headers)?;
        let mut sent = headers.get_all(&self.header).iter();
        let header = sent.next();
        if sent.next().is_some() {
            return Err(CsrfError::Twice);
        }
        let sent = match (header, field) {
            (Some(header), _) => Cow::Borrowed(header.as_bytes()),
            (None, Some(field)) => Cow::Owned(field),
            (None, None) => return Err(CsrfError::HeaderMissing { asked: self.asked() }),
        };
        if let Some(cookie) = cookie {
            constant_time::verify_slices_are_equal(&sent, cookie.as_bytes())
                .map_err(|_| CsrfError::Mismatch { asked: self.asked() })?;
        }
        let token = str::from_utf8(&sent).map_err(|_| CsrfError::NotOfThisSession)?;
        self.check_token(token, session)
            .ok_or(CsrfError::NotOfThisSession)
    }

    fn cookie_of<'h>(&self, headers: &'h HeaderMap) -> Result<Option<&'h str>, CsrfError> {
        let Some(name) = &self.cookie else {
            return Ok(None);
        };
        match cookies::read(headers, name) {
            Ok(Some(cookie)) => Ok(Some(cookie)),
            Ok(None) => Err(CsrfError::CookieMissing { cookie: name.clone() }),
            Err(CookieError::Duplicate) => Err(CsrfError::Twice),
            Err(_) => Err(CsrfError::NotOfThisSession),
        }
    }

    fn asked(&self) -> Asked {
        Asked {
            cookie: self.cookie.clone(),
            header: self.header.clone(),
            field: self.field.clone(),
        }
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
            .field("cookie", &self.cookie)
            .field("header", &self.header)
            .field("field", &self.field)
            .field("methods", &self.methods)
            .finish_non_exhaustive()
    }
}

/// Whether requests of this method promise to change nothing (RFC 9110 §9.2.1) and need no CSRF token.
///
/// A method that is not known is not safe.
///
/// ```
/// # use http::Method;
/// # use jeton_axum::csrf::is_safe;
/// assert!(is_safe(&Method::GET) && !is_safe(&Method::POST));
/// ```
#[must_use]
pub fn is_safe(method: &Method) -> bool {
    matches!(
        *method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE
    )
}

/// The secret for CSRF tokens is too short.
///
/// ```
/// # use jeton_axum::{cookies::CookieMode, csrf::Csrf};
/// let error = Csrf::new(b"secret", CookieMode::Host).unwrap_err();
/// assert_eq!(error.to_string(), "a CSRF secret needs at least 32 random bytes, this one has 6");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a CSRF secret needs at least 32 random bytes, this one has {len}")]
pub struct CsrfKeyError {
    len: usize,
}

/// The machine gave no random numbers.
///
/// ```
/// # use jeton_axum::csrf::{Csrf, NoRandomness};
/// fn hidden_field(csrf: &Csrf, session: &[u8]) -> Result<String, NoRandomness> {
///     Ok(format!("<input type='hidden' name='csrf_token' value='{}'>", csrf.new_token(session)?))
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the machine gave no random numbers")]
pub struct NoRandomness;

/// How a request was asked to prove itself; as text, an instruction for a page's developer.
///
/// ```
/// # use http::HeaderMap;
/// # use jeton_axum::{cookies::CookieMode, csrf::{Csrf, CsrfError}};
/// # let csrf = Csrf::new([7; 32], CookieMode::Host)?.without_cookie();
/// let Err(CsrfError::HeaderMissing { asked }) = csrf.check(&HeaderMap::new(), b"session-1") else { panic!() };
/// assert_eq!(asked.to_string(), "send the page's CSRF token in the header X-CSRF-Token");
/// # Ok::<(), jeton_axum::csrf::CsrfKeyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    cookie: Option<Cow<'static, str>>,
    header: HeaderName,
    field: Option<Cow<'static, str>>,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Developers know the header by the name it is documented under.
        let header = if self.header == HEADER {
            "X-CSRF-Token"
        } else {
            self.header.as_str()
        };
        match &self.cookie {
            Some(cookie) => write!(
                f,
                "repeat the value of the cookie {cookie} in the header {header}"
            )?,
            None => write!(f, "send the page's CSRF token in the header {header}")?,
        }
        match &self.field {
            Some(field) => write!(f, " or the form field {field}"),
            None => Ok(()),
        }
    }
}

/// Why a request with cookies does not prove that the user's own page sent it.
///
/// The sentences go to the client, so that a page's developer sees what to change.
///
/// ```
/// # use jeton_axum::{Rejection, csrf::CsrfError};
/// let rejection = Rejection::from(CsrfError::NotOfThisSession);
/// assert_eq!((rejection.status().as_u16(), rejection.code()), (403, "csrf_failed"));
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsrfError {
    /// The guard has no CSRF protection: [`Auth::csrf`](crate::Auth::csrf) was not called.
    #[error(
        "Cookies do not authenticate requests that change something here: send the token as Authorization: Bearer"
    )]
    NotConfigured,
    /// The token from the cookie belongs to no session, so no CSRF token can belong to it.
    #[error("This token has no session and may not be used from a cookie: send it as Authorization: Bearer")]
    NoSession,
    /// The header `X-CSRF-Token` is missing, and the form field too.
    #[error("CSRF token is missing: {asked}")]
    HeaderMissing {
        /// The proof that was asked for.
        asked: Asked,
    },
    /// The CSRF cookie is missing.
    #[error("CSRF cookie {cookie} is missing: sign in again to get one")]
    CookieMissing {
        /// The name of the CSRF cookie.
        cookie: Cow<'static, str>,
    },
    /// Header or cookie was sent more than once.
    #[error("CSRF token was sent more than once: send one cookie and one header X-CSRF-Token")]
    Twice,
    /// Header and cookie differ.
    #[error("CSRF token does not match the cookie as it is now: {asked}")]
    Mismatch {
        /// The proof that was asked for.
        asked: Asked,
    },
    /// The token was not made for this session.
    #[error("CSRF token is not of this session: sign in again to get one that is")]
    NotOfThisSession,
}
