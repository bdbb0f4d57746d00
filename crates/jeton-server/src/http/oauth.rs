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
use crate::service::grants::ProviderOff;

fn bad(code: ErrorCode, message: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, code, message)
}

impl From<ProviderOff> for ApiError {
    fn from(off: ProviderOff) -> Self {
        Self::new(StatusCode::NOT_FOUND, ErrorCode::ProviderOff, off.to_string())
    }
}
