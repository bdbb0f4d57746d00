//! OAuth's own endpoints: form-encoded requests, and the bodies of RFC 6749. What a person sees of them is in `pages`.

mod client;
mod form;
pub(super) mod introspect;
pub(super) mod par;
pub(super) mod revoke;
pub(super) mod token;
pub(super) mod userinfo;

use http::StatusCode;

use super::error::{ApiError, ErrorCode};
use crate::{
    model::time::Timestamp,
    service::{grants::ProviderOff, keys::IdTokenError, machinery::id_tokens::NotSigning},
};

fn bad(code: ErrorCode, message: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, code, message)
}

impl From<ProviderOff> for ApiError {
    fn from(off: ProviderOff) -> Self {
        Self::new(StatusCode::NOT_FOUND, ErrorCode::ProviderOff, off.to_string())
    }
}

impl From<IdTokenError> for ApiError {
    fn from(error: IdTokenError) -> Self {
        match error {
            IdTokenError::NotSigning(NotSigning::NotYet { until, .. }) => not_yet(until),
            error => {
                tracing::error!(%error, "nothing could be signed for a client");
                Self::internal()
            }
        }
    }
}

/// The answer while the key that signs for a client is not known to everybody.
fn not_yet(until: Timestamp) -> ApiError {
    let message = format!("The key that signs for this client was made lately: it signs from {until} on");
    ApiError::try_again(ErrorCode::Unavailable, message, 60)
}
