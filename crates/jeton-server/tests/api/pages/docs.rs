//! The API as a page: to be read by everybody, and tried with a token of one's own.

use std::time::Duration;

use crate::actors::{DOCUMENT, Server};

#[tokio::test]
async fn every_operation_is_there_with_an_address_of_its_own() {
    let server = Server::start().await;
    let page = server.person().open("/docs").await;
    page.assert_status(200)
        .assert_shows("What can I ask this service?");
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (_, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            page.assert_shows(&format!("id=\"{id}\""));
            page.assert_shows(&format!("<code class=\"path\">{path}</code>"));
        }
    }
}

#[tokio::test]
async fn every_code_stands_there_with_what_it_means() {
    let server = Server::start().await;
    let page = server.person().open("/docs").await;
    for code in DOCUMENT["components"]["schemas"]["ErrorCode"]["enum"]
        .as_array()
        .unwrap()
    {
        page.assert_shows(&format!("<code id=\"{}\">", code.as_str().unwrap()));
    }
    page.assert_shows("401: the token's time is over.");
}

#[tokio::test]
async fn it_asks_no_other_host_and_runs_nothing_of_its_own() {
    let server = Server::start().await;
    let page = server.person().open("/docs").await;
    for outside in ["src=\"http", "href=\"http", "href=\"//", "<script>", "@import"] {
        page.assert_hides(outside);
    }
}

#[tokio::test]
async fn a_german_reader_reads_german_around_it() {
    let server = Server::start().await;
    let page = server.person().reading("de").open("/docs").await;
    page.assert_shows("Was kann ich diesen Dienst fragen?")
        .assert_shows("Antworten auf jede Anfrage");
    let page = server.person().open("/docs").await;
    page.assert_shows("Answers of every request");
}

#[tokio::test]
async fn strangers_are_led_to_the_sign_in_for_a_token() {
    let server = Server::start().await;
    let stranger = server.person();
    stranger.open("/docs").await.assert_hides("Make an access token");
    let answer = stranger.send_bare("/docs/token", &[]).await;
    answer.assert_status(303);
    assert!(answer.location().starts_with("/signin?return_to="));
    let answer = stranger.open("/docs/token").await;
    answer.assert_status(303);
    assert_eq!(answer.location(), "/docs");
}

#[tokio::test]
async fn a_reader_gets_a_curl_line_that_works_and_stays_signed_in() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    let romel = server.person();
    romel.sign_in("Romel").await;
    server.clock().advance(Duration::from_mins(14));
    romel.open("/docs").await.assert_shows("Make an access token");
    let page = romel.send("/docs/token", &[]).await;
    page.assert_status(200);
    assert_eq!(page.header("cache-control"), "no-store");
    let token = page.between("Authorization: Bearer ", "'").to_owned();
    page.assert_shows(" http://localhost:5000/profile</pre>");
    let profile = server.visitor().get_with("/profile", &token).await;
    profile.assert_status(200);
    assert_eq!(profile.text("username"), "Romel");
    romel.open("/account").await.assert_status(200);
    server.clock().advance(Duration::from_mins(14));
    server
        .visitor()
        .get_with("/profile", &token)
        .await
        .assert_status(200);
    romel.open("/docs").await.assert_hides(&token);
}

#[tokio::test]
async fn no_other_page_s_form_makes_a_token() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    let romel = server.person();
    romel.sign_in("Romel").await;
    let page = romel.send_bare("/docs/token", &[]).await;
    page.assert_status(403).assert_hides("eyJ");
}
