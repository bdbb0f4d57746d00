//! The claims of the service's own tokens, as the policies and the feed read them.

use std::time::{Duration, SystemTime};

use jeton_axum::{AuthTime, Revocable, Roles, Scopes, claims::Jeton};
use serde_json::{Value, json};

fn claims(more: Value) -> Jeton {
    let mut claims = json!({ "client_id": "jeton", "uv": 7 });
    let more = serde_json::from_value::<serde_json::Map<_, _>>(more).unwrap();
    claims.as_object_mut().unwrap().extend(more);
    serde_json::from_value(claims).unwrap()
}

#[test]
fn a_role_is_one_of_the_list() {
    let editor = claims(json!({ "roles": ["editor", "author"] }));
    assert!(editor.has_role("editor") && editor.has_role("author"));
    assert!(!editor.has_role("edit") && !editor.has_role(""));
    assert!(!claims(json!({})).has_role("editor"));
}

#[test]
fn a_scope_is_a_word_of_the_text() {
    let reader = claims(json!({ "scope": "notes:read profile" }));
    assert!(reader.has_scope("notes:read") && reader.has_scope("profile"));
    assert!(!reader.has_scope("notes") && !reader.has_scope("notes:read profile"));
    assert!(!claims(json!({})).has_scope("notes:read"));
}

#[test]
fn the_time_of_signing_in_is_in_seconds() {
    let seconds = 1_800_000_000;
    let signed_in = claims(json!({ "auth_time": seconds }));
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    assert_eq!(signed_in.auth_time(), Some(time));
    for none in [json!({}), json!({ "auth_time": u64::MAX })] {
        assert_eq!(claims(none).auth_time(), None);
    }
}

#[test]
fn a_revocation_names_session_and_version() {
    let of_session = claims(json!({ "sid": "session-1" }));
    assert_eq!(
        (of_session.session(), of_session.version()),
        (Some("session-1"), Some(7))
    );
    assert_eq!(claims(json!({})).session(), None);
}
