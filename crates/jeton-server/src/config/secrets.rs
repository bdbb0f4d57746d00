use jeton::KeyError;

use super::{
    ConfigError, Loaded,
    samples::is_sample,
    settings::{JWT_SECRET, JWT_SECRET_KEY, JWT_SECRET_PREVIOUS, JWT_SECRET_PREVIOUS_UNTIL},
};
use crate::service::machinery::keys::{PreviousSecret, Secrets, SharedSecret};

/// The secrets of access tokens. A weak one is refused here, before anything else.
pub(super) fn read(loaded: &Loaded) -> Result<Secrets, ConfigError> {
    Ok(Secrets {
        current: jwt_secret(loaded)?,
        previous: previous(loaded)?,
    })
}

/// The shared secret that signs access tokens, if one is set.
fn jwt_secret(loaded: &Loaded) -> Result<Option<SharedSecret>, ConfigError> {
    let texts = (loaded.optional(&JWT_SECRET)?, loaded.optional(&JWT_SECRET_KEY)?);
    let (name, text) = match texts {
        (None, None) => return Ok(None),
        (Some(one), Some(other)) if one != other => return Err(ConfigError::TwoSecrets),
        (Some(text), _) => ("JWT_SECRET", text),
        (None, Some(text)) => ("JWT_SECRET_KEY", text),
    };
    match good(&text) {
        Ok(secret) => Ok(Some(secret)),
        Err(problem) => Err(ConfigError::WeakSecret { name, problem }),
    }
}

/// The secret before, which only verifies, and until when.
fn previous(loaded: &Loaded) -> Result<Option<PreviousSecret>, ConfigError> {
    let Some(text) = loaded.optional(&JWT_SECRET_PREVIOUS)? else {
        loaded.require(
            &JWT_SECRET_PREVIOUS_UNTIL,
            !loaded.is_set(&JWT_SECRET_PREVIOUS_UNTIL),
            "is set without JWT_SECRET_PREVIOUS, the secret that is accepted until then",
        )?;
        return Ok(None);
    };
    let Some(until) = loaded.optional(&JWT_SECRET_PREVIOUS_UNTIL)? else {
        return Err(loaded.wrong(
            &JWT_SECRET_PREVIOUS,
            "is set without JWT_SECRET_PREVIOUS_UNTIL: say until when what it signed is accepted, as in 2026-11-21T23:31:00Z",
        ));
    };
    let current = [loaded.optional(&JWT_SECRET)?, loaded.optional(&JWT_SECRET_KEY)?];
    loaded.require(
        &JWT_SECRET_PREVIOUS,
        !current.iter().flatten().any(|current| *current == text),
        "is the same as JWT_SECRET: it is for the secret before",
    )?;
    let secret = good(&text).map_err(|problem| {
        loaded.wrong(
            &JWT_SECRET_PREVIOUS,
            &format!("is no key whose tokens can be believed: {problem}"),
        )
    })?;
    Ok(Some(PreviousSecret { secret, until }))
}

/// The secret, unless it is none: too short, a key file, or known to everybody.
fn good(text: &str) -> Result<SharedSecret, String> {
    let secret = SharedSecret::new(text.to_owned());
    secret.signing_key().map_err(|error| problem(&error))?;
    if is_sample(text) {
        return Err("it is a sample that documents and tutorials print, so everybody knows it".to_owned());
    }
    Ok(secret)
}

/// The reason a secret is refused; how to make a better one is said once, by the error.
fn problem(error: &KeyError) -> String {
    match error {
        KeyError::SecretTooShort { actual, minimum, .. } => {
            format!("it has {actual} bytes and HS256 needs at least {minimum}")
        }
        other => other.to_string(),
    }
}
