//! The three cookies of a browser session: written one way, read strictly.
//!
//! ```
//! use jeton_axum::cookies::{Cookie, CookieMode};
//! use std::time::Duration;
//!
//! let cookie = CookieMode::Host.set(Cookie::Access, "a.b.c", Duration::from_mins(15))?;
//! assert_eq!(
//!     cookie.to_str().unwrap(),
//!     "__Host-jeton_access=a.b.c; Path=/; Max-Age=900; SameSite=Lax; Secure; HttpOnly",
//! );
//! # Ok::<(), jeton_axum::cookies::CookieError>(())
//! ```
//!
//! [`Cookies`] holds other names and attributes than the two modes give.

mod settings;

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header::COOKIE};

pub use self::settings::{CookieSettingsError, Cookies, CookiesBuilder, SameSite};

/// Which names and attributes a service's cookies get.
///
/// The two modes never read each other's cookies, so that a page on plain http cannot plant a cookie that
/// the https service would take for its own.
///
/// ```
/// use jeton_axum::cookies::{Cookie, CookieMode};
///
/// let mode = if cfg!(debug_assertions) { CookieMode::Loopback } else { CookieMode::Host };
/// assert!(mode.name(Cookie::Access).ends_with("jeton_access"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieMode {
    /// For https: names with the `__Host-` prefix, and `Secure`. Browsers accept such a cookie only from
    /// this very host over https, so no subdomain and nobody on the wire can plant one.
    Host,
    /// For http on the loopback of a developer's machine, where browsers refuse `__Host-`: plain names.
    Loopback,
}

/// One of the three cookies.
///
/// ```
/// use jeton_axum::cookies::{Cookie, CookieMode};
///
/// assert_eq!(CookieMode::Host.name(Cookie::Refresh), "__Host-jeton_refresh");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// The access token. `HttpOnly`.
    Access,
    /// The refresh token. `HttpOnly`.
    Refresh,
    /// The CSRF token, which the page's script reads and repeats in the header `X-CSRF-Token`.
    Csrf,
}

impl Cookie {
    /// All three, in the order in which they are written.
    ///
    /// ```
    /// # use jeton_axum::cookies::{Cookie, CookieMode};
    /// let names = Cookie::ALL.map(|cookie| CookieMode::Loopback.name(cookie));
    /// assert_eq!(names, ["jeton_access", "jeton_refresh", "jeton_csrf"]);
    /// ```
    pub const ALL: [Self; 3] = [Self::Access, Self::Refresh, Self::Csrf];
}

/// Why a cookie cannot be written or read.
///
/// ```
/// use std::time::Duration;
/// use jeton_axum::cookies::{Cookie, CookieError, CookieMode};
///
/// let set = |value: &str, age| CookieMode::Host.set(Cookie::Access, value, age);
/// assert_eq!(set("a b", Duration::from_mins(15)), Err(CookieError::InvalidValue));
/// assert_eq!(set(&"x".repeat(5000), Duration::from_mins(15)), Err(CookieError::TooLong));
/// assert_eq!(set("a.b.c", Duration::ZERO), Err(CookieError::NoTime));
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CookieError {
    /// The request carries two cookies of one name. Which of them is meant cannot be known.
    #[error("a cookie was sent more than once under one name; delete this site's cookies and sign in again")]
    Duplicate,
    /// The value has bytes that RFC 6265 §4.1.1 keeps out of cookies.
    #[error(
        "a cookie's value may hold printable ASCII without spaces, quotes, commas, semicolons, backslashes"
    )]
    InvalidValue,
    /// The cookie would end at once: `Max-Age=0` is how one is cleared.
    #[error("a cookie that is set has to last: to clear one, use `unset` or `clear`")]
    NoTime,
    /// Name and value are longer than browsers keep.
    #[error("a cookie may be at most 4096 bytes with its name; put fewer claims into the token")]
    TooLong,
}

impl CookieMode {
    /// The cookie's name in this mode.
    ///
    /// ```
    /// # use jeton_axum::cookies::{Cookie, CookieMode};
    /// assert_eq!(CookieMode::Host.name(Cookie::Access), "__Host-jeton_access");
    /// ```
    #[must_use]
    pub const fn name(self, cookie: Cookie) -> &'static str {
        match (self, cookie) {
            (Self::Host, Cookie::Access) => "__Host-jeton_access",
            (Self::Host, Cookie::Refresh) => "__Host-jeton_refresh",
            (Self::Host, Cookie::Csrf) => "__Host-jeton_csrf",
            (Self::Loopback, Cookie::Access) => "jeton_access",
            (Self::Loopback, Cookie::Refresh) => "jeton_refresh",
            (Self::Loopback, Cookie::Csrf) => "jeton_csrf",
        }
    }

    /// The value of a `Set-Cookie` header that gives the cookie this value for so long, rounded up to the second.
    ///
    /// The header is marked sensitive: its `Debug` does not show the value.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton_axum::cookies::{Cookie, CookieMode};
    /// let cookie = CookieMode::Loopback.set(Cookie::Csrf, "proof", Duration::from_mins(15))?;
    /// assert_eq!(cookie, "jeton_csrf=proof; Path=/; Max-Age=900; SameSite=Lax");
    /// # Ok::<(), jeton_axum::cookies::CookieError>(())
    /// ```
    pub fn set(self, cookie: Cookie, value: &str, max_age: Duration) -> Result<HeaderValue, CookieError> {
        Cookies::from(self).set(cookie, value, max_age)
    }

    /// The `Set-Cookie` values that make a browser forget this mode's three cookies.
    ///
    /// ```
    /// # use jeton_axum::cookies::CookieMode;
    /// assert!(CookieMode::Host.clear().all(|line| line.to_str().unwrap().contains("; Max-Age=0;")));
    /// ```
    pub fn clear(self) -> impl Iterator<Item = HeaderValue> {
        Cookies::from(self).clear()
    }

    /// The cookie's value in a request; see [`read`].
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header::COOKIE};
    /// # use jeton_axum::cookies::{Cookie, CookieMode};
    /// let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static("jeton_refresh=a.b.c"))]);
    /// assert_eq!(CookieMode::Loopback.read(&headers, Cookie::Refresh), Ok(Some("a.b.c")));
    /// assert_eq!(CookieMode::Host.read(&headers, Cookie::Refresh), Ok(None));
    /// ```
    pub fn read(self, headers: &HeaderMap, cookie: Cookie) -> Result<Option<&str>, CookieError> {
        read(headers, self.name(cookie))
    }
}

/// The value of the cookie of exactly this name, from however many `Cookie` headers the request has
/// (RFC 9113 §8.2.3 lets them be split). Absent is `Ok(None)`.
///
/// Other cookies may hold what they like; only the one asked for is looked at.
///
/// ```
/// # use http::{HeaderMap, HeaderValue, header::COOKIE};
/// # use jeton_axum::cookies::{CookieError, read};
/// let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static("theme=dark; id=1; id=2"))]);
/// assert_eq!(read(&headers, "theme"), Ok(Some("dark")));
/// assert_eq!(read(&headers, "id"), Err(CookieError::Duplicate));
/// ```
pub fn read<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, CookieError> {
    let mut values = headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|header| header.as_bytes().split(|&byte| byte == b';'))
        .filter_map(|pair| value_of(pair, name));
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(CookieError::Duplicate);
    }
    if !value.iter().copied().all(is_cookie_octet) {
        return Err(CookieError::InvalidValue);
    }
    str::from_utf8(value)
        .map(Some)
        .map_err(|_| CookieError::InvalidValue)
}

fn value_of<'p>(pair: &'p [u8], name: &str) -> Option<&'p [u8]> {
    let mut parts = pair.splitn(2, |&byte| byte == b'=');
    let found = parts.next()?.trim_ascii();
    (found == name.as_bytes()).then(|| parts.next().unwrap_or_default().trim_ascii())
}

/// `cookie-octet` of RFC 6265 §4.1.1.
fn is_cookie_octet(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2B | 0x2D..=0x3A | 0x3C..=0x5B | 0x5D..=0x7E)
}
