//! What users allow, and what becomes of it.

use super::cast;
use crate::actors::{Answered, Application, Person, Server};

async fn question(application: &Application, person: &Person) -> String {
    let page = person.open(&application.asks().path()).await;
    let question = person.open(page.location()).await;
    question.value_of("ceremony").unwrap().to_owned()
}

#[tokio::test]
async fn whoever_denies_it_gives_nothing_and_is_asked_again() {
    let (_, application, bo) = cast().await;
    let ceremony = question(&application, &bo).await;
    let answer = bo
        .send("/consent", &[("ceremony", &ceremony), ("decision", "deny")])
        .await;
    Answered::of(&answer).assert_refused("access_denied");
    let late = bo
        .send("/consent", &[("ceremony", &ceremony), ("decision", "allow")])
        .await;
    late.assert_status(400).assert_shows("cannot be answered");
    question(&application, &bo).await;
}

#[tokio::test]
async fn an_answer_counts_once_and_from_the_person_asked_alone() {
    let (server, application, bo) = cast().await;
    server.signed_up("cy").await;
    let cy = server.person();
    cy.sign_in("cy").await;
    let ceremony = question(&application, &bo).await;
    cy.open("/account").await;
    let allow = [("ceremony", &*ceremony), ("decision", "allow")];
    cy.send("/consent", &allow).await.assert_status(400);
    Answered::of(&bo.send("/consent", &allow).await).one("code");
    bo.send("/consent", &allow).await.assert_status(400);
    bo.open(&format!("/consent?ceremony={ceremony}"))
        .await
        .assert_status(400);
}

#[tokio::test]
async fn without_the_pages_token_nothing_is_allowed() {
    let (_, application, bo) = cast().await;
    let ceremony = question(&application, &bo).await;
    let allow = [("ceremony", &*ceremony), ("decision", "allow")];
    bo.send_bare("/consent", &allow).await.assert_status(403);
}

#[tokio::test]
async fn more_scopes_are_asked_for_again_and_fewer_are_not() {
    let (_, application, bo) = cast().await;
    application.code_from(&bo).await;
    Answered::of(&bo.open(&application.asks().with("scope", "openid").path()).await).one("code");
    let more = application.asks().with("scope", "openid email");
    let page = bo.open(&more.path()).await;
    let asked = bo.open(page.location()).await;
    asked.assert_shows("Know your e-mail address");
    let again = application.asks().with("prompt", "consent");
    assert!(bo.open(&again.path()).await.location().starts_with("/consent?"));
}

#[tokio::test]
async fn a_client_of_the_house_asks_nobody() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let own = Application::registered(
        &server,
        &ada,
        serde_json::json!({ "name": "own", "first_party": true }),
    )
    .await;
    let person = server.person();
    person.sign_in("ada").await;
    Answered::of(&person.open(&own.asks().path()).await).one("code");
}

#[tokio::test]
async fn what_was_allowed_is_listed_and_taken_back() {
    let (_, application, bo) = cast().await;
    let tokens = application.tokens_of(&bo).await;
    let page = bo.open("/account/applications").await;
    page.assert_status(200)
        .assert_shows("Grafana")
        .assert_shows("Know that it is you");
    let after = bo
        .send_through(&format!("/account/applications/{}", application.id), &[])
        .await;
    after.assert_shows("You have allowed no application anything.");
    application
        .userinfo(tokens.text("access_token"))
        .await
        .assert_status(401);
    application
        .refresh(tokens.text("refresh_token"))
        .await
        .assert_status(400);
    question(&application, &bo).await;
}
