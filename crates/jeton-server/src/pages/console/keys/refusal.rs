use http::StatusCode;

use crate::{http::ApiError, model::key::Refusal, pages::texts::Texts, service::keys::KeyActError};

/// An act on keys that was refused for a reason that its page tells; every other failure is a page of its own.
pub(super) fn told(error: KeyActError, texts: &Texts) -> Result<(StatusCode, String), ApiError> {
    let texts = &texts.console.keys;
    let text = match error {
        KeyActError::Secret | KeyActError::NoIdTokens => texts.by_secret.to_string(),
        KeyActError::Refused(Refusal::Pending { kid, .. }) => texts.waits.with("kid", kid).to_string(),
        KeyActError::Refused(Refusal::NoKeys | Refusal::NotNeeded(_)) => texts.no_keys.to_string(),
        KeyActError::Refused(Refusal::Changed) => texts.changed.to_string(),
        error => return Err(error.into()),
    };
    Ok((StatusCode::CONFLICT, text))
}
