//! The inspector: what a token itself says to everybody, and what the service knows of it to whom that concerns.

use std::time::Duration;

use serde_json::json;

use crate::actors::{Actor, Page, Person, Server};

const SIGN_IN: &str = "Sign in to see what the service knows of it";

async fn explain(person: &Person, text: &str) -> Page {
    let page = person.send_bare("/inspect", &[("token", text)]).await;
    page.assert_status(200);
    page
}

/// The signed-in browser of a user of this name, beside their session in a program.
async fn browser_of(server: &Server, username: &str) -> Person {
    let person = server.person();
    person.sign_in(username).await;
    person
}

#[tokio::test]
async fn it_asks_for_a_token_and_says_what_it_looked_for() {
    let server = Server::start().await;
    let person = server.person();
    person
        .open("/inspect")
        .await
        .assert_status(200)
        .assert_shows("What does this token say?");
    for text in ["", "hello <b>there</b>"] {
        let page = person.send_bare("/inspect", &[("token", text)]).await;
        page.assert_status(422).assert_wrong_at("token");
        page.assert_shows("There is no token in this.");
    }
    let page = person.send_bare("/inspect", &[("token", "hello <b>")]).await;
    page.assert_shows("hello &#60;b&#62;</textarea>");
}

#[tokio::test]
async fn a_token_in_the_address_is_not_looked_at() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let page = server
        .person()
        .open(&format!("/inspect?token={}", romel.access))
        .await;
    page.assert_status(200).assert_hides("Its checks");
}

#[tokio::test]
async fn signed_out_it_tells_what_a_token_says_itself_and_no_more() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    romel.renew().await;
    let stranger = server.person();
    let curl = format!(
        "curl -H 'Authorization: Bearer {}' http://localhost:5000/profile",
        romel.access
    );
    let page = explain(&stranger, &curl).await;
    page.assert_shows("It is in order, by its own words")
        .assert_shows(SIGN_IN);
    page.assert_shows("&#34;username&#34;: &#34;Romel&#34;")
        .assert_shows("access token,");
    page.assert_shows("in 15 minutes")
        .assert_hides("The session&#39;s story");
    let page = explain(&stranger, &romel.refresh).await;
    page.assert_shows("refresh token,").assert_shows(SIGN_IN);

    romel.post("/logout", &json!({})).await.assert_status(200);
    let page = explain(&stranger, &romel.access).await;
    page.assert_shows("It is in order, by its own words")
        .assert_hides("signed out of it");
}

#[tokio::test]
async fn somebody_else_is_told_no_more() {
    let server = Server::start().await;
    let (romel, _) = (server.signed_up("Romel").await, server.signed_up("Anna").await);
    let anna = browser_of(&server, "Anna").await;
    let page = explain(&anna, &romel.access).await;
    page.assert_shows("It was issued to somebody else.")
        .assert_hides("The session&#39;s story");
}

#[tokio::test]
async fn its_user_is_told_the_story_of_the_session() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let first = romel.refresh.clone();
    romel.renew().await;
    let browser = browser_of(&server, "Romel").await;
    let page = explain(&browser, &romel.access).await;
    page.assert_shows("It is good")
        .assert_shows("Not revoked, and its session is open.");
    page.assert_shows("The session&#39;s story")
        .assert_shows("once so far")
        .assert_shows("this is you");
    let page = explain(&browser, &romel.refresh).await;
    page.assert_shows("It is good, for one exchange")
        .assert_shows("number 2 of 2");
    server.clock().advance(Duration::from_mins(1));
    let page = explain(&browser, &first).await;
    page.assert_shows("Whoever presents it again ends its session")
        .assert_shows("number 1 of 2");
    romel.assert_is_in().await;
}

#[tokio::test]
async fn a_session_that_ended_says_why_and_to_an_administrator_by_whom() {
    let server = Server::start().await;
    let (root, romel) = (server.admin("root").await, server.signed_up("Romel").await);
    let ended = root
        .delete(&format!("/admin/users/{}/sessions/{}", romel.id, romel.session()))
        .await;
    ended.assert_status(200);
    let page = explain(&browser_of(&server, "Romel").await, &romel.access).await;
    page.assert_shows("It is refused")
        .assert_shows("Its session ended");
    page.assert_shows("An administrator ended it.")
        .assert_hides(&root.id);
    let page = explain(&browser_of(&server, "root").await, &romel.access).await;
    page.assert_shows("An administrator ended it.")
        .assert_shows(&root.id);

    let other = romel.another_session().await;
    other.post("/logout", &json!({})).await.assert_status(200);
    let page = explain(&browser_of(&server, "Romel").await, &other.access).await;
    page.assert_shows("You signed out of it.");
    let page = explain(&browser_of(&server, "root").await, &other.access).await;
    page.assert_shows("Its owner signed out.")
        .assert_hides("You signed out of it.");
}

#[tokio::test]
async fn an_expired_token_says_since_when() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    server.clock().advance(Duration::from_mins(17));
    let page = explain(&server.person(), &romel.access).await;
    page.assert_shows("It is refused").assert_shows("Its time ended");
    page.assert_shows("2 minutes ago").assert_shows("Get a new one.");
    page.assert_shows(SIGN_IN);
}

#[tokio::test]
async fn foreign_and_broken_tokens_fail_with_what_it_would_take() {
    let server = Server::start().await;
    let person = server.person();
    let part = |json: &str| base64_simd::URL_SAFE_NO_PAD.encode_to_string(json);
    let claims = part(r#"{"iss":"https://other.example","aud":"shop","exp":1,"note":"<script>"}"#);
    let signature = "A".repeat(86);

    let foreign = format!(
        "{}.{claims}.{signature}",
        part(r#"{"alg":"ES256","typ":"at+jwt","kid":"x"}"#)
    );
    let page = explain(&person, &foreign).await;
    page.assert_shows("No key of this service fits it.");
    page.assert_shows("It is from another issuer: <code>https://other.example</code>");
    page.assert_shows("It is for another audience: <code>shop</code>");
    page.assert_shows("1 January 1970")
        .assert_hides("<script>")
        .assert_hides(SIGN_IN);

    let unsigned = format!("{}.{claims}.", part(r#"{"alg":"none"}"#));
    let page = explain(&person, &unsigned).await;
    page.assert_shows("Its algorithm is not supported: <code>none</code>");

    let page = explain(&person, "abc.def.ghi").await;
    page.assert_shows("It is refused");
}

#[tokio::test]
async fn failed_checks_come_first() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    server.clock().advance(Duration::from_mins(17));
    let page = explain(&server.person(), &romel.access).await;
    let place = |text: &str| page.html.find(text).unwrap();
    assert!(place("Its time ended") < place(SIGN_IN));
    assert!(place(SIGN_IN) < place("ES256 by key"));
}

#[tokio::test]
async fn a_sample_is_shown_on_demand_and_opens_nothing() {
    let server = Server::start().await;
    let person = server.person();
    let page = person
        .send_bare("/inspect", &[("token", ""), ("sample", "1")])
        .await;
    page.assert_status(200)
        .assert_shows("It is a sample, and opens nothing");
    let sample = server.visitor().get("/sign-token").await.text("token").to_owned();
    let page = explain(&person, &sample).await;
    page.assert_shows("It is a sample, and opens nothing")
        .assert_shows("&#34;username&#34;: &#34;test&#34;");
    server.clock().advance(Duration::from_secs(301));
    explain(&person, &sample)
        .await
        .assert_shows("It is a sample, and its time is over");
}

#[tokio::test]
async fn a_megabyte_is_too_much() {
    let server = Server::start().await;
    let page = server
        .person()
        .send_bare("/inspect", &[("token", &"e".repeat(1 << 20))])
        .await;
    page.assert_status(413).assert_shows("That was too much to read");
}

#[tokio::test]
async fn nothing_is_kept_and_nothing_logged() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let page = explain(&server.person(), &romel.access).await;
    let title = page.between("<title>", "</title>");
    assert_eq!(title, "Inspect a token · Jeton");
    assert!(page.headers.get("set-cookie").is_none());
    assert!(!page.html.contains(&format!("value=\"{}", romel.access)));
}

#[tokio::test]
async fn it_speaks_german() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let page = explain(&server.person().reading("de"), &romel.access).await;
    page.assert_shows("Nach seinen eigenen Worten ist es in Ordnung");
    let page = explain(&server.person().reading("de"), "abc.def.ghi").await;
    page.assert_shows("Es wird abgelehnt").assert_hides("malformed");
}

#[tokio::test]
async fn a_token_of_commas_costs_little() {
    let server = Server::start().await;
    let claims = format!("{}{}", "{\"a\":".repeat(16), ",".repeat(100_000));
    let payload = base64_simd::URL_SAFE_NO_PAD.encode_to_string(claims);
    let page = explain(&server.person(), &format!("eyJhbGciOiJFUzI1NiJ9.{payload}.AAAA")).await;
    page.assert_status(200);
    assert!(page.html.len() < 300_000, "{}", page.html.len());
}
