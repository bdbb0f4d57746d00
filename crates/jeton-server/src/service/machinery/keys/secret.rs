use std::fmt;

use aws_lc_rs::hmac;
use jeton::{KeyError, SigningKey};
use zeroize::Zeroizing;

use super::short_name;
use crate::model::time::Timestamp;

/// The secrets of the settings that access tokens are signed and verified with.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// `JWT_SECRET`. Without it the keys in the database sign.
    pub current: Option<SharedSecret>,
    pub previous: Option<PreviousSecret>,
}

/// A shared secret to sign access tokens with, HS256.
#[derive(Clone)]
pub struct SharedSecret(Zeroizing<String>);

/// `JWT_SECRET_PREVIOUS`, whose tokens are accepted for a while.
#[derive(Clone, Debug)]
pub struct PreviousSecret {
    pub secret: SharedSecret,
    pub until: Timestamp,
}

impl SharedSecret {
    #[must_use]
    pub fn new(secret: String) -> Self {
        Self(Zeroizing::new(secret))
    }

    /// The key, named by a MAC under its secret, which gives nothing of it away.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when the secret is too short or is no secret at all.
    pub fn signing_key(&self) -> Result<SigningKey, KeyError> {
        let key = SigningKey::hs256(self.0.as_bytes())?;
        let name = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_bytes());
        let name = hmac::sign(&name, b"jeton key id");
        Ok(key.with_kid(short_name("hs256", name.as_ref())))
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(..)")
    }
}
