use http::Method;
use serde_json::json;

use crate::actors::{Actor, Application, Program, Server, SignedIn, claims_of, header_of};

#[tokio::test]
async fn a_good_token_is_told_and_of_any_other_nothing_but_that() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let application = Application::new(&server, &ada, "Grafana").await;
    let api = Application::new(&server, &ada, "api").await;
    let person = server.person();
    person.sign_in("ada").await;
    let tokens = application.tokens_of(&person).await;
    let access = tokens.text("access_token");
    let claims = claims_of(access);
    let told = api.introspect(access).await;
    told.assert(
        200,
        &json!({
            "active": true,
            "token_type": "Bearer",
            "iss": claims["iss"],
            "sub": claims["sub"],
            "aud": claims["aud"],
            "exp": claims["exp"],
            "iat": claims["iat"],
            "nbf": claims["nbf"],
            "jti": claims["jti"],
            "client_id": application.id,
            "sid": claims["sid"],
            "auth_time": claims["auth_time"],
            "username": "ada",
            "scope": "openid profile",
        }),
    );
    assert_eq!(told.header("cache-control"), "no-store");
    let refresh = tokens.text("refresh_token");
    assert_eq!(application.introspect(refresh).await.json["active"], true);
    assert_eq!(
        application.introspect(refresh).await.json["client_id"],
        application.id
    );
    let inactive = json!({ "active": false });
    api.introspect(refresh).await.assert(200, &inactive);
    for nothing in ["x", "a.b.c", tokens.text("id_token")] {
        api.introspect(nothing).await.assert(200, &inactive);
    }
    application
        .form("/oauth/revoke", &[("token", refresh)])
        .await
        .assert_status(200);
    api.introspect(access).await.assert(200, &inactive);
    application.introspect(refresh).await.assert(200, &inactive);
}

#[tokio::test]
async fn tokens_of_programs_and_of_the_services_own_sessions_are_told_too() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let program = Program::new(&server, &ada, "billing", &["invoices:read"]).await;
    let api = Application::new(&server, &ada, "api").await;
    let told = api.introspect(&program.access).await;
    assert_eq!(
        (&told.json["active"], &told.json["scope"]),
        (&json!(true), &json!("invoices:read"))
    );
    let bo: SignedIn = server.signed_up("bo").await;
    let told = api.introspect(&bo.access).await;
    assert_eq!(
        (&told.json["active"], &told.json["username"]),
        (&json!(true), &json!("bo"))
    );
}

#[tokio::test]
async fn whoever_asks_for_a_signed_answer_by_name_gets_one() {
    const SIGNED: &str = "application/token-introspection+jwt";
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let application = Application::new(&server, &ada, "Grafana").await;
    let api = Application::new(&server, &ada, "api").await;
    let person = server.person();
    person.sign_in("ada").await;
    let tokens = application.tokens_of(&person).await;
    let ask = |token: &str, accept: &'static str| {
        let secret = api.secret.as_deref().unwrap();
        let body = format!("token={token}&client_id={}&client_secret={secret}", api.id);
        api.call(Method::POST, "/oauth/introspect")
            .header("accept", accept)
            .raw("application/x-www-form-urlencoded", body)
    };
    let access = tokens.text("access_token");
    let plain = api.introspect(access).await.json;
    for accept in [
        SIGNED,
        "application/json;q=0.5, APPLICATION/token-introspection+jwt",
    ] {
        let told = ask(access, accept).await;
        told.assert_status(200);
        assert_eq!(told.header("content-type"), SIGNED);
        assert_eq!(header_of(&told.body)["typ"], "token-introspection+jwt");
        assert_eq!(
            claims_of(&told.body),
            json!({
                "iss": "http://localhost:5000",
                "aud": api.id,
                "iat": server.clock().seconds(),
                "token_introspection": plain,
            })
        );
    }
    let told = ask("x", SIGNED).await;
    assert_eq!(
        claims_of(&told.body)["token_introspection"],
        json!({ "active": false })
    );
    for accept in [
        "*/*",
        "application/json",
        "application/token-introspection+jwt;q=0",
    ] {
        ask(access, accept).await.assert(200, &plain);
    }
}
