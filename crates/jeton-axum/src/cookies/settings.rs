//! Names and attributes of an application's own choice.

use std::{borrow::Cow, time::Duration};

use http::{HeaderMap, HeaderValue};

use super::{Cookie, CookieError, CookieMode, is_cookie_octet, read};

/// The most bytes that browsers keep of a cookie, name and value together; a longer one they drop without a word
/// (RFC 6265bis §5.6).
const BROWSER_LIMIT: usize = 4096;

/// How an application's cookies are called and what their attributes are.
///
/// Made from a [`CookieMode`], as it is or changed by a builder:
///
/// ```
/// use jeton_axum::cookies::{Cookie, CookieMode, Cookies, SameSite};
/// use std::time::Duration;
///
/// let cookies = Cookies::builder(CookieMode::Host)
///     .name(Cookie::Refresh, "__Secure-refresh")
///     .path(Cookie::Refresh, "/auth/refresh")       // not sent anywhere else
///     .same_site(SameSite::Strict)
///     .build()?;
/// assert_eq!(
///     cookies.set(Cookie::Refresh, "a.b.c", Duration::from_hours(24))?.to_str()?,
///     "__Secure-refresh=a.b.c; Path=/auth/refresh; Max-Age=86400; SameSite=Strict; Secure; HttpOnly",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookies {
    access: Place,
    refresh: Place,
    csrf: Place,
    domain: Option<Cow<'static, str>>,
    same_site: SameSite,
    secure: bool,
    lasting: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    name: Cow<'static, str>,
    path: Cow<'static, str>,
}

/// On which requests from other sites browsers send a cookie (RFC 6265bis §5.6.7).
///
/// ```
/// use jeton_axum::cookies::{CookieMode, Cookies, SameSite};
///
/// let cookies = Cookies::builder(CookieMode::Host).same_site(SameSite::Strict).build()?;
/// # Ok::<(), jeton_axum::cookies::CookieSettingsError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// On none.
    Strict,
    /// On navigations by a link: what most sites want, and the default.
    Lax,
    /// On all. Asks for https.
    None,
}

/// Why a set of cookies would not work in browsers.
///
/// ```
/// use jeton_axum::cookies::{Cookie, CookieMode, CookieSettingsError, Cookies};
///
/// let shared = Cookies::builder(CookieMode::Host).domain("example.org").build();
/// assert!(matches!(shared, Err(CookieSettingsError::HostPrefix(_))));
/// let plain = Cookies::builder(CookieMode::Loopback).name(Cookie::Access, "__Host-own").build();
/// assert!(matches!(plain, Err(CookieSettingsError::NeedsHttps(_))));
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CookieSettingsError {
    /// A name is empty or has characters that names may not have.
    #[error("'{0}' is no name for a cookie: use letters, digits, '-' and '_'")]
    Name(String),
    /// Two of the three cookies have one name.
    #[error("two cookies are called '{0}': give each its own name")]
    SameName(String),
    /// A name begins with `__Host-`, and the cookie has a domain, or a path other than `/`.
    #[error("'{0}' may have neither a domain nor a path other than '/': choose a name without '__Host-'")]
    HostPrefix(String),
    /// A name begins with `__Host-` or `__Secure-`, or is sent with `SameSite=None`, and the mode is for http.
    #[error("browsers take '{0}' only over https: use CookieMode::Host")]
    NeedsHttps(String),
    /// A path does not begin with `/`, or a path or domain has characters it may not have.
    #[error("'{0}' is no path or domain of a cookie")]
    PathOrDomain(String),
}

impl Cookies {
    /// Begins with the names and attributes of a mode.
    ///
    /// ```
    /// # use jeton_axum::cookies::{Cookie, CookieMode, Cookies};
    /// let cookies = Cookies::builder(CookieMode::Host).name(Cookie::Access, "__Host-session").build()?;
    /// assert_eq!(cookies.name(Cookie::Access), "__Host-session");
    /// # Ok::<(), jeton_axum::cookies::CookieSettingsError>(())
    /// ```
    pub fn builder(mode: CookieMode) -> CookiesBuilder {
        CookiesBuilder { cookies: mode.into() }
    }

    /// The cookie's name.
    ///
    /// ```
    /// # use jeton_axum::cookies::{Cookie, CookieMode, Cookies};
    /// assert_eq!(Cookies::from(CookieMode::Loopback).name(Cookie::Csrf), "jeton_csrf");
    /// ```
    #[must_use]
    pub fn name(&self, cookie: Cookie) -> &str {
        &self.place(cookie).name
    }

    /// The value of a `Set-Cookie` header that gives the cookie this value for so long, rounded up to the second, or
    /// until the browser closes, if [they do not last](CookiesBuilder::until_the_browser_closes).
    ///
    /// The header is marked sensitive: its `Debug` does not show the value.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton_axum::cookies::{Cookie, CookieMode, Cookies};
    /// let cookies = Cookies::builder(CookieMode::Loopback).until_the_browser_closes().build()?;
    /// let line = cookies.set(Cookie::Access, "a.b.c", Duration::from_mins(15))?;
    /// assert_eq!(line, "jeton_access=a.b.c; Path=/; SameSite=Lax; HttpOnly");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set(&self, cookie: Cookie, value: &str, max_age: Duration) -> Result<HeaderValue, CookieError> {
        if max_age.is_zero() {
            return Err(CookieError::NoTime);
        }
        self.write(cookie, value, self.lasting.then_some(max_age))
    }

    /// The `Set-Cookie` value that makes a browser forget this cookie. It names path and domain again: a
    /// browser forgets no other cookie than the one of that name, path and domain.
    ///
    /// ```
    /// # use jeton_axum::cookies::{Cookie, CookieMode, Cookies};
    /// let line = Cookies::from(CookieMode::Loopback).unset(Cookie::Access)?;
    /// assert_eq!(line, "jeton_access=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly");
    /// # Ok::<(), jeton_axum::cookies::CookieError>(())
    /// ```
    pub fn unset(&self, cookie: Cookie) -> Result<HeaderValue, CookieError> {
        self.write(cookie, "", Some(Duration::ZERO))
    }

    /// The `Set-Cookie` values that make a browser forget the three cookies.
    ///
    /// ```
    /// # use jeton_axum::cookies::{CookieMode, Cookies};
    /// assert_eq!(Cookies::from(CookieMode::Host).clear().count(), 3);
    /// ```
    pub fn clear(&self) -> impl Iterator<Item = HeaderValue> + use<> {
        Cookie::ALL.map(|cookie| self.unset(cookie)).into_iter().flatten()
    }

    /// The cookie's value in a request; see [`read`].
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header::COOKIE};
    /// # use jeton_axum::cookies::{Cookie, CookieMode, Cookies};
    /// let cookies = Cookies::builder(CookieMode::Host).name(Cookie::Access, "__Host-session").build()?;
    /// let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static("__Host-session=a.b.c"))]);
    /// assert_eq!(cookies.read(&headers, Cookie::Access)?, Some("a.b.c"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read<'h>(&self, headers: &'h HeaderMap, cookie: Cookie) -> Result<Option<&'h str>, CookieError> {
        read(headers, self.name(cookie))
    }

    pub(crate) fn csrf_name(&self) -> Cow<'static, str> {
        self.csrf.name.clone()
    }

    fn write(
        &self,
        cookie: Cookie,
        value: &str,
        max_age: Option<Duration>,
    ) -> Result<HeaderValue, CookieError> {
        if !value.bytes().all(is_cookie_octet) {
            return Err(CookieError::InvalidValue);
        }
        if self.name(cookie).len() + value.len() > BROWSER_LIMIT {
            return Err(CookieError::TooLong);
        }
        let line = self.line(cookie, value, max_age);
        let mut header = HeaderValue::try_from(line).map_err(|_| CookieError::InvalidValue)?;
        header.set_sensitive(true);
        Ok(header)
    }

    fn line(&self, cookie: Cookie, value: &str, max_age: Option<Duration>) -> String {
        let Place { name, path } = self.place(cookie);
        let domain = self.domain.as_ref().map(|domain| format!("; Domain={domain}"));
        // Rounded down, the last second of a token's life would clear its cookie.
        let whole = |age: Duration| age.as_secs() + u64::from(age.subsec_nanos() > 0);
        let max_age = max_age.map(|age| format!("; Max-Age={}", whole(age)));
        let same_site = match self.same_site {
            SameSite::Strict => "Strict",
            SameSite::Lax => "Lax",
            SameSite::None => "None",
        };
        let secure = if self.secure { "; Secure" } else { "" };
        let http_only = if cookie == Cookie::Csrf { "" } else { "; HttpOnly" };
        let (domain, max_age) = (domain.unwrap_or_default(), max_age.unwrap_or_default());
        format!("{name}={value}; Path={path}{domain}{max_age}; SameSite={same_site}{secure}{http_only}")
    }

    fn place(&self, cookie: Cookie) -> &Place {
        match cookie {
            Cookie::Access => &self.access,
            Cookie::Refresh => &self.refresh,
            Cookie::Csrf => &self.csrf,
        }
    }

    fn check(&self) -> Result<(), CookieSettingsError> {
        let places = [&self.access, &self.refresh, &self.csrf];
        for place in places {
            self.check_place(place)?;
            if places.iter().filter(|other| other.name == place.name).count() > 1 {
                return Err(CookieSettingsError::SameName(place.name.to_string()));
            }
        }
        let domain = self.domain.as_deref().unwrap_or("unset");
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        if domain.is_empty() || !domain.bytes().all(allowed) {
            return Err(CookieSettingsError::PathOrDomain(domain.to_owned()));
        }
        Ok(())
    }

    fn check_place(&self, Place { name, path }: &Place) -> Result<(), CookieSettingsError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(allowed) {
            return Err(CookieSettingsError::Name(name.to_string()));
        }
        let of_path = |byte: u8| matches!(byte, b' '..=b'~') && byte != b';';
        if !path.starts_with('/') || !path.bytes().all(of_path) {
            return Err(CookieSettingsError::PathOrDomain(path.to_string()));
        }
        // Browsers compare the prefixes without regard to case.
        let begins = |prefix: &str| {
            name.get(..prefix.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        };
        if begins("__Host-") && (self.domain.is_some() || path != "/") {
            return Err(CookieSettingsError::HostPrefix(name.to_string()));
        }
        let https_only = begins("__Host-") || begins("__Secure-") || self.same_site == SameSite::None;
        if https_only && !self.secure {
            return Err(CookieSettingsError::NeedsHttps(name.to_string()));
        }
        Ok(())
    }
}

impl From<CookieMode> for Cookies {
    fn from(mode: CookieMode) -> Self {
        let place = |cookie| Place {
            name: mode.name(cookie).into(),
            path: "/".into(),
        };
        Self {
            access: place(Cookie::Access),
            refresh: place(Cookie::Refresh),
            csrf: place(Cookie::Csrf),
            domain: None,
            same_site: SameSite::Lax,
            secure: mode == CookieMode::Host,
            lasting: true,
        }
    }
}

/// Changes the cookies of a mode. What browsers would silently drop is an error when it is built.
///
/// ```
/// use jeton_axum::cookies::{Cookie, CookieMode, Cookies, CookiesBuilder};
///
/// fn common(builder: CookiesBuilder) -> CookiesBuilder {
///     builder.name(Cookie::Access, "__Secure-session").path(Cookie::Access, "/app")
/// }
/// assert!(common(Cookies::builder(CookieMode::Host)).build().is_ok());
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder becomes cookies by `build`"]
pub struct CookiesBuilder {
    cookies: Cookies,
}

impl CookiesBuilder {
    /// Calls a cookie otherwise.
    ///
    /// ```
    /// # use jeton_axum::cookies::{Cookie, CookieMode, Cookies};
    /// let cookies = Cookies::builder(CookieMode::Host).name(Cookie::Access, "__Host-session").build()?;
    /// # Ok::<(), jeton_axum::cookies::CookieSettingsError>(())
    /// ```
    pub fn name(mut self, cookie: Cookie, name: impl Into<Cow<'static, str>>) -> Self {
        self.place(cookie).name = name.into();
        self
    }

    /// Has a cookie sent only below this path. Not for cookies whose name begins with `__Host-`.
    ///
    /// ```
    /// # use jeton_axum::cookies::{Cookie, CookieMode, Cookies};
    /// let cookies = Cookies::builder(CookieMode::Host)
    ///     .name(Cookie::Refresh, "__Secure-refresh")
    ///     .path(Cookie::Refresh, "/refresh")
    ///     .build()?;
    /// # Ok::<(), jeton_axum::cookies::CookieSettingsError>(())
    /// ```
    pub fn path(mut self, cookie: Cookie, path: impl Into<Cow<'static, str>>) -> Self {
        self.place(cookie).path = path.into();
        self
    }

    /// Shares the cookies with all hosts of this domain. Not for cookies whose name begins with `__Host-`.
    ///
    /// ```
    /// # use jeton_axum::cookies::{Cookie, CookieMode, Cookies};
    /// let cookies = Cookies::builder(CookieMode::Host)
    ///     .name(Cookie::Access, "__Secure-access")
    ///     .name(Cookie::Refresh, "__Secure-refresh")
    ///     .name(Cookie::Csrf, "__Secure-csrf")
    ///     .domain("example.org")
    ///     .build()?;
    /// # Ok::<(), jeton_axum::cookies::CookieSettingsError>(())
    /// ```
    pub fn domain(mut self, domain: impl Into<Cow<'static, str>>) -> Self {
        self.cookies.domain = Some(domain.into());
        self
    }

    /// Lets the cookies go along with requests from other sites, or not.
    ///
    /// ```
    /// # use jeton_axum::cookies::{CookieMode, Cookies, SameSite};
    /// let cookies = Cookies::builder(CookieMode::Host).same_site(SameSite::Strict).build()?;
    /// # Ok::<(), jeton_axum::cookies::CookieSettingsError>(())
    /// ```
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.cookies.same_site = same_site;
        self
    }

    /// Has browsers forget the cookies when they close. (Many restore them with the windows.)
    ///
    /// ```
    /// # use jeton_axum::cookies::{CookieMode, Cookies};
    /// let cookies = Cookies::builder(CookieMode::Host).until_the_browser_closes().build()?;
    /// # Ok::<(), jeton_axum::cookies::CookieSettingsError>(())
    /// ```
    pub fn until_the_browser_closes(mut self) -> Self {
        self.cookies.lasting = false;
        self
    }

    /// The cookies, if browsers would take them.
    ///
    /// ```
    /// # use jeton_axum::cookies::{CookieMode, Cookies};
    /// let cookies = Cookies::builder(CookieMode::Host).build()?;
    /// assert_eq!(cookies, Cookies::from(CookieMode::Host));
    /// # Ok::<(), jeton_axum::cookies::CookieSettingsError>(())
    /// ```
    pub fn build(self) -> Result<Cookies, CookieSettingsError> {
        self.cookies.check()?;
        Ok(self.cookies)
    }

    fn place(&mut self, cookie: Cookie) -> &mut Place {
        match cookie {
            Cookie::Access => &mut self.cookies.access,
            Cookie::Refresh => &mut self.cookies.refresh,
            Cookie::Csrf => &mut self.cookies.csrf,
        }
    }
}
