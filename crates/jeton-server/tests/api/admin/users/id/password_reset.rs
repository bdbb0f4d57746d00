use serde_json::json;

use super::super::super::{cast, path_of};
use crate::actors::{ANY, Actor};

#[tokio::test]
async fn a_code_is_good_for_a_day_and_leaves_the_password_alone() {
    let (server, ada, romel) = cast().await;
    let expected = json!({ "code": ANY, "expires_at": server.clock().seconds() + 86_400 });
    let path = path_of(&romel, "/password-reset");
    let first = ada.post(&path, &json!({})).await;
    first.assert(200, &expected);
    let without_a_body = ada.call(http::Method::POST, &path).await;
    without_a_body.assert(200, &expected);
    assert_ne!(first.text("code"), without_a_body.text("code"));
    romel.assert_is_in().await;
    romel.another_session().await.assert_is_in().await;
}

#[tokio::test]
async fn a_forced_reset_leaves_nothing_but_the_code() {
    let (server, ada, romel) = cast().await;
    ada.post(&path_of(&romel, "/password-reset"), &json!({ "force": true }))
        .await
        .assert_status(200);
    romel.assert_is_out().await;
    let login = server.visitor().login("Romel", &romel.password).await;
    login.assert_error(401, "invalid_credentials", "Invalid username or password");
}
