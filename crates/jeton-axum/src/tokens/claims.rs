//! Claims of an application's tokens.

use std::fmt;

use jeton::{Claims, IssueError, json::Object};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

/// The claims of a refresh token: none but those it was created with.
///
/// A route that takes `Bearer<Refresh>` takes refresh tokens only, and one that takes `Bearer<Access>` takes
/// none of them: the header's `typ`, `rt+jwt` here, is part of the proof.
///
/// ```
/// # use jeton_axum::{Bearer, Refresh};
/// async fn refresh(Bearer(token): Bearer<Refresh>) -> String {
///     format!("a new token for {}", token.subject().unwrap_or_default())
/// }
/// ```
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Refresh {
    additional: Object,
}

impl Claims for Refresh {
    const TYP: &'static str = "rt+jwt";
}

impl Refresh {
    /// A claim the token was created with.
    ///
    /// ```
    /// # use jeton_axum::{Bearer, Refresh};
    /// fn device(token: &Bearer<Refresh>) -> Option<&str> {
    ///     token.0.claims().get("device")?.as_str()
    /// }
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.additional.0.get(name)
    }
}

impl From<Map<String, Value>> for Refresh {
    fn from(additional: Map<String, Value>) -> Self {
        Self {
            additional: additional.into(),
        }
    }
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.additional.0.keys()).finish()
    }
}

/// A user's claims with those of one call laid over them.
pub(super) enum Merged<C> {
    Plain(C),
    Over(Map<String, Value>),
}

impl<C: Claims + Serialize> Merged<C> {
    pub(super) fn new(claims: C, additional: Map<String, Value>) -> Result<Self, IssueError> {
        if additional.is_empty() {
            return Ok(Self::Plain(claims));
        }
        let value = serde_json::to_value(&claims).map_err(|error| IssueError::Claims(error.to_string()))?;
        let Value::Object(mut merged) = value else {
            return Err(IssueError::NotAnObject);
        };
        merged.extend(additional);
        Ok(Self::Over(merged))
    }
}

impl<C: Claims> Claims for Merged<C> {
    const TYP: &'static str = C::TYP;
}

impl<C: Serialize> Serialize for Merged<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(claims) => claims.serialize(serializer),
            Self::Over(merged) => merged.serialize(serializer),
        }
    }
}
