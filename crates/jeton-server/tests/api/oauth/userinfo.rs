use http::Method;
use serde_json::json;

use crate::actors::{ANY, Actor, Application, Server, claims_of};

#[tokio::test]
async fn it_tells_what_the_user_allowed_and_nothing_else() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let application = Application::new(&server, &ada, "Grafana").await;
    let person = server.person();
    person.sign_in("ada").await;
    for (scope, more) in [
        ("openid", json!({})),
        (
            "openid profile",
            json!({ "preferred_username": "ada", "name": "ada" }),
        ),
        ("openid roles", json!({ "roles": ["admin"], "groups": ["admin"] })),
    ] {
        let code = application
            .allowed_by(&person, &application.asks().with("scope", scope))
            .await
            .one("code");
        let tokens = application.redeem(&code).await;
        let access = tokens.text("access_token");
        let mut expected = json!({ "sub": claims_of(access)["sub"] });
        expected
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let told = application.userinfo(access).await;
        told.assert(200, &expected);
        assert_eq!(told.header("cache-control"), "no-store");
        let by_form = application
            .call(Method::POST, "/oauth/userinfo")
            .raw(
                "application/x-www-form-urlencoded",
                format!("access_token={access}"),
            )
            .await;
        by_form.assert(200, &expected);
        let by_post = application
            .call(Method::POST, "/oauth/userinfo")
            .bearer(access)
            .await;
        by_post.assert(200, &expected);
    }
}

#[tokio::test]
async fn no_other_token_opens_it() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let application = Application::new(&server, &ada, "Grafana").await;
    let person = server.person();
    person.sign_in("ada").await;
    let tokens = application.tokens_of(&person).await;
    let bo = server.signed_up("bo").await;
    for token in [
        tokens.text("id_token"),
        tokens.text("refresh_token"),
        &*bo.access,
        "x",
    ] {
        let reply = application.userinfo(token).await;
        reply.assert(
            401,
            &json!({ "error": "invalid_token", "error_description": ANY }),
        );
        assert!(
            reply
                .header("www-authenticate")
                .contains("error=\"invalid_token\"")
        );
    }
    let missing = application.call(Method::GET, "/oauth/userinfo").await;
    missing.assert(
        401,
        &json!({ "error": "token_missing", "error_description": ANY }),
    );
    let members = json!({ "name": "api", "scopes": ["invoices:read"] });
    let without = Application::registered(&server, &ada, members).await;
    let asking = without.asks().with("scope", "invoices:read");
    let code = without.allowed_by(&person, &asking).await.one("code");
    let tokens = without.redeem(&code).await;
    assert!(tokens.json["id_token"].is_null());
    let reply = without.userinfo(tokens.text("access_token")).await;
    reply.assert(
        403,
        &json!({ "error": "insufficient_scope", "error_description": ANY }),
    );
}

#[tokio::test]
async fn a_client_that_registered_for_it_is_answered_by_a_signed_text() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let members = json!({ "name": "Grafana", "userinfo_signed_response_alg": "ES256" });
    let application = Application::registered(&server, &ada, members).await;
    let person = server.person();
    person.sign_in("ada").await;
    let tokens = application.tokens_of(&person).await;
    let told = application.userinfo(tokens.text("access_token")).await;
    told.assert_status(200);
    assert_eq!(told.header("content-type"), "application/jwt");
    assert_eq!(told.header("cache-control"), "no-store");
    let claims = claims_of(&told.body);
    assert_eq!(
        claims,
        json!({
            "iss": "http://localhost:5000",
            "aud": application.id,
            "iat": server.clock().seconds(),
            "sub": claims_of(tokens.text("id_token"))["sub"],
            "preferred_username": "ada",
            "name": "ada",
        })
    );
    // It opens nothing: neither as an access token nor as an ID token.
    application.userinfo(&told.body).await.assert_status(401);
}
