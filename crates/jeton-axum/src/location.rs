//! Where in a request a token is looked for.

use std::borrow::Cow;

use http::{
    HeaderName, HeaderValue,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL},
    request::Parts,
};

use crate::{
    body::ReadBody,
    cookies::{self, CookieError},
    fields,
    rejection::{Malformed, Rejection},
};

/// A place in the request where the guard looks for a token.
///
/// Locations are tried in the order given to [`Auth::locations`](crate::Auth::locations). A location that
/// holds nothing passes the question on to the next; one that holds something broken ends the search. A
/// token in each of two places that a client fills on purpose is refused (RFC 6750 §2).
///
/// A request that carries an `Authorization` header, even an empty or a broken one, is never authenticated
/// by a cookie, wherever the cookie stands in the order: a script that brings credentials of its own means
/// them, and a cookie the browser added must not quietly replace them.
///
/// ```
/// # use jeton_axum::{Auth, TokenLocation, claims::Jeton};
/// # fn example(auth: Auth<Jeton>) -> Auth<Jeton> {
/// let auth = auth.locations([TokenLocation::header(), TokenLocation::cookie("session")]);
/// # auth
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TokenLocation(Place);

#[derive(Clone, Debug)]
enum Place {
    Header(Header),
    Cookie(Cow<'static, str>),
    Query(Cow<'static, str>),
    Json(Cow<'static, str>),
    Subprotocol(Cow<'static, str>),
}

#[derive(Clone, Debug)]
struct Header {
    name: HeaderName,
    scheme: Cow<'static, str>,
    bare: bool,
}

impl TokenLocation {
    /// The `Authorization` header with the scheme `Bearer` (RFC 6750 §2.1), in any case (RFC 9110 §11.1).
    ///
    /// ```
    /// # use jeton_axum::{Auth, TokenLocation, claims::Jeton};
    /// # fn example(auth: Auth<Jeton>) -> Auth<Jeton> {
    /// auth.locations([TokenLocation::header()])           // Authorization: Bearer eyJ…
    /// # }
    /// ```
    #[must_use]
    pub fn header() -> Self {
        Self::header_named(AUTHORIZATION, "Bearer")
    }

    /// A header of another name, or another scheme: `header_named("x-api-token", "Token")`.
    ///
    /// Cookies are ignored where this header is sent, as they are for `Authorization`.
    ///
    /// ```
    /// # use http::HeaderName;
    /// # use jeton_axum::{Auth, TokenLocation, claims::Jeton};
    /// # fn example(auth: Auth<Jeton>) -> Auth<Jeton> {
    /// let own = HeaderName::from_static("x-api-token");
    /// auth.locations([TokenLocation::header_named(own, "Token")])         // X-API-Token: Token eyJ…
    /// # }
    /// ```
    #[must_use]
    pub fn header_named(name: HeaderName, scheme: impl Into<Cow<'static, str>>) -> Self {
        Self(Place::Header(Header {
            name,
            scheme: scheme.into(),
            bare: false,
        }))
    }

    /// Lets the header also hold the token alone, without a scheme before it: for clients that predate RFC 6750.
    ///
    /// ```
    /// # use jeton_axum::{Auth, TokenLocation, claims::Jeton};
    /// # fn example(auth: Auth<Jeton>) -> Auth<Jeton> {
    /// auth.locations([TokenLocation::header().or_bare()])         // Authorization: eyJ…
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// While the application is set up, on a location that is no header: nothing stands before the token there.
    #[must_use]
    pub fn or_bare(mut self) -> Self {
        let is_header = matches!(self.0, Place::Header(_));
        assert!(
            is_header,
            "TokenLocation::or_bare: only a header has a scheme to leave out"
        );
        if let Place::Header(header) = &mut self.0 {
            header.bare = true;
        }
        self
    }

    /// The cookie of this name, compared exactly; sent twice, it is refused.
    ///
    /// The names that [`CookieMode`](crate::cookies::CookieMode) writes come from
    /// [`CookieMode::name`](crate::cookies::CookieMode::name). On any method but GET, HEAD, OPTIONS and
    /// TRACE a token from a cookie needs [`Auth::csrf`](crate::Auth::csrf).
    ///
    /// ```
    /// # use jeton_axum::{Auth, TokenLocation, claims::Jeton, cookies::{Cookie, CookieMode}};
    /// # fn example(auth: Auth<Jeton>) -> Auth<Jeton> {
    /// auth.locations([TokenLocation::cookie(CookieMode::Host.name(Cookie::Access))])
    /// # }
    /// ```
    #[must_use]
    pub fn cookie(name: impl Into<Cow<'static, str>>) -> Self {
        Self(Place::Cookie(name.into()))
    }

    /// The query parameter of this name (RFC 6750 §2.3).
    ///
    /// An address ends up in logs, histories and the `Referer` of other sites' requests. So this is for
    /// single routes that cannot do otherwise, a download link or an `<img>`: it is read only below
    /// [`Auth::guard`](crate::Auth::guard), which adds `Cache-Control: no-store` and
    /// `Referrer-Policy: no-referrer` to the answers there. Use tokens that live for seconds.
    ///
    /// ```
    /// # use jeton_axum::{Auth, Guard, TokenLocation, claims::Jeton};
    /// # fn example(auth: Auth<Jeton>) -> Guard<Jeton> {
    /// auth.locations([TokenLocation::query("token")]).guard()         // /report.pdf?token=eyJ…
    /// # }
    /// ```
    #[must_use]
    pub fn query(name: impl Into<Cow<'static, str>>) -> Self {
        Self(Place::Query(name.into()))
    }

    /// The member of this name of a body that is a JSON object (`application/json` or `…+json`).
    ///
    /// Read only below [`Auth::guard`](crate::Auth::guard), which holds the body back until the token is
    /// found; the handler still gets all of it.
    ///
    /// ```
    /// # use jeton_axum::{Auth, Guard, TokenLocation, claims::Jeton};
    /// # fn example(auth: Auth<Jeton>) -> Guard<Jeton> {
    /// auth.locations([TokenLocation::json("access_token")]).guard()         // {"access_token": "eyJ…"}
    /// # }
    /// ```
    #[must_use]
    pub fn json(member: impl Into<Cow<'static, str>>) -> Self {
        Self(Place::Json(member.into()))
    }

    /// The token that a page's script offers as the WebSocket subprotocol after this one, since it cannot set
    /// headers: `new WebSocket(url, ["access_token", token])`.
    ///
    /// The handler agrees to the first of the two: `upgrade.protocols(["access_token"])`; a token must not be
    /// repeated in the answer. A token that arrives as the first message is verified by
    /// [`Auth::check_async`](crate::Auth::check_async).
    ///
    /// ```
    /// # use jeton_axum::{Auth, TokenLocation, claims::Jeton};
    /// # fn example(auth: Auth<Jeton>) -> Auth<Jeton> {
    /// auth.locations([TokenLocation::header(), TokenLocation::subprotocol("access_token")])
    /// # }
    /// ```
    #[must_use]
    pub fn subprotocol(marker: impl Into<Cow<'static, str>>) -> Self {
        Self(Place::Subprotocol(marker.into()))
    }

    /// Whether the location can only be read below [`Auth::guard`](crate::Auth::guard).
    pub(crate) fn needs_guard(&self) -> bool {
        matches!(self.0, Place::Query(_) | Place::Json(_))
    }

    /// Panics if no request can bring a token here.
    pub(crate) fn assert_useful(&self) {
        match &self.0 {
            Place::Header(header) => assert!(
                header.can_hold(),
                "TokenLocation::header_named: a scheme is one word, and a header without one needs `.or_bare()`"
            ),
            Place::Cookie(name) | Place::Query(name) | Place::Json(name) | Place::Subprotocol(name) => {
                assert!(!name.is_empty(), "TokenLocation: a location needs a name");
            }
        }
    }

    pub(crate) fn cookie_name(&self) -> Option<&str> {
        match &self.0 {
            Place::Cookie(name) => Some(name),
            _ => None,
        }
    }

    pub(crate) fn is_query(&self) -> bool {
        matches!(self.0, Place::Query(_))
    }

    pub(crate) fn is_json(&self) -> bool {
        matches!(self.0, Place::Json(_))
    }
}

/// Where the request's token was found: an argument of handlers, behind the one that asks for the token.
///
/// ```
/// # use jeton_axum::{Bearer, FoundIn};
/// # #[derive(serde::Deserialize)] struct Access {}
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
/// async fn download(_: Bearer<Access>, place: FoundIn) -> &'static str {
///     if place == FoundIn::Query { "a link" } else { "a script" }
/// }
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundIn {
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
    /// In the address.
    Query,
    /// In the body.
    Json,
    /// Among the offered WebSocket subprotocols.
    Subprotocol,
}

impl FoundIn {
    /// Whether the browser adds it by itself, so that the request may be another site's idea.
    pub(crate) fn is_ambient(self) -> bool {
        self == Self::Cookie
    }
}

/// A token as it was found, not looked into yet.
pub(crate) struct Found<'r> {
    pub(crate) token: Cow<'r, str>,
    pub(crate) place: FoundIn,
}

/// The token behind `Bearer ` in the request most guards see: one `Authorization` header, and no other
/// location to look at but cookies, which mean nothing beside it. Not looked into yet; for a remembered token
/// its bytes are all that has to be known.
///
/// This makes no difference but in time: nearly all requests are spared the walk through the locations.
pub(crate) fn plain<'r>(locations: &[TokenLocation], parts: &'r Parts) -> Option<&'r [u8]> {
    let [TokenLocation(Place::Header(header)), others @ ..] = locations else {
        return None;
    };
    if others.iter().any(|other| other.cookie_name().is_none()) {
        return None;
    }
    let mut sent = parts.headers.get_all(&header.name).iter();
    let (Some(value), None) = (sent.next(), sent.next()) else {
        return None;
    };
    let rest = value.as_bytes().strip_prefix(header.scheme.as_bytes())?;
    rest.strip_prefix(b" ").filter(|_| header.name == AUTHORIZATION)
}

/// Bytes that can be a token, as text: ASCII, and nothing before the hyphen, as blanks and commas are.
fn text(token: &[u8]) -> Option<&str> {
    // Signed, bytes beyond ASCII are negative. All are looked at, whatever the first of them says: that takes
    // sixteen at a time.
    let plain = token.iter().fold(true, |plain, byte| {
        plain & (byte.cast_signed() >= b'-'.cast_signed())
    });
    let text = str::from_utf8(token).ok()?;
    (plain && !text.is_empty()).then_some(text)
}

/// Looks through the locations in their order. Absent everywhere is `Ok(None)`.
pub(crate) fn find<'r>(
    locations: &[TokenLocation],
    parts: &'r Parts,
) -> Result<Option<Found<'r>>, Rejection> {
    if let Some(token) = plain(locations, parts).and_then(text) {
        let (token, place) = (Cow::Borrowed(token), FoundIn::Header);
        return Ok(Some(Found { token, place }));
    }
    if parts.headers.get_all(AUTHORIZATION).iter().nth(1).is_some() {
        return Err(Malformed::SeveralAuthorizations.into());
    }
    let sends_header = parts.headers.contains_key(AUTHORIZATION)
        || locations.iter().any(|location| match &location.0 {
            Place::Header(header) => parts.headers.contains_key(&header.name),
            _ => false,
        });
    let mut rest = locations
        .iter()
        .filter(|location| !(sends_header && matches!(location.0, Place::Cookie(_))));
    let found = loop {
        let Some(location) = rest.next() else {
            return Ok(None);
        };
        if let Some(found) = location.look(parts)? {
            break found;
        }
    };
    // A location that is broken is not this token's fault: only a second token counts.
    let is_second = |location: &TokenLocation| {
        let second = location.look(parts).ok().flatten();
        second.is_some_and(|second| !second.place.is_ambient())
    };
    if !found.place.is_ambient() && rest.any(is_second) {
        return Err(Malformed::SeveralPlaces.into());
    }
    Ok(Some(found))
}

impl TokenLocation {
    fn look<'r>(&self, parts: &'r Parts) -> Result<Option<Found<'r>>, Rejection> {
        let (token, place) = match &self.0 {
            Place::Header(header) => (header.look(parts)?.map(Cow::Borrowed), FoundIn::Header),
            Place::Cookie(name) => (in_cookie(parts, name)?.map(Cow::Borrowed), FoundIn::Cookie),
            Place::Query(name) => (in_query(parts, name)?, FoundIn::Query),
            Place::Json(member) => (in_json(parts, member)?.map(Cow::Owned), FoundIn::Json),
            Place::Subprotocol(marker) => (
                in_subprotocol(parts, marker)?.map(Cow::Borrowed),
                FoundIn::Subprotocol,
            ),
        };
        Ok(token.map(|token| Found { token, place }))
    }
}

impl Header {
    /// Whether its scheme can be sent (RFC 9110 §11.1): one with a blank in it would be read as a shorter one.
    fn can_hold(&self) -> bool {
        let is_word = self
            .scheme
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b',');
        is_word && (self.bare || !self.scheme.is_empty())
    }

    fn look<'r>(&self, parts: &'r Parts) -> Result<Option<&'r str>, Rejection> {
        let mut sent = parts.headers.get_all(&self.name).iter();
        let Some(value) = sent.next() else {
            return Ok(None);
        };
        if sent.next().is_some() {
            return Err(Malformed::HeaderTwice.into());
        }
        self.token(value)
    }

    /// Another scheme is an absent token; the scheme without a token is an answerable mistake.
    fn token<'r>(&self, value: &'r HeaderValue) -> Result<Option<&'r str>, Rejection> {
        let is_standard = self.name == AUTHORIZATION && self.scheme == "Bearer";
        let say = |standard: Malformed| if is_standard { standard } else { Malformed::Header };
        let value = ascii(value.as_bytes()).ok_or_else(|| say(Malformed::AuthorizationNotAscii))?;
        let value = value.trim_matches([' ', '\t']);
        let (scheme, rest) = value.split_once([' ', '\t']).unwrap_or((value, ""));
        if scheme.eq_ignore_ascii_case(&self.scheme) {
            let token = rest.trim_start_matches([' ', '\t']);
            if holds_separator(token) {
                return Err(say(Malformed::SeveralTokens).into());
            }
            return if token.is_empty() {
                Err(Rejection::Missing)
            } else {
                Ok(Some(token))
            };
        }
        if value.is_empty() {
            return Err(Rejection::Missing);
        }
        if !rest.is_empty() {
            return Ok(None);
        }
        if self.bare {
            return Ok(Some(value));
        }
        // No registered scheme has a dot in its name, every JWT has two.
        if value.contains('.') {
            Err(say(Malformed::SchemeMissing).into())
        } else {
            Ok(None)
        }
    }
}

/// A header's text. A header's value holds no control characters but the tab, so what is left to find is bytes
/// beyond ASCII; both looks take sixteen bytes at a time, where `HeaderValue::to_str` takes one.
fn ascii(value: &[u8]) -> Option<&str> {
    str::from_utf8(value).ok().filter(|text| text.is_ascii())
}

/// Whether something follows the token.
fn holds_separator(token: &str) -> bool {
    memchr::memchr3(b' ', b'\t', b',', token.as_bytes()).is_some()
}

fn in_cookie<'r>(parts: &'r Parts, name: &str) -> Result<Option<&'r str>, Rejection> {
    match cookies::read(&parts.headers, name) {
        // An emptied cookie is how some servers clear one.
        Ok(found) => Ok(found.filter(|token| !token.is_empty())),
        Err(CookieError::Duplicate) => Err(Malformed::CookieTwice.into()),
        Err(_) => Err(Malformed::CookieNotAscii.into()),
    }
}

fn in_query<'r>(parts: &'r Parts, name: &str) -> Result<Option<Cow<'r, str>>, Rejection> {
    let query = parts.uri.query().unwrap_or_default();
    let found = fields::only(query.as_bytes(), name).map_err(|fields::Twice| Malformed::QueryTwice)?;
    Ok(found.filter(|token| !token.is_empty()))
}

fn in_json(parts: &Parts, member: &str) -> Result<Option<String>, Rejection> {
    match parts.extensions.get::<ReadBody>() {
        Some(body) => Ok(body.json_member(member)?.filter(|token| !token.is_empty())),
        None => Ok(None),
    }
}

/// The item after the marker, of a list that may be spread over several headers (RFC 6455 §11.3.4).
fn in_subprotocol<'r>(parts: &'r Parts, marker: &str) -> Result<Option<&'r str>, Rejection> {
    let mut offered = parts
        .headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim);
    if offered.by_ref().all(|protocol| protocol != marker) {
        return Ok(None);
    }
    let token = offered.next().filter(|token| !token.is_empty());
    token.map(Some).ok_or(Rejection::Missing)
}
