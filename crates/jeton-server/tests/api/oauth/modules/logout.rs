//! RP-initiated logout.

use aws_lc_rs::hmac;
use base64_simd::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Flow, ISSUER, Suite, plain};
use crate::actors::{Answered, Page};

const BYE: &str = "https://app.example/bye";

/// Somebody who has signed in to the client.
async fn signed_in() -> (Suite, Flow) {
    let suite = Suite::start().await;
    let flow = suite.flow(&suite.asks()).await;
    (suite, flow)
}

async fn leave(suite: &Suite, pairs: &[(&str, &str)]) -> Page {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    suite
        .user
        .open(&format!("/oauth/logout?{}", query.finish()))
        .await
}

/// That a request in silence gets a code, or that nobody is signed in.
async fn assert_signed_in(suite: &Suite, still: bool) {
    let silent = suite.asks().with("prompt", "none");
    let answered = Answered::of(&suite.user.open(&silent.path()).await);
    if still {
        answered.one("code");
    } else {
        answered.assert_refused("login_required");
    }
}

/// That the user is told what is wrong, is led nowhere, and stays signed in.
async fn assert_told(suite: &Suite, pairs: &[(&str, &str)]) {
    let page = leave(suite, pairs).await;
    page.assert_status(400).assert_hides("app.example/");
    assert_signed_in(suite, true).await;
}

/// That the user is asked, and signed out once they say so.
async fn assert_asked(suite: &Suite, pairs: &[(&str, &str)]) {
    let page = leave(suite, pairs).await;
    page.assert_status(200).assert_shows("Sign out here?");
    assert_signed_in(suite, true).await;
    let page = leave(suite, pairs).await;
    let asked = plain(page.value_of("asked").unwrap());
    let done = suite.user.send_through("/signout", &[("asked", &asked)]).await;
    done.assert_status(200).assert_shows("signed out");
    assert_signed_in(suite, false).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout() {
    let (suite, flow) = signed_in().await;
    let page = leave(
        &suite,
        &[
            ("id_token_hint", flow.tokens.text("id_token")),
            ("post_logout_redirect_uri", BYE),
            ("state", "gone"),
        ],
    )
    .await;
    assert_eq!(page.location(), "https://app.example/bye?state=gone");
    assert_signed_in(&suite, false).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_state() {
    let (suite, flow) = signed_in().await;
    let page = leave(
        &suite,
        &[
            ("id_token_hint", flow.tokens.text("id_token")),
            ("post_logout_redirect_uri", BYE),
        ],
    )
    .await;
    assert_eq!(page.location(), BYE);
    assert_signed_in(&suite, false).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    let (suite, flow) = signed_in().await;
    let pairs = [
        ("id_token_hint", flow.tokens.text("id_token")),
        ("post_logout_redirect_uri", "https://app.example/byeUsVDGj"),
        ("state", "gone"),
    ];
    assert_told(&suite, &pairs).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri() {
    let (suite, flow) = signed_in().await;
    let pairs = [
        ("id_token_hint", flow.tokens.text("id_token")),
        ("post_logout_redirect_uri", "https://app.example/bye?foo=bar"),
        ("state", "gone"),
    ];
    assert_told(&suite, &pairs).await;
}

/// The header says `none`, and the signature is gone.
#[tokio::test]
async fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    let (suite, flow) = signed_in().await;
    let claims = flow.tokens.text("id_token").split('.').nth(1).unwrap();
    let modified = format!("{}.{claims}.", part(&json!({ "alg": "none" })));
    let pairs = [
        ("id_token_hint", &*modified),
        ("post_logout_redirect_uri", BYE),
        ("state", "gone"),
    ];
    assert_told(&suite, &pairs).await;
}

/// The client made it itself, signed with its secret.
#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    let (suite, _) = signed_in().await;
    let now = suite.server.clock().seconds();
    let header = part(&json!({ "alg": "HS256" }));
    let claims = part(&json!({
        "iss": ISSUER, "aud": suite.client.id, "sub": "bo", "iat": now, "exp": now + 300,
    }));
    let secret = suite.client.secret.as_deref().unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = hmac::sign(&key, format!("{header}.{claims}").as_bytes());
    let signature = URL_SAFE_NO_PAD.encode_to_string(signature);
    let pairs = [
        ("id_token_hint", &*format!("{header}.{claims}.{signature}")),
        ("post_logout_redirect_uri", BYE),
        ("state", "gone"),
    ];
    assert_told(&suite, &pairs).await;
}

/// Nothing says whose address it is.
#[tokio::test]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    let (suite, _) = signed_in().await;
    let pairs = [("post_logout_redirect_uri", BYE), ("state", "gone")];
    assert_told(&suite, &pairs).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_params() {
    let (suite, _) = signed_in().await;
    assert_asked(&suite, &[]).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_only_state() {
    let (suite, _) = signed_in().await;
    assert_asked(&suite, &[("state", "gone")]).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    let (suite, flow) = signed_in().await;
    let pairs = [("id_token_hint", flow.tokens.text("id_token")), ("state", "gone")];
    let page = leave(&suite, &pairs).await;
    assert_eq!(page.location(), "/signout");
    let done = suite.user.open(page.location()).await;
    done.assert_status(200).assert_shows("signed out");
    assert_signed_in(&suite, false).await;
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode_to_string(value.to_string())
}
