//! Claims, by scopes and by name, and parameters that must not be in anybody's way.

use serde_json::json;

use super::{Flow, Suite, names};

/// What the userinfo endpoint tells for these scopes.
async fn told(suite: &Suite, scope: &str) -> serde_json::Value {
    let flow = suite.flow(&suite.asks().with("scope", scope)).await;
    assert_eq!(flow.tokens.text("scope"), scope);
    told_by(suite, &flow).await
}

async fn told_by(suite: &Suite, flow: &Flow) -> serde_json::Value {
    let access = flow.tokens.text("access_token");
    suite.client.userinfo(access).await.json
}

#[tokio::test]
async fn oidcc_scope_profile() {
    let claims = told(&Suite::start().await, "openid profile").await;
    assert_eq!(
        (&claims["name"], &claims["preferred_username"]),
        (&json!("bo"), &json!("bo"))
    );
    assert!(claims.get("email").is_none(), "{claims}");
}

#[tokio::test]
async fn oidcc_scope_email() {
    let suite = Suite::start().await;
    let flow = suite.flow(&suite.asks().with("scope", "openid email")).await;
    let claims = told_by(&suite, &flow).await;
    assert_eq!(names(&claims), ["email", "email_verified", "sub"].into());
    assert_eq!(claims["email"], "bo@example.org");
    assert!(flow.id.get("name").is_none(), "{}", flow.id);
}

/// Nobody has an address here: the request is understood, and gives what there is.
#[tokio::test]
async fn oidcc_scope_address() {
    let claims = told(&Suite::start().await, "openid address").await;
    assert_eq!(names(&claims), ["sub"].into());
}

#[tokio::test]
async fn oidcc_scope_phone() {
    let claims = told(&Suite::start().await, "openid phone").await;
    assert_eq!(names(&claims), ["sub"].into());
}

#[tokio::test]
async fn oidcc_scope_all() {
    let claims = told(&Suite::start().await, "openid profile email address phone").await;
    let expected = ["email", "email_verified", "name", "preferred_username", "sub"];
    assert_eq!(names(&claims), expected.into());
}

/// Parameters and scopes in the reverse order.
#[tokio::test]
async fn oidcc_alternate_happy_flow() {
    let suite = Suite::start().await;
    let asking = suite.asks().with("scope", "email openid").reversed();
    let flow = suite.flow(&asking).await;
    assert_eq!(told_by(&suite, &flow).await["email"], "bo@example.org");
}

/// A claim by its name brings the scope that holds it, which its user was asked about.
#[tokio::test]
async fn oidcc_claims_essential() {
    let suite = Suite::start().await;
    let claims = r#"{"userinfo":{"name":{"essential":true}}}"#;
    let flow = suite.flow(&suite.asks().with("claims", claims)).await;
    let told = told_by(&suite, &flow).await;
    assert_eq!(names(&told), ["name", "preferred_username", "sub"].into());
}

#[tokio::test]
async fn oidcc_claims_locales() {
    let suite = Suite::start().await;
    suite.flow(&suite.asks().with("claims_locales", "se")).await;
}

#[tokio::test]
async fn oidcc_ui_locales() {
    let suite = Suite::start().await;
    suite.flow(&suite.asks().with("ui_locales", "se")).await;
}

#[tokio::test]
async fn oidcc_display_page() {
    let suite = Suite::start().await;
    suite.flow(&suite.asks().with("display", "page")).await;
}

#[tokio::test]
async fn oidcc_display_popup() {
    let suite = Suite::start().await;
    suite.flow(&suite.asks().with("display", "popup")).await;
}

/// The levels asked for are a wish: the answer says which one it was.
#[tokio::test]
async fn oidcc_ensure_request_with_acr_values_succeeds() {
    let suite = Suite::start().await;
    let known = suite.flow(&suite.asks().with("acr_values", "urn:jeton:1")).await;
    assert_eq!(known.id["acr"], "urn:jeton:1");
    let unknown = suite.flow(&suite.asks().with("acr_values", "1 2")).await;
    assert_eq!(unknown.id["acr"], "urn:jeton:1");
}
