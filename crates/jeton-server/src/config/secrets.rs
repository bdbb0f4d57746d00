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
        Err(problem) => Err(ConfigError::WeakSecret {
            name,
            problem: problem.to_string(),
        }),
    }
}
