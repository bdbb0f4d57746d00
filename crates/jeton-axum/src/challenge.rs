//! The `WWW-Authenticate` header of RFC 6750 §3 and RFC 9470 §3.

use http::HeaderValue;

use crate::rejection::{Denied, Rejection};

/// The challenge that answers this rejection; 503 and a failed CSRF check have none.
pub(crate) fn of(rejection: &Rejection, realm: &str) -> Option<HeaderValue> {
    let error = match rejection {
        // A request that brought no token gets a challenge without an error code.
        Rejection::Missing => None,
        Rejection::Malformed(_) => Some("invalid_request"),
        Rejection::Invalid(_) | Rejection::Expired(_) | Rejection::Revoked | Rejection::UserUnknown => {
            Some("invalid_token")
        }
        Rejection::Denied(Denied::Role | Denied::Scope(_)) => Some("insufficient_scope"),
        Rejection::Denied(Denied::Stale { .. }) => Some("insufficient_user_authentication"),
        Rejection::Csrf(_)
        | Rejection::Unavailable
        | Rejection::KeysUnavailable
        | Rejection::GuardMissing
        | Rejection::NotLookedFor => return None,
    };
    let mut challenge = String::from("Bearer");
    push(&mut challenge, " realm", realm);
    if let Some(error) = error {
        push(&mut challenge, ", error", error);
        push(&mut challenge, ", error_description", &rejection.message());
    }
    match rejection {
        Rejection::Denied(Denied::Scope(scope)) => push(&mut challenge, ", scope", scope),
        Rejection::Denied(Denied::Stale { max_age }) => {
            push(&mut challenge, ", max_age", &max_age.as_secs().to_string());
        }
        _ => {}
    }
    HeaderValue::try_from(challenge).ok()
}

/// Writes `name="value"`. RFC 6750 §3 lets values hold printable ASCII but for `"` and `\`; anything else
/// becomes a `?`, so that whatever an application calls its realm, the header stays one header.
fn push(challenge: &mut String, name: &str, value: &str) {
    let allowed = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
    challenge.push_str(name);
    challenge.push_str("=\"");
    challenge.extend(value.chars().map(|c| if allowed(&c) { c } else { '?' }));
    challenge.push('"');
}
