//! The one error every failure becomes, and its codes.

mod over;

use std::{borrow::Cow, fmt, time::Duration};

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use jeton_axum::{Denied, Rejection};
use serde::Serialize;
use utoipa::ToSchema;

pub(super) use self::over::SessionOver;
use crate::{
    model::{
        claims::ClaimsError, email::EmailError, password::PasswordError, role::RoleError,
        username::UsernameError,
    },
    service::Failure,
    store::StoreError,
};

/// Declares the codes, and lists them with what they mean.
macro_rules! error_codes {
    ($($(#[doc = $meaning:literal])+ $code:ident,)+) => {
        /// The stable name of what went wrong: what a program branches on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum ErrorCode {
            $($(#[doc = $meaning])+ $code,)+
        }

        impl ErrorCode {
            /// Every code, with its status and meaning.
            pub const ALL: &[(Self, &'static str)] = &[$((Self::$code, concat!($($meaning),+))),+];
        }
    };
}

error_codes! {
    /// 422: a member is missing, has the wrong type or a value that cannot be. 400: the `Authorization` header
    /// does not say clearly which token is meant (RFC 6750 §3.1). 400, 414, 431: the request cannot be read, could be
    /// read in two ways, or its head is too long.
    InvalidRequest,
    /// 400: the body is not JSON, or nests deeper than 32 levels.
    MalformedJson,
    /// 400: the body broke off before its end.
    IncompleteBody,
    /// 415: the body is not said to be JSON.
    UnsupportedMediaType,
    /// 413: the body is over the limit.
    PayloadTooLarge,
    /// 408: the request did not arrive in time.
    RequestTimeout,
    /// 404: there is no such route.
    NotFound,
    /// 405: the route does not know this method.
    MethodNotAllowed,
    /// 400: the name, or one that looks like it, belongs to somebody.
    UsernameTaken,
    /// 422: the password is too short, a common one, blank, or the name of its owner or of the service.
    WeakPassword,
    /// 403: nobody may register here.
    RegistrationClosed,
    /// 401: the name or the password is wrong; which, nobody is told.
    InvalidCredentials,
    /// 429: too many attempts under this name, from this address or in this session; try again after the seconds in `Retry-After`.
    TooManyAttempts,
    /// 401: the name or the reset code is wrong, or the code is used up or too old; which, nobody is told.
    InvalidCode,
    /// 401: a token is needed and there is none.
    TokenMissing,
    /// 401: the token is not one of this service's.
    InvalidToken,
    /// 401: the token's time is over.
    TokenExpired,
    /// 401: the token was revoked, or its session has ended.
    TokenRevoked,
    /// 401: the refresh token was used before; its session has ended.
    TokenReused,
    /// 403: a cookie authenticated the request and the CSRF token is missing or wrong.
    CsrfFailed,
    /// 403: another site's page sent the request.
    CrossSite,
    /// 403: the token does not allow this.
    InsufficientScope,
    /// 401: the sign-in is too long ago for this (RFC 9470).
    InsufficientUserAuthentication,
    /// 403: administrators' tokens come from their own login alone, and their reset codes from whoever has the machine.
    TargetIsAdmin,
    /// 409: administrators do not take the role from themselves, nor disable, delete or reset themselves.
    OwnAccount,
    /// 409: this is the last administrator, and there must be one.
    LastAdmin,
    /// 404: there is no such user.
    UserNotFound,
    /// 404: the user has no such live session.
    SessionNotFound,
    /// 404: there is no client of that id.
    ClientNotFound,
    /// 404: `client_not_found`, by the name it has below `/admin/service-accounts`.
    ServiceAccountNotFound,
    /// 409: the name belongs to another client.
    NameTaken,
    /// 409: a key is not put in the place of another now, and the sentence says why.
    KeyConflict,
    /// 401: the client is unknown, its secret wrong, or it is disabled (RFC 6749 §5.2).
    InvalidClient,
    /// 400: the refresh token is good for nothing (RFC 6749 §5.2).
    InvalidGrant,
    /// 400: this client may not use this grant (RFC 6749 §5.2).
    UnauthorizedClient,
    /// 400: there is no such grant here (RFC 6749 §5.2).
    UnsupportedGrantType,
    /// 400: the client may not have this scope (RFC 6749 §5.2).
    InvalidScope,
    /// 400: the token is not to be had for this resource (RFC 8707 §2).
    InvalidTarget,
    /// 400: there is one response type, `code` (RFC 6749 §4.1.2.1).
    UnsupportedResponseType,
    /// 404: there is no OpenID provider beside a shared secret, nor without pages.
    ProviderOff,
    /// 503: this node has not heard of revocations for too long to tell; try again after the seconds in `Retry-After`.
    RevocationStale,
    /// 503: this node's clock is too far from its database's to decide anything by it; try again, elsewhere if you can.
    ClockOff,
    /// 503: this node cannot open a key that the others sign with; only `/readyz` says so.
    KeyMissing,
    /// 503: too much at once; try again after the seconds in `Retry-After`.
    Overloaded,
    /// 503: the database does not answer; try again after the seconds in `Retry-After`.
    Unavailable,
    /// 503: the database is being moved and takes nothing new; try again after the seconds in `Retry-After`.
    ReadOnly,
    /// 503: the database's disk is full or fails: nothing is written, and what only reads goes on.
    DatabaseFull,
    /// 503: the database is damaged; whoever runs the service has to bring back a back-up.
    DatabaseDamaged,
    /// 503: the database's file was deleted or replaced while the service had it open: nothing is written.
    DatabaseGone,
    /// 500: something is broken here, and the log says what.
    InternalError,
}

/// The name as it stands in bodies.
impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// The protection space that challenges name.
pub(super) const REALM: &str = "jeton";

/// A failure as the client gets to know it.
#[derive(Clone, Debug)]
pub struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) code: ErrorCode,
    pub(crate) message: Cow<'static, str>,
    /// Why the session is over, where the request held a token of it.
    pub(super) over: Option<SessionOver>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            over: None,
            headers: Vec::new(),
        }
    }

    /// A well-formed request that asks for what cannot be.
    pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            ErrorCode::InvalidRequest,
            message,
        )
    }

    /// A 401 that names the way in (RFC 9110 §11.6.1 asks for a challenge on every one).
    pub(super) fn unauthorized(code: ErrorCode, message: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, message).with(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"jeton\""),
        )
    }

    /// A 401 about a token that was sent (RFC 6750 §3.1).
    pub(super) fn bad_token(code: ErrorCode, message: &'static str) -> Self {
        const INVALID: HeaderValue =
            HeaderValue::from_static("Bearer realm=\"jeton\", error=\"invalid_token\"");
        Self::new(StatusCode::UNAUTHORIZED, code, message).with(header::WWW_AUTHENTICATE, INVALID)
    }

    /// The 401 to a request without a token that is needed.
    pub(crate) fn token_missing() -> Self {
        Self::unauthorized(ErrorCode::TokenMissing, "Token is missing")
    }

    pub(crate) fn forbidden(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// A password that cannot be chosen, in this member of the body.
    pub(super) fn unfit_password(error: &PasswordError, member: &str) -> Self {
        let code = match error {
            PasswordError::TooLong | PasswordError::Control => ErrorCode::InvalidRequest,
            PasswordError::TooShort { .. }
            | PasswordError::Common
            | PasswordError::Blank
            | PasswordError::Username
            | PasswordError::Email
            | PasswordError::Service => ErrorCode::WeakPassword,
        };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, error.about(member))
    }

    pub(super) fn username_taken() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            ErrorCode::UsernameTaken,
            "Username already exists",
        )
    }

    pub(crate) fn try_again(code: ErrorCode, message: impl Into<Cow<'static, str>>, seconds: u16) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message).with(header::RETRY_AFTER, seconds.into())
    }

    /// A 429 with `Retry-After` in whole seconds.
    pub(super) fn too_many_attempts(message: impl Into<Cow<'static, str>>, left: Duration) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, ErrorCode::TooManyAttempts, message)
            .with(header::RETRY_AFTER, whole_seconds(left).into())
    }

    /// The same, with the time in the sentence too.
    pub(crate) fn too_many_attempts_for_now(reason: &str, left: Duration) -> Self {
        let seconds = whole_seconds(left);
        let unit = if seconds == 1 { "second" } else { "seconds" };
        Self::too_many_attempts(format!("{reason}: try again in {seconds} {unit}"), left)
    }

    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            ErrorCode::InternalError,
            "Something is broken here; the log of the service has this request's id",
        )
    }

    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Says with it why the session of the request's token is over.
    pub(super) fn because(mut self, over: SessionOver) -> Self {
        self.over = Some(over);
        self
    }

    /// The guard's refusals in this service's words.
    pub(super) fn guard_response(rejection: &Rejection) -> Response {
        Self::from(rejection).into_response()
    }
}

/// Rounded up: whoever waits so long has waited long enough.
fn whole_seconds(left: Duration) -> u64 {
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

/// Only the status and headers are written here: the body, which names the request, is written once, at the
/// edge, by `middleware::errors`.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        for (name, value) in &self.headers {
            response.headers_mut().append(name.clone(), value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<&Rejection> for ApiError {
    fn from(rejection: &Rejection) -> Self {
        let code = match rejection {
            Rejection::Missing => ErrorCode::TokenMissing,
            Rejection::Malformed(_) => ErrorCode::InvalidRequest,
            Rejection::Expired(_) => ErrorCode::TokenExpired,
            Rejection::Revoked => ErrorCode::TokenRevoked,
            Rejection::Csrf(_) => ErrorCode::CsrfFailed,
            Rejection::Denied(Denied::Stale { .. }) => ErrorCode::InsufficientUserAuthentication,
            Rejection::Denied(_) => ErrorCode::InsufficientScope,
            Rejection::Invalid(_) | Rejection::UserUnknown => ErrorCode::InvalidToken,
            Rejection::Unavailable => ErrorCode::RevocationStale,
            Rejection::KeysUnavailable => ErrorCode::Unavailable,
            // A mistake in the routes, or a refusal that nobody has thought of here: no fault of the token's.
            _ => {
                tracing::error!(error = %rejection, "the guard refused a request for an unforeseen reason");
                return Self::internal();
            }
        };
        let error = match rejection.status() {
            StatusCode::SERVICE_UNAVAILABLE => Self::try_again(code, rejection.message(), 1),
            status => Self::new(status, code, rejection.message()),
        };
        match rejection.challenge(REALM) {
            Some(challenge) => error.with(header::WWW_AUTHENTICATE, challenge),
            None => error,
        }
    }
}

impl From<Rejection> for ApiError {
    fn from(rejection: Rejection) -> Self {
        Self::from(&rejection)
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Busy(_) => Self::try_again(
                ErrorCode::Overloaded,
                "Too many sign-ins at this moment, try again shortly",
                2,
            ),
            // They were one when the request began.
            Failure::Store(StoreError::NotAdministrator) => Self::from(&Rejection::Denied(Denied::Role)),
            Failure::Changing => Self::try_again(
                ErrorCode::Overloaded,
                "The account is being changed at this moment, try again shortly",
                1,
            ),
            Failure::Store(StoreError::Corrupt(_) | StoreError::Panicked)
            | Failure::Sign(_)
            | Failure::Seal(_)
            | Failure::Random(_) => {
                tracing::error!(error = %failure, "request failed");
                Self::internal()
            }
            Failure::Store(StoreError::ReadOnly) => {
                tracing::warn!(error = %failure, "nothing was written");
                Self::try_again(
                    ErrorCode::ReadOnly,
                    "The database is being moved and takes nothing new, try again shortly",
                    5,
                )
            }
            Failure::Store(error) => {
                tracing::error!(%error, "the database failed");
                let (code, message) = match error {
                    StoreError::Full(_) => {
                        (ErrorCode::DatabaseFull, "The database takes nothing new for now")
                    }
                    StoreError::Damaged(_) => (ErrorCode::DatabaseDamaged, "The database is damaged"),
                    StoreError::Gone(_) => (ErrorCode::DatabaseGone, "The database is gone"),
                    _ => (
                        ErrorCode::Unavailable,
                        "The database does not answer, try again shortly",
                    ),
                };
                Self::try_again(code, message, 5)
            }
        }
    }
}

impl From<UsernameError> for ApiError {
    fn from(error: UsernameError) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<EmailError> for ApiError {
    fn from(error: EmailError) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<ClaimsError> for ApiError {
    fn from(error: ClaimsError) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<RoleError> for ApiError {
    fn from(_: RoleError) -> Self {
        Self::invalid("A role is 1 to 64 characters of a-z, 0-9, '-', '_', '.' and ':'")
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        Self::unfit_password(&error, "password")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wrong_with_the_token_is_called_invalid_token() {
        let told = |rejection: Rejection| {
            let error = ApiError::from(rejection);
            (error.status.as_u16(), error.code)
        };
        assert_eq!(
            told(Rejection::Invalid(jeton::VerifyError::InvalidSignature)),
            (401, ErrorCode::InvalidToken)
        );
        assert_eq!(told(Rejection::KeysUnavailable), (503, ErrorCode::Unavailable));
        for mistake in [Rejection::GuardMissing, Rejection::NotLookedFor] {
            assert_eq!(told(mistake), (500, ErrorCode::InternalError));
        }
    }
}
