//! The playground: tokens to look at, under a key of their own that opens nothing.

use std::time::Duration;

use jeton::{Claims, Issuer, KeyError, Unverified, Verified, Verifier, VerifyError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Failure, Service, keys::Keys};

/// The `typ` of the playground's tokens.
pub const TYP: &str = Sample::TYP;

const LIFETIME: Duration = Duration::from_mins(5);

#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Sample(Map<String, Value>);

impl Claims for Sample {
    const TYP: &'static str = "JWT";
}

/// Signs and verifies samples.
#[derive(Debug)]
pub struct Playground {
    kid: String,
    issuer: Issuer<Sample>,
    verifier: Verifier,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlaygroundError {
    #[error("the sample is not acceptable: {0}")]
    Invalid(VerifyError),
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Playground {
    pub(super) fn new(keys: &Keys) -> Result<Self, KeyError> {
        Ok(Self {
            kid: keys.current.kid().unwrap_or_default().to_owned(),
            issuer: Issuer::new(keys.current.clone(), "playground", LIFETIME),
            verifier: Verifier::builder(keys.verifying()?)
                .any_issuer()
                .any_audience()
                .build(),
        })
    }
}

impl Service {
    /// A five-minute sample about a made-up user.
    ///
    /// # Errors
    ///
    /// [`PlaygroundError`] when it cannot be signed.
    pub fn sign_sample(&self) -> Result<String, PlaygroundError> {
        let Value::Object(user) = json!({ "id": 1, "username": "test" }) else {
            return Ok(String::new());
        };
        self.sign_payload(&user)
    }

    pub fn sign_payload(&self, payload: &Map<String, Value>) -> Result<String, PlaygroundError> {
        let sample = Sample(payload.clone());
        Ok(self
            .playground
            .issuer
            .draft(&sample)
            .issue_at(self.clock.now())
            .map_err(|e| Failure::Sign(e.into()))?)
    }

    /// Whether a token says that it is the playground's.
    #[must_use]
    pub fn is_sample(&self, token: &str) -> bool {
        Unverified::parse(token).is_ok_and(|token| token.kid() == Some(&self.playground.kid))
    }

    pub fn verify_sample(&self, token: &str) -> Result<Map<String, Value>, PlaygroundError> {
        let v: Verified<Sample> = self
            .playground
            .verifier
            .verify_at(token, self.clock.now())
            .map_err(PlaygroundError::Invalid)?;
        Ok(v.into_claims().0)
    }
}
