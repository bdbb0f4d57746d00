use http::StatusCode;

use crate::{
    http::error::{ApiError, ErrorCode},
    model::authorization::Parameters,
};

/// The parameters of an OAuth request. One that is sent without a value counts as left out; none may be there twice
/// (RFC 6749 §3.2).
pub(super) struct Form(pub(super) Parameters);

impl Form {
    pub(super) fn new(pairs: Vec<(String, String)>) -> Self {
        Self(Parameters::new(pairs))
    }

    pub(super) fn one(&self, name: &'static str) -> Result<Option<&str>, ApiError> {
        self.0.one(name).map_err(|_| wrong(name, "is there twice"))
    }

    pub(super) fn needed(&self, name: &'static str) -> Result<&str, ApiError> {
        self.one(name)?.ok_or_else(|| wrong(name, "is missing"))
    }

    /// The values of a parameter that may be there more than once.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.0.all(name).map(str::to_owned).collect()
    }
}

fn wrong(name: &'static str, problem: &str) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::InvalidRequest,
        format!("`{name}` {problem}"),
    )
}
