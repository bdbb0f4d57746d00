//! The way to a page where people sign in, and back.

use std::fmt;

use axum::extract::OriginalUri;
use http::{
    HeaderName, HeaderValue, Method,
    header::{ACCEPT, LOCATION},
    request::Parts,
};
use serde::Deserialize;

/// The header in which browsers say how a request came about (Fetch Metadata).
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Where somebody was going when [`Auth::sign_in_page`](crate::Auth::sign_in_page) sent them to sign in: a path of this
/// site, and never an address of another.
///
/// It comes to the sign-in page in a link, which anybody can write. So it is read strictly: what is no path of this
/// site, `//evil.example` and `/\evil.example` included, is `/`.
///
/// ```
/// use axum::{Form, response::Redirect};
/// use jeton_axum::ReturnTo;
///
/// #[derive(serde::Deserialize)]
/// struct SignIn { username: String, password: String, #[serde(default)] return_to: ReturnTo }
///
/// async fn sign_in(Form(form): Form<SignIn>) -> Redirect {
///     // … check the password, set the cookies …
///     Redirect::to(form.return_to.as_str())
/// }
/// assert_eq!(ReturnTo::from("/notes?page=2".to_owned()).as_str(), "/notes?page=2");
/// assert_eq!(ReturnTo::from("https://evil.example".to_owned()).as_str(), "/");
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(from = "String")]
pub struct ReturnTo(String);

impl ReturnTo {
    /// The path, with the query behind it. It may hold `&` and `'`: escape it in HTML.
    ///
    /// ```
    /// # use jeton_axum::ReturnTo;
    /// assert_eq!(ReturnTo::default().as_str(), "/");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where this request was going.
    fn of(parts: &Parts, with_query: bool) -> Self {
        // Routers that are nested see only the end of the path.
        let uri = match parts.extensions.get::<OriginalUri>() {
            Some(OriginalUri(uri)) => uri,
            None => &parts.uri,
        };
        let whole = uri.path_and_query().map_or("/", |whole| whole.as_str());
        Self::from(if with_query { whole } else { uri.path() }.to_owned())
    }
}

impl From<String> for ReturnTo {
    fn from(text: String) -> Self {
        if is_local(&text) {
            Self(text)
        } else {
            Self::default()
        }
    }
}

/// The front page.
impl Default for ReturnTo {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether browsers take this for a path of the site they are on. They read `\` as `/`, drop tabs and line ends, and
/// take what stands behind `//` for a host (WHATWG URL §4.4); so only characters of RFC 3986 are let through.
fn is_local(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    let path = text.split(['?', '#']).next().unwrap_or_default();
    path.starts_with('/') && !path.contains("//") && text.bytes().all(is_plain)
}

/// A page of this site where people sign in.
#[derive(Clone, Debug)]
pub(crate) struct SignInPage(String);

impl SignInPage {
    /// Panics if it is no path of this site.
    pub(crate) fn new(page: String) -> Self {
        assert!(
            is_local(&page) && !page.contains('#'),
            "Auth::sign_in_page: a path of this site, such as /sign-in"
        );
        Self(page)
    }

    /// Where a browser goes instead that asked for this; `None` for what is no page.
    pub(crate) fn instead_of(&self, parts: &Parts, with_query: bool) -> Option<(HeaderName, HeaderValue)> {
        if !is_navigation(parts) {
            return None;
        }
        let return_to = ReturnTo::of(parts, with_query);
        let join = if self.0.contains('?') { '&' } else { '?' };
        let mut location = format!("{}{join}return_to=", self.0);
        location.extend(form_urlencoded::byte_serialize(return_to.as_str().as_bytes()));
        Some((LOCATION, HeaderValue::try_from(location).ok()?))
    }
}

/// Whether a person waits for a page. A script wants a 401, and what a form has sent would be lost on the way.
fn is_navigation(parts: &Parts) -> bool {
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        return false;
    }
    match parts.headers.get(FETCH_MODE) {
        Some(mode) => mode == "navigate",
        // Browsers before 2023, and those that are told to hide it.
        None => parts.headers.get_all(ACCEPT).iter().any(|accept| {
            let accept = accept.to_str().unwrap_or_default();
            accept.to_ascii_lowercase().contains("text/html")
        }),
    }
}
