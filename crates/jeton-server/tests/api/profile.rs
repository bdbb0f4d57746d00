use serde_json::{Value, json};

use crate::actors::{Actor, Server};

#[tokio::test]
async fn it_shows_a_user_to_themselves() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let profile = json!({ "id": romel.id, "username": "Romel", "email": Value::Null, "roles": [] });
    romel.get("/profile").await.assert(200, &profile);
}

#[tokio::test]
async fn it_shows_the_record_as_it_is_now_not_as_the_token_has_it() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    assert_eq!(ada.get("/profile").await.json["roles"], json!(["admin"]));
    server
        .sql("UPDATE users SET roles = 'editor', email = 'ada@example.org'")
        .await;
    let profile = json!({ "id": ada.id, "username": "ada", "email": "ada@example.org", "roles": ["editor"] });
    ada.get("/profile").await.assert(200, &profile);
}

#[tokio::test]
async fn a_token_of_a_user_who_is_gone_is_refused() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    server.sql("DELETE FROM users").await;
    romel
        .get("/profile")
        .await
        .assert_error(401, "token_revoked", "Token has been revoked");
}

#[tokio::test]
async fn nobody_else_is_let_in() {
    let visitor = Server::start().await.visitor();
    visitor
        .get("/profile")
        .await
        .assert_error(401, "token_missing", "Token is missing");
}

#[tokio::test]
async fn in_cookie_mode_it_has_the_csrf_token_and_with_a_bearer_token_none() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let browser = server.browser();
    browser.login("Romel", &romel.password).await.assert_status(200);
    let profile = json!({
        "id": romel.id, "username": "Romel", "email": Value::Null, "roles": [],
        "csrf_token": browser.cookie("jeton_csrf").unwrap(),
    });
    browser.get("/profile").await.assert(200, &profile);
    let by_header = browser.get("/profile").bearer(&romel.access).await;
    assert_eq!(by_header.json["csrf_token"], Value::Null);
}
