use serde_json::json;

use crate::actors::{ANY, Application, Server};

#[tokio::test]
async fn a_refresh_token_given_back_ends_its_grant_and_an_access_token_itself_alone() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let application = Application::new(&server, &ada, "Grafana").await;
    let other = Application::new(&server, &ada, "another").await;
    let person = server.person();
    person.sign_in("ada").await;
    let tokens = application.tokens_of(&person).await;
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    for foreign in [access, refresh, "x"] {
        other
            .form("/oauth/revoke", &[("token", foreign)])
            .await
            .assert_status(200);
    }
    application.userinfo(access).await.assert_status(200);
    application
        .form("/oauth/revoke", &[("token", access)])
        .await
        .assert_status(200);
    application.userinfo(access).await.assert_status(401);
    let next = application.refresh(refresh).await;
    application
        .userinfo(next.text("access_token"))
        .await
        .assert_status(200);
    let given = [
        ("token", next.text("refresh_token")),
        ("token_type_hint", "access_token"),
    ];
    application.form("/oauth/revoke", &given).await.assert_status(200);
    application
        .userinfo(next.text("access_token"))
        .await
        .assert_status(401);
    application
        .refresh(next.text("refresh_token"))
        .await
        .assert_status(400);
}

#[tokio::test]
async fn whoever_names_no_token_or_proves_nothing_is_refused() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let application = Application::new(&server, &ada, "Grafana").await;
    let none = application.form("/oauth/revoke", &[]).await;
    none.assert(
        400,
        &json!({ "error": "invalid_request", "error_description": ANY }),
    );
    let wrong = application.with_secret(Some("wrong"));
    let reply = wrong.form("/oauth/revoke", &[("token", "x")]).await;
    reply.assert(
        401,
        &json!({ "error": "invalid_client", "error_description": ANY }),
    );
}
