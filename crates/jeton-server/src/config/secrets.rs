use jeton::KeyError;

use super::{ConfigError, Loaded};
use crate::service::keys::SharedSecret;

/// The shared secret that signs access tokens, if one is set. A weak one is refused here, before anything else.
pub(super) fn jwt_secret(loaded: &Loaded) -> Result<Option<SharedSecret>, ConfigError> {
    let (name, secret) = match &loaded.jwt_secrets[..] {
        [] => return Ok(None),
        [(_, one), (_, other)] if one != other => return Err(ConfigError::TwoSecrets),
        [(name, secret), ..] => (*name, SharedSecret::new(secret.clone())),
    };
    match secret.signing_key() {
        Ok(_) => Ok(Some(secret)),
        Err(error) => Err(ConfigError::WeakSecret {
            name,
            problem: problem(&error),
        }),
    }
}

/// What is wrong with it; how to make a better one is said once, by the error.
fn problem(error: &KeyError) -> String {
    match error {
        KeyError::SecretTooShort { actual, minimum, .. } => {
            format!("it has {actual} bytes and HS256 needs at least {minimum}")
        }
        other => other.to_string(),
    }
}
