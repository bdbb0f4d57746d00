use jeton::KeyError;

use super::{ConfigError, Loaded};
use crate::{
    model::time::Timestamp,
    service::keys::{PreviousSecret, Secrets, SharedSecret},
};

/// The secrets of access tokens. A weak one is refused here, before anything else.
pub(super) fn read(loaded: &Loaded) -> Result<Secrets, ConfigError> {
    Ok(Secrets {
        current: jwt_secret(loaded)?,
        previous: previous(loaded)?,
    })
}

/// The shared secret that signs access tokens, if one is set.
fn jwt_secret(loaded: &Loaded) -> Result<Option<SharedSecret>, ConfigError> {
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

const PREVIOUS: &str = "jwt-secret-previous";
const UNTIL: &str = "jwt-secret-previous-until";

/// The secret before, which only verifies, and until when.
fn previous(loaded: &Loaded) -> Result<Option<PreviousSecret>, ConfigError> {
    let Some(text) = loaded.get(PREVIOUS) else {
        loaded.require(
            UNTIL,
            !loaded.is_set(UNTIL),
            "is set without JWT_SECRET_PREVIOUS, the secret that is accepted until then",
        )?;
        return Ok(None);
    };
    loaded.require(
        PREVIOUS,
        loaded.is_set(UNTIL),
        "is set without JWT_SECRET_PREVIOUS_UNTIL: say until when what it signed is accepted, as in 2026-11-21T23:31:00Z",
    )?;
    let until: Timestamp = loaded.parse(UNTIL)?;
    let is_current = loaded.jwt_secrets.iter().any(|(_, current)| current == text);
    loaded.require(
        PREVIOUS,
        !is_current,
        "is the same as JWT_SECRET: it is for the secret before",
    )?;
    let secret = SharedSecret::new(text.to_owned());
    if let Err(error) = secret.signing_key() {
        let problem = format!("cannot have signed tokens: {}", problem(&error));
        loaded.require(PREVIOUS, false, &problem)?;
    }
    Ok(Some(PreviousSecret { secret, until }))
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
