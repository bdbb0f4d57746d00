use serde_json::json;

use super::super::super::{cast, patch, path_of};
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

#[tokio::test]
async fn no_administrator_resets_themselves_or_another() {
    let (server, ada, romel) = cast().await;
    let grace = server.admin("grace").await;
    for body in [json!({}), json!({ "force": true })] {
        let own = ada.post(&path_of(&ada, "/password-reset"), &body).await;
        own.assert_error(
            409,
            "own_account",
            "This is your own account: change its password at POST /password",
        );
        let other = ada.post(&path_of(&grace, "/password-reset"), &body).await;
        other.assert_error(
            403,
            "target_is_admin",
            "The user is an administrator; whoever has the machine makes their codes, with `jeton users \
             reset-password`",
        );
    }
    for admin in [&ada, &grace] {
        admin.assert_is_in().await;
        admin.another_session().await;
    }
    romel.assert_is_in().await;
}

#[tokio::test]
async fn a_code_made_before_is_void_for_whoever_becomes_an_administrator() {
    let (server, ada, romel) = cast().await;
    let reply = ada.post(&path_of(&romel, "/password-reset"), &json!({})).await;
    patch(&ada, &romel, json!({ "roles": ["admin"] }))
        .await
        .assert_status(200);
    let body = json!({
        "username": "Romel", "code": reply.text("code"), "new_password": "a brand new passphrase",
    });
    let used = server.visitor().post("/password/reset", &body).await;
    used.assert_error(401, "invalid_code", "Invalid username or code");

    // Whoever has no password yet gets another on the command line.
    let made = ada.post("/admin/users", &json!({ "username": "john" })).await;
    let path = format!("/admin/users/{}", made.json["user"]["id"].as_str().unwrap());
    let promoted = ada
        .call(http::Method::PATCH, &path)
        .json(&json!({ "roles": ["admin"] }));
    promoted.await.assert_status(200);
    let body = json!({
        "username": "john", "code": made.json["reset"]["code"], "new_password": "a brand new passphrase",
    });
    let used = server.visitor().post("/password/reset", &body).await;
    used.assert_error(401, "invalid_code", "Invalid username or code");
}
