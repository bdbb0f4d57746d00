//! What changes between a request, its answer and its code, and what nobody was asked about.

use http::Method;
use serde_json::json;

use crate::actors::{Actor, Admin, Answered, Application, Person, Server};

async fn cast() -> (Server, Admin, Application, Person) {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    server.signed_up("bo").await;
    let application = Application::registered(
        &server,
        &ada,
        json!({
            "name": "shop",
            "redirect_uris": ["https://app.example/callback", "https://app.example/other"],
            "scopes": ["openid", "profile", "email", "api:read"],
        }),
    )
    .await;
    let bo = server.person();
    bo.sign_in("bo").await;
    (server, ada, application, bo)
}

async fn change(ada: &Admin, application: &Application, members: serde_json::Value) {
    let path = format!("/admin/clients/{}", application.id);
    ada.call(Method::PATCH, &path)
        .json(&members)
        .await
        .assert_status(200);
}

async fn question(person: &Person, path: &str) -> String {
    let page = person.open(path).await;
    let question = person.open(page.location()).await;
    question.value_of("ceremony").unwrap().to_owned()
}

#[tokio::test]
async fn what_a_client_lost_is_not_given_to_a_request_that_waited_nor_by_a_code() {
    let (_, ada, application, bo) = cast().await;
    let wide = application.asks().with("scope", "openid api:read");
    let ceremony = question(&bo, &wide.path()).await;
    let code = application.allowed_by(&bo, &wide).await.one("code");
    let pushed: Vec<_> = wide
        .pairs()
        .into_iter()
        .filter(|(name, _)| *name != "client_id")
        .collect();
    let reference = application
        .form("/oauth/par", &pushed)
        .await
        .text("request_uri")
        .to_owned();
    change(&ada, &application, json!({ "scopes": ["openid"] })).await;
    let allow = [("ceremony", &*ceremony), ("decision", "allow")];
    bo.send("/consent", &allow).await.assert_status(400);
    application.redeem(&code).await.assert_status(400);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("client_id", &application.id)
        .append_pair("request_uri", &reference);
    bo.open(&format!("/oauth/authorize?{}", query.finish()))
        .await
        .assert_status(400);

    let narrow = application.asks().with("scope", "openid");
    let ceremony = question(&bo, &narrow.clone().with("prompt", "consent").path()).await;
    change(
        &ada,
        &application,
        json!({ "redirect_uris": ["https://app.example/other"] }),
    )
    .await;
    let allow = [("ceremony", &*ceremony), ("decision", "allow")];
    bo.send("/consent", &allow).await.assert_status(400);
}

#[tokio::test]
async fn nothing_is_given_that_nobody_was_asked_about() {
    let (server, ada, application, bo) = cast().await;
    let silent = application.asks().with("prompt", "none");
    let members = json!({ "name": "plain", "scopes": ["openid", "profile"] });
    let plain = Application::registered(&server, &ada, members).await;
    let without = plain.asks().without("scope");
    Answered::of(&bo.open(&without.path()).await).assert_refused("invalid_scope");
    application
        .allowed_by(&bo, &application.asks().with("scope", "openid"))
        .await
        .one("code");
    let bank = silent
        .clone()
        .with("scope", "openid")
        .with("resource", "https://bank.example/api");
    Answered::of(&bo.open(&bank.path()).await).assert_refused("consent_required");
    let claims = silent.with("scope", "openid").with(
        "claims",
        r#"{"userinfo":{"name":null},"id_token":{"email":null}}"#,
    );
    Answered::of(&bo.open(&claims.path()).await).assert_refused("consent_required");
    let open = claims.without("prompt");
    let code = application.allowed_by(&bo, &open).await.one("code");
    let tokens = application.redeem(&code).await;
    assert_eq!(tokens.text("scope"), "openid profile email");
}

#[tokio::test]
async fn a_code_given_before_its_consent_was_taken_back_gives_nothing() {
    let (_, _, application, bo) = cast().await;
    let code = application.code_from(&bo).await;
    bo.open("/account/applications").await;
    bo.send(&format!("/account/applications/{}", application.id), &[])
        .await
        .assert_status(303);
    application.redeem(&code).await.assert_status(400);
}

#[tokio::test]
async fn nothing_is_allowed_before_the_password_is_given() {
    let (server, _, application, bo) = cast().await;
    server.clock().advance(std::time::Duration::from_mins(1));
    let ceremony = question(&bo, &application.asks().with("prompt", "login").path()).await;
    let allow = [("ceremony", &*ceremony), ("decision", "allow")];
    bo.send("/consent", &allow)
        .await
        .assert_status(200)
        .assert_shows("prove once more");
    let silent = application.asks().with("prompt", "none");
    Answered::of(&bo.open(&silent.path()).await).assert_refused("consent_required");
}

#[tokio::test]
async fn with_another_account_the_question_is_theirs() {
    let (server, _, application, bo) = cast().await;
    server.signed_up("cy").await;
    let ceremony = question(&bo, &application.asks().path()).await;
    let cy = server.person();
    cy.sign_in("cy").await;
    let page = cy.open(&format!("/oauth/authorize?ceremony={ceremony}")).await;
    let own = cy.open(page.location()).await;
    own.assert_status(200).assert_shows("Allow shop?");
    let own = own.value_of("ceremony").unwrap().to_owned();
    assert_ne!(own, ceremony);
    let allow = [("ceremony", &*own), ("decision", "allow")];
    Answered::of(&cy.send("/consent", &allow).await).one("code");
    let allow = [("ceremony", &*ceremony), ("decision", "allow")];
    bo.open(&format!("/consent?ceremony={ceremony}")).await;
    Answered::of(&bo.send("/consent", &allow).await).one("code");
}

#[tokio::test]
async fn more_parameters_than_any_request_has_are_refused_at_once() {
    let (_, _, application, bo) = cast().await;
    let mut asking = application.asks();
    for _ in 0..64 {
        asking = asking.and("resource", "https://api.example/");
    }
    Answered::of(&bo.open(&asking.path()).await).assert_refused("invalid_request");
}

#[tokio::test]
async fn a_resource_that_is_named_again_and_again_is_one() {
    let (_, _, application, bo) = cast().await;
    let asking = application.asks().with("resource", "https://api.example/");
    let code = application.allowed_by(&bo, &asking).await.one("code");
    let tokens = application.redeem(&code).await;
    let refresh = tokens.text("refresh_token");
    let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", refresh)];
    fields.extend([("resource", "https://api.example/"); 60]);
    let narrowed = application.token(&fields).await;
    let audience = &crate::actors::claims_of(narrowed.text("access_token"))["aud"];
    assert_eq!(
        *audience,
        json!(["https://api.example/", "http://localhost:5000/oauth/userinfo"])
    );
}

#[tokio::test]
async fn an_id_token_of_an_earlier_session_signs_nobody_out_unasked() {
    let (_, ada, application, bo) = cast().await;
    let tokens = application.tokens_of(&bo).await;
    let hint = tokens.text("id_token");
    bo.open("/signout").await;
    bo.send("/signout", &[]).await;
    bo.sign_in("bo").await;
    let path = format!("/oauth/logout?id_token_hint={hint}");
    bo.open(&path)
        .await
        .assert_status(200)
        .assert_shows("Sign out here?");
    let tokens = application.tokens_of(&bo).await;
    change(&ada, &application, json!({ "disabled": true })).await;
    let path = format!("/oauth/logout?id_token_hint={}", tokens.text("id_token"));
    bo.open(&path).await.assert_status(200);
    bo.open("/account").await.assert_status(200);
}
