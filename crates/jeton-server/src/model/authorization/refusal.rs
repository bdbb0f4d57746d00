use super::ResponseMode;

/// Why a request is answered to the person alone: it is not certain where an answer may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Doubt {
    #[error("`client_id` is missing")]
    NoClient,
    #[error("no client has this `client_id`")]
    UnknownClient,
    #[error("the client is disabled")]
    Disabled,
    #[error("the client may not sign people in: it was registered without `authorization_code`")]
    SignsNobodyIn,
    #[error("`redirect_uri` is missing")]
    NoRedirect,
    #[error("`redirect_uri` is none of those registered, character by character")]
    UnknownRedirect,
    #[error("`{0}` is there twice")]
    Twice(&'static str),
    #[error("what was pushed is unknown, used or expired: the application has to begin anew")]
    NothingPushed,
    #[error(
        "`post_logout_redirect_uri` is none of those the client registered, or it is not clear which client asks"
    )]
    UnknownSignOut,
}

/// Error codes for a client (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6, RFC 8707 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizationError {
    InvalidRequest,
    UnsupportedResponseType,
    InvalidScope,
    InvalidTarget,
    AccessDenied,
    LoginRequired,
    ConsentRequired,
    InteractionRequired,
    RequestNotSupported,
    RequestUriNotSupported,
    RegistrationNotSupported,
    TemporarilyUnavailable,
}

impl AuthorizationError {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::AccessDenied => "access_denied",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::InteractionRequired => "interaction_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }
}

/// An answer to the client that it gets nothing. It repeats nothing but the client's `state`.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub redirect_uri: String,
    pub response_mode: ResponseMode,
    pub state: Option<String>,
    pub error: AuthorizationError,
    pub description: &'static str,
}
