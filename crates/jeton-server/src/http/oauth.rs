//! OAuth's own endpoints: form-encoded requests, and the bodies of RFC 6749.

pub(super) mod token;
