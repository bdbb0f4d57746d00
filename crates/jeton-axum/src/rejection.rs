//! Why a request was turned away, and the answer it gets.

use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE},
};
use jeton::VerifyError;
use serde::Serialize;

use crate::{challenge, csrf::CsrfError, expired::Expired};

/// Why the guard turned a request away.
///
/// `Display` is the sentence the client may read. It is put together from this crate's and the
/// application's own words alone: nothing of what the client sent is repeated in a body or a header.
///
/// ```
/// use jeton_axum::{Denied, Rejection};
///
/// let rejection = Rejection::from(Denied::Scope("notes:read"));
/// assert_eq!((rejection.status().as_u16(), rejection.code()), (403, "insufficient_scope"));
/// assert_eq!(rejection.message(), "The token does not cover this");
/// assert!(rejection.challenge("api").is_some());
/// ```
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Rejection {
    /// The request carries no token: 401 `token_missing`.
    #[error("Token is missing")]
    Missing,
    /// The request does not say clearly which token it means: 400 `invalid_request`.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The token does not verify: 401 `invalid_token`. The source says why; it is for the log.
    #[error("Invalid token")]
    Invalid(#[source] VerifyError),
    /// The token was good once: 401 `token_expired`. What it said can be read.
    #[error("Token has expired")]
    Expired(Expired),
    /// The token was taken back: 401 `token_revoked`.
    #[error("Token has been revoked")]
    Revoked,
    /// The token is good and the user it is about is not there any more: 401 `user_unknown`.
    #[error("The token's user is not known")]
    UserUnknown,
    /// The token came in a cookie and the request does not prove that the user meant it: 403 `csrf_failed`.
    #[error(transparent)]
    Csrf(#[from] CsrfError),
    /// The token is good and the policy asks for more: 403 `insufficient_scope`, or 401
    /// `insufficient_user_authentication`.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The revocation list is too old to tell: 503 `revocation_stale`.
    #[error("Revocations cannot be checked at the moment, try again shortly")]
    Unavailable,
    /// The issuer's keys could not be fetched, or not for too long: 503 `keys_unavailable`.
    #[error("The issuer's keys cannot be had at the moment, try again shortly")]
    KeysUnavailable,
    /// A mistake in the application: 500 `guard_missing`. What its [`Auth`](crate::Auth) was told to do is done only
    /// below [`Auth::guard`](crate::Auth::guard), and the route is not: reading tokens from the query or the body and
    /// CSRF tokens from forms, renewal, hints.
    #[error(
        "This route is not set up to be asked: its token location, form field, renewal or hints need Auth::guard as a layer"
    )]
    GuardMissing,
    /// A mistake in the application: 500 `guard_missing`. [`FoundIn`](crate::FoundIn) is an argument before the one
    /// that asks for the token, so nobody has looked for it yet.
    #[error(
        "This route asks where the token is before it asks for the token: put FoundIn behind the other argument"
    )]
    NotLookedFor,
}

/// Why it is unclear which token a request means.
///
/// ```
/// use jeton_axum::{Malformed, Rejection};
///
/// let rejection = Rejection::from(Malformed::SchemeMissing);
/// assert_eq!((rejection.status().as_u16(), rejection.code()), (400, "invalid_request"));
/// assert_eq!(rejection.message(), "Expected 'Authorization: Bearer <token>': the word Bearer is missing");
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// More than one `Authorization` header.
    #[error("Send one Authorization header, not several")]
    SeveralAuthorizations,
    /// Bytes outside of ASCII, or control characters, in `Authorization`.
    #[error("The Authorization header holds characters that no token has")]
    AuthorizationNotAscii,
    /// A token with no scheme before it.
    #[error("Expected 'Authorization: Bearer <token>': the word Bearer is missing")]
    SchemeMissing,
    /// Something follows the token.
    #[error("Expected 'Authorization: Bearer <token>' with one token and nothing after it")]
    SeveralTokens,
    /// The token's cookie was sent twice.
    #[error("The token's cookie was sent more than once: delete this site's cookies and sign in again")]
    CookieTwice,
    /// Bytes in the token's cookie that no token has.
    #[error("The token's cookie holds characters that no token has")]
    CookieNotAscii,
    /// A header of the application's own naming that does not hold its scheme and one token.
    #[error("The token's header must hold its scheme, one token and nothing else")]
    Header,
    /// More than one header of the application's own naming.
    #[error("The token's header was sent more than once")]
    HeaderTwice,
    /// A token in each of two places (RFC 6750 §2).
    #[error("Send the token in one place, not in several")]
    SeveralPlaces,
    /// The query parameter was sent twice.
    #[error("The token's query parameter was sent more than once")]
    QueryTwice,
    /// The body says it is JSON, and is not.
    #[error("The body is not JSON")]
    BodyNotJson,
    /// The body has a member twice in one object, nests deeper than [`jeton::MAX_DEPTH`], or names a member as a
    /// JSON parser names its own (see [`jeton::json`]).
    #[error("The body has a member twice, nests too deeply, or uses a reserved name")]
    BodyUnsound,
    /// The member that should hold the token is no string.
    #[error("The token's member must be one string")]
    MemberNotText,
    /// The body is larger than the guard holds back: 413.
    #[error("The body is too large")]
    BodyTooLarge,
    /// The body broke off.
    #[error("The body could not be read to its end")]
    BodyBroken,
}

/// Why a [`Policy`](crate::Policy) denies a good token.
///
/// ```
/// use std::time::Duration;
/// use jeton_axum::{Denied, Rejection};
///
/// let rejection = Rejection::from(Denied::Stale { max_age: Duration::from_mins(5) });
/// assert_eq!((rejection.status().as_u16(), rejection.code()), (401, "insufficient_user_authentication"));
/// let challenge = rejection.challenge("api").unwrap();
/// assert!(challenge.to_str().unwrap().ends_with(r#"max_age="300""#));
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The user lacks a role: 403 `insufficient_scope`.
    #[error("The token's user may not do this")]
    Role,
    /// The token lacks a scope: 403 `insufficient_scope`, and the challenge names the scope (RFC 6750 §3).
    #[error("The token does not cover this")]
    Scope(&'static str),
    /// The user signed in too long ago: 401 `insufficient_user_authentication`, and the challenge gives the
    /// age that would do, in seconds (RFC 9470 §3).
    #[error("Sign in again to do this")]
    Stale {
        /// How long ago the sign-in may be.
        max_age: Duration,
    },
}

impl Rejection {
    /// The stable code a client may branch on: the `error` of the default body.
    ///
    /// ```
    /// # use jeton_axum::Rejection;
    /// assert_eq!(Rejection::Missing.code(), "token_missing");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "token_missing",
            Self::Malformed(_) => "invalid_request",
            Self::Invalid(_) => "invalid_token",
            Self::Expired(_) => "token_expired",
            Self::Revoked => "token_revoked",
            Self::UserUnknown => "user_unknown",
            Self::Csrf(_) => "csrf_failed",
            Self::Denied(Denied::Role | Denied::Scope(_)) => "insufficient_scope",
            Self::Denied(Denied::Stale { .. }) => "insufficient_user_authentication",
            Self::Unavailable => "revocation_stale",
            Self::KeysUnavailable => "keys_unavailable",
            Self::GuardMissing | Self::NotLookedFor => "guard_missing",
        }
    }

    /// The sentence for a person: the `message` of the default body.
    ///
    /// ```
    /// # use jeton_axum::Rejection;
    /// assert_eq!(Rejection::Revoked.message(), "Token has been revoked");
    /// ```
    #[must_use]
    pub fn message(&self) -> String {
        self.to_string()
    }

    /// The status of the answer (RFC 6750 §3.1, RFC 9470 §3).
    ///
    /// ```
    /// # use jeton_axum::Rejection;
    /// assert_eq!(Rejection::Unavailable.status(), 503);
    /// ```
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(Malformed::BodyTooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::GuardMissing | Self::NotLookedFor => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Csrf(_) | Self::Denied(Denied::Role | Denied::Scope(_)) => StatusCode::FORBIDDEN,
            Self::Missing
            | Self::Invalid(_)
            | Self::Expired(_)
            | Self::Revoked
            | Self::UserUnknown
            | Self::Denied(Denied::Stale { .. }) => StatusCode::UNAUTHORIZED,
            Self::Unavailable | Self::KeysUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The `WWW-Authenticate` header that belongs to this answer, if one does.
    ///
    /// ```
    /// # use jeton_axum::Rejection;
    /// assert_eq!(Rejection::Missing.challenge("api").unwrap(), r#"Bearer realm="api""#);
    /// assert!(Rejection::Unavailable.challenge("api").is_none());
    /// ```
    #[must_use]
    pub fn challenge(&self, realm: &str) -> Option<HeaderValue> {
        challenge::of(self, realm)
    }

    /// The body sent unless [`Auth::rejections`](crate::Auth::rejections) sets another:
    /// `{"error":"<code>","message":"<sentence>"}`.
    pub(crate) fn default_body(&self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: &'static str,
            message: String,
        }
        Json(Body {
            error: self.code(),
            message: self.message(),
        })
        .into_response()
    }

    /// Puts on an answer what no replaced body may leave out.
    pub(crate) fn seal(&self, mut response: Response, realm: Option<&str>) -> Response {
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.remove(WWW_AUTHENTICATE);
        if let Some(challenge) = realm.and_then(|realm| self.challenge(realm)) {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<VerifyError> for Rejection {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Expired { .. } => Self::Expired(Expired::default()),
            other => Self::Invalid(other),
        }
    }
}
