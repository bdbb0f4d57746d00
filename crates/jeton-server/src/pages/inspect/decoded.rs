//! A token's own words: anybody can have written them.

use jeton::json::{self, Object};
use serde_json::{Map, Value};

use crate::model::time::Timestamp;

/// The first two parts of a token, as far as they can be read.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) header_text: Option<String>,
    pub(super) claims_text: Option<String>,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl Decoded {
    pub(super) fn of(token: &str) -> Self {
        let mut parts = token.split('.').map(text);
        let header_text = parts.next().flatten();
        let claims_text = parts.next().flatten();
        Self {
            header: object(header_text.as_deref()),
            claims: object(claims_text.as_deref()),
            header_text,
            claims_text,
        }
    }

    /// A text of the header; none where it is something else.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    /// A claim as it is shown: a text without its quotes, anything else as JSON.
    pub(super) fn claim(&self, name: &str) -> Option<String> {
        let value = self.claims.get(name)?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    pub(super) fn time(&self, name: &str) -> Option<Timestamp> {
        time(&self.claims.get(name)?.to_string())
    }
}

/// A `NumericDate` (RFC 7519 §2) as a point in time, if it is one that calendars have.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    const YEAR_10_000: f64 = 253_402_300_800.0;
    let seconds: f64 = text.parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the fraction is not shown, and the rest fits"
    )]
    (0.0..YEAR_10_000)
        .contains(&seconds)
        .then(|| Timestamp::from_seconds(seconds as i64))
}

fn text(part: &str) -> Option<String> {
    let bytes = base64_simd::URL_SAFE_NO_PAD
        .decode_to_vec(part.trim_end_matches('='))
        .ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    (!text.is_empty()).then_some(text)
}

fn object(text: Option<&str>) -> Map<String, Value> {
    let object: Option<Object> = text.and_then(|text| json::from_str(text).ok());
    object.map(|object| object.0).unwrap_or_default()
}
