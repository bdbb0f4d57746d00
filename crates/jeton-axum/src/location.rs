//! Where in a request a token is looked for.

use std::borrow::Cow;

use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

use crate::{
    cookies::{self, CookieError},
    rejection::{Malformed, Rejection},
};

/// A place in the request where the guard looks for a token.
///
/// Locations are tried in the order given to [`Auth::locations`](crate::Auth::locations). A location that
/// holds nothing passes the question on to the next; one that holds something broken ends the search.
///
/// A request that carries an `Authorization` header, even an empty or a broken one, is never authenticated
/// by a cookie, wherever the cookie stands in the order: a script that brings credentials of its own means
/// them, and a cookie the browser added must not quietly replace them.
#[derive(Clone, Debug)]
pub struct TokenLocation(Place);

#[derive(Clone, Debug)]
enum Place {
    Header { bare: bool },
    Cookie(Cow<'static, str>),
}

impl TokenLocation {
    /// The `Authorization` header with the scheme `Bearer` (RFC 6750 §2.1), in any case (RFC 9110 §11.1).
    #[must_use]
    pub fn header() -> Self {
        Self(Place::Header { bare: false })
    }

    /// Lets the `Authorization` header also hold the token alone, without a scheme before it.
    ///
    /// For clients that predate RFC 6750. Changes nothing on a cookie.
    #[must_use]
    pub fn or_bare(self) -> Self {
        match self.0 {
            Place::Header { .. } => Self(Place::Header { bare: true }),
            place @ Place::Cookie(_) => Self(place),
        }
    }

    /// The cookie of this name, compared exactly; sent twice, it is refused.
    ///
    /// The names that [`CookieMode`](crate::cookies::CookieMode) writes come from
    /// [`CookieMode::name`](crate::cookies::CookieMode::name). On any method but GET, HEAD, OPTIONS and
    /// TRACE a token from a cookie needs [`Auth::csrf`](crate::Auth::csrf).
    #[must_use]
    pub fn cookie(name: impl Into<Cow<'static, str>>) -> Self {
        Self(Place::Cookie(name.into()))
    }
}

/// A token as it was found, not looked into yet.
pub(crate) struct Found<'r> {
    pub(crate) token: &'r str,
    /// Whether the browser added it by itself, so that the request may be another site's idea.
    pub(crate) ambient: bool,
}

/// Looks through the locations in their order. Absent everywhere is `Ok(None)`.
pub(crate) fn find<'r>(
    locations: &[TokenLocation],
    headers: &'r HeaderMap,
) -> Result<Option<Found<'r>>, Rejection> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let authorization = sent.next();
    if sent.next().is_some() {
        return Err(Malformed::SeveralAuthorizations.into());
    }
    for TokenLocation(place) in locations {
        let token = match (place, authorization) {
            (Place::Header { bare }, Some(value)) => in_authorization(value, *bare)?,
            (Place::Cookie(name), None) => in_cookie(headers, name)?,
            (Place::Header { .. }, None) | (Place::Cookie(_), Some(_)) => None,
        };
        if let Some(token) = token {
            return Ok(Some(Found {
                token,
                ambient: matches!(place, Place::Cookie(_)),
            }));
        }
    }
    Ok(None)
}

/// Another scheme is an absent token; a `Bearer` without one is an answerable mistake.
fn in_authorization(value: &HeaderValue, bare: bool) -> Result<Option<&str>, Rejection> {
    let value = value.to_str().map_err(|_| Malformed::AuthorizationNotAscii)?;
    let value = value.trim_matches([' ', '\t']);
    let (scheme, rest) = value.split_once([' ', '\t']).unwrap_or((value, ""));
    if scheme.eq_ignore_ascii_case("Bearer") {
        return alone(rest.trim_start_matches([' ', '\t'])).map(Some);
    }
    if value.is_empty() {
        return Err(Rejection::Missing);
    }
    if !rest.is_empty() {
        return Ok(None);
    }
    if bare {
        return Ok(Some(value));
    }
    // No registered scheme has a dot in its name, every JWT has two.
    if value.contains('.') {
        Err(Malformed::SchemeMissing.into())
    } else {
        Ok(None)
    }
}

fn alone(token: &str) -> Result<&str, Rejection> {
    if token.is_empty() {
        return Err(Rejection::Missing);
    }
    if token.contains([' ', '\t', ',']) {
        return Err(Malformed::SeveralTokens.into());
    }
    Ok(token)
}

fn in_cookie<'r>(headers: &'r HeaderMap, name: &str) -> Result<Option<&'r str>, Rejection> {
    match cookies::read(headers, name) {
        // An emptied cookie is how some servers clear one.
        Ok(found) => Ok(found.filter(|token| !token.is_empty())),
        Err(CookieError::Duplicate) => Err(Malformed::CookieTwice.into()),
        Err(_) => Err(Malformed::CookieNotAscii.into()),
    }
}
