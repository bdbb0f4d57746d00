//! Requests that are refused, to the client where its address is certain and to its user where not.

use base64_simd::URL_SAFE_NO_PAD;
use serde_json::json;

use super::Suite;
use crate::actors::{Answered, Asking, CALLBACK};

/// A request object without a signature, with these parameters of a request in it.
fn unsigned(asking: &Asking) -> String {
    let members: serde_json::Map<_, _> = asking
        .pairs()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode_to_string(value.to_string());
    format!("{}.{}.", part(json!({ "alg": "none" })), part(members.into()))
}

/// The parameters that OAuth itself requires beside a request object (OpenID Connect Core §6.1).
fn beside(asking: &Asking) -> Asking {
    asking.clone().without("state").without("nonce")
}

#[tokio::test]
async fn oidcc_response_type_missing() {
    let suite = Suite::start().await;
    let asking = suite.asks().without("response_type");
    let answered = Answered::of(&suite.user.open(&asking.path()).await);
    answered.assert_refused("invalid_request");
}

#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri() {
    let suite = Suite::start().await;
    let other = format!("{CALLBACK}/UsVDGjLvYm");
    let page = suite
        .user
        .open(&suite.asks().with("redirect_uri", &other).path())
        .await;
    page.assert_status(400).assert_shows("`redirect_uri`");
}

#[tokio::test]
async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported() {
    let suite = Suite::start().await;
    let at = "https://app.example/request#x";
    let asking = beside(&suite.asks()).with("request_uri", at);
    let answered = Answered::of(&suite.user.open(&asking.path()).await);
    assert_eq!(answered.one("error"), "request_uri_not_supported");
}

#[tokio::test]
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() {
    let suite = Suite::start().await;
    let asking = suite.asks();
    let asking = beside(&asking).with("request", &unsigned(&asking));
    let answered = Answered::of(&suite.user.open(&asking.path()).await);
    assert_eq!(answered.one("error"), "request_not_supported");
}

/// The address within is registered, the one beside it is not: nobody is led to either.
#[tokio::test]
async fn oidcc_ensure_request_object_with_redirect_uri() {
    let suite = Suite::start().await;
    let asking = suite.asks();
    let object = unsigned(&asking);
    let asking = asking
        .with("redirect_uri", "https://app.example/callback/other")
        .with("request", &object);
    let page = suite.user.open(&asking.path()).await;
    page.assert_status(400).assert_shows("`redirect_uri`");
}
