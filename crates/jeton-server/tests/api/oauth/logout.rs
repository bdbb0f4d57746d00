//! Signing out at an application's wish.

use serde_json::json;

use crate::actors::{Application, Person, Server};

async fn cast() -> (Server, Application, Person) {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let application = Application::new(&server, &ada, "Grafana").await;
    let person = server.person();
    person.sign_in("ada").await;
    (server, application, person)
}

fn path(pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    format!("/oauth/logout?{}", query.finish())
}

#[tokio::test]
async fn whoever_comes_with_their_own_id_token_is_signed_out_and_led_back() {
    let (_, application, person) = cast().await;
    let tokens = application.tokens_of(&person).await;
    let page = person
        .open(&path(&[
            ("id_token_hint", tokens.text("id_token")),
            ("post_logout_redirect_uri", "https://app.example/bye"),
            ("state", "a state"),
        ]))
        .await;
    assert_eq!(page.location(), "https://app.example/bye?state=a+state");
    assert!(person.open("/account").await.location().starts_with("/signin"));
    application
        .refresh(tokens.text("refresh_token"))
        .await
        .assert_status(400);
}

#[tokio::test]
async fn whoever_comes_without_is_asked_and_then_led_back() {
    let (_, application, person) = cast().await;
    let asked = [
        ("client_id", &*application.id),
        ("post_logout_redirect_uri", "https://app.example/bye"),
    ];
    let page = person.open(&path(&asked)).await;
    page.assert_status(200).assert_shows("Sign out here?");
    let asked = page
        .value_of("asked")
        .unwrap()
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    let done = person.send("/signout", &[("asked", &asked)]).await;
    assert_eq!(done.location(), "https://app.example/bye");
    assert!(person.open("/account").await.location().starts_with("/signin"));
}

#[tokio::test]
async fn an_id_token_of_somebody_else_signs_nobody_out_unasked() {
    let (server, application, ada) = cast().await;
    server.signed_up("bo").await;
    let bo = server.person();
    bo.sign_in("bo").await;
    let of_bo = application.tokens_of(&bo).await;
    let page = ada
        .open(&path(&[("id_token_hint", of_bo.text("id_token"))]))
        .await;
    page.assert_status(200).assert_shows("Sign out here?");
    ada.open("/account").await.assert_status(200);
}

#[tokio::test]
async fn nobody_is_led_where_no_client_said() {
    let (server, application, person) = cast().await;
    let tokens = application.tokens_of(&person).await;
    let di = server.admin("di").await;
    let other = Application::registered(
        &server,
        &di,
        json!({ "name": "x", "post_logout_redirect_uris": [] }),
    )
    .await;
    for wish in [
        vec![("post_logout_redirect_uri", "https://app.example/bye")],
        vec![
            ("client_id", &*application.id),
            ("post_logout_redirect_uri", "https://evil.example/"),
        ],
        vec![
            ("client_id", &*other.id),
            ("post_logout_redirect_uri", "https://app.example/bye"),
        ],
        vec![
            ("client_id", &*other.id),
            ("id_token_hint", tokens.text("id_token")),
            ("post_logout_redirect_uri", "https://app.example/bye"),
        ],
        vec![("client_id", &*application.id), ("client_id", &*application.id)],
    ] {
        person
            .open(&path(&wish))
            .await
            .assert_status(400)
            .assert_hides("evil");
    }
    person.open("/account").await.assert_status(200);
}

#[tokio::test]
async fn whoever_is_signed_out_already_is_led_back() {
    let (server, application, person) = cast().await;
    let tokens = application.tokens_of(&person).await;
    let nobody = server.person();
    let wish = [
        ("id_token_hint", tokens.text("id_token")),
        ("post_logout_redirect_uri", "https://app.example/bye"),
    ];
    assert_eq!(
        nobody.open(&path(&wish)).await.location(),
        "https://app.example/bye"
    );
}
