//! Samples: tokens to look at, which open nothing.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jeton::json::{self, Object};
use serde_json::{Map, Value, json};

use crate::service::{Failure, Service};

/// How long a sample is good for.
const LIFETIME: Duration = Duration::from_mins(5);

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlaygroundError {
    /// A time of the payload is no number.
    #[error("`{name}` is not a number of seconds")]
    NotANumber { name: &'static str },
    #[error("the sample's time is over")]
    Expired,
    #[error("the sample's time has not come, or it is not a token's payload")]
    Invalid,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// A five-minute sample about a made-up user.
    ///
    /// # Errors
    ///
    /// [`PlaygroundError::Failed`] when it cannot be signed.
    pub fn sign_sample(&self) -> Result<String, PlaygroundError> {
        let now = self.now();
        let payload = json!({
            "id": 1,
            "username": "test",
            "iat": now.seconds(),
            "exp": now.plus(LIFETIME).seconds(),
        });
        Ok(self.sign_value(&payload)?)
    }

    /// Signs a payload as it is.
    ///
    /// # Errors
    ///
    /// [`PlaygroundError::NotANumber`] when a time in it could never be checked.
    pub fn sign_payload(&self, payload: Map<String, Value>) -> Result<String, PlaygroundError> {
        for name in ["exp", "nbf", "iat"] {
            time(&payload, name)?;
        }
        Ok(self.sign_value(&Value::Object(payload))?)
    }

    /// The payload of a token the playground signed; none when another key did.
    ///
    /// # Errors
    ///
    /// [`PlaygroundError`] when it is the playground's and not acceptable now.
    pub fn verify_sample(&self, token: &str) -> Result<Option<Map<String, Value>>, PlaygroundError> {
        let Some(payload) = self.playground().verify(token) else {
            return Ok(None);
        };
        let Object(payload) = json::from_slice(&payload).map_err(|_| PlaygroundError::Invalid)?;
        let now = seconds(self.clock.now());
        if time(&payload, "exp")?.is_some_and(|expires| now >= expires) {
            return Err(PlaygroundError::Expired);
        }
        if time(&payload, "nbf")?.is_some_and(|begins| now < begins) {
            return Err(PlaygroundError::Invalid);
        }
        Ok(Some(payload))
    }

    fn sign_value(&self, payload: &Value) -> Result<String, Failure> {
        Ok(self.playground().sign(payload.to_string().as_bytes())?)
    }
}

/// A `NumericDate` of a payload (RFC 7519 §2): seconds, with a fraction if need be.
fn time(payload: &Map<String, Value>, name: &'static str) -> Result<Option<f64>, PlaygroundError> {
    match payload.get(name) {
        None => Ok(None),
        Some(value) => value
            .as_f64()
            .map(Some)
            .ok_or(PlaygroundError::NotANumber { name }),
    }
}

fn seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}
