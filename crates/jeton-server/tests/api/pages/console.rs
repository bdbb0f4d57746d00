//! The console: for administrators alone, whose changes ask for a sign-in within fifteen minutes.

use std::time::Duration;

use crate::actors::{Person, Server};

mod audit;
mod clients;
mod keys;
mod outbox;
mod overview;
mod settings;
mod users;

/// The pages of the console, and forms of it that a stranger could try.
const PAGES: [&str; 10] = [
    "/console/settings",
    "/console/outbox",
    "/console/audit",
    "/console/clients",
    "/console/clients/new",
    "/console",
    "/console/users",
    "/console/users/new",
    "/console/keys",
    "/console/keys/access/rotate",
];

/// An administrator's browser, signed in.
async fn administrator(server: &Server) -> Person {
    server.admin("root").await;
    let person = server.person();
    person.sign_in("root").await;
    person
}

#[tokio::test]
async fn strangers_are_asked_to_sign_in_and_come_back() {
    let server = Server::start().await;
    let stranger = server.person();
    for path in PAGES {
        let page = stranger.open(path).await;
        page.assert_status(303);
        let back: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
        assert_eq!(page.location(), format!("/signin?return_to={back}"));
    }
}

#[tokio::test]
async fn whoever_is_no_administrator_is_told_so_and_reads_nothing() {
    let server = Server::start().await;
    server.signed_up("romel").await;
    let romel = server.person();
    romel.sign_in("romel").await;
    for path in PAGES {
        let page = romel.open(path).await;
        page.assert_status(403).assert_shows("This is not yours to open");
    }
    let sent = romel.send("/console/users/new", &[("username", "other")]).await;
    sent.assert_status(403);
}

#[tokio::test]
async fn a_form_of_another_session_is_refused() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let page = root
        .send_bare("/console/users/new", &[("username", "other")])
        .await;
    page.assert_status(403)
        .assert_shows("This form is from another session");
}

#[tokio::test]
async fn a_change_asks_for_the_password_after_fifteen_minutes_and_loses_nothing() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    root.open("/console/users/new").await;
    server.clock().advance(Duration::from_mins(16));
    let form = [
        ("username", "Romel"),
        ("roles", "editor"),
        ("credential", "code"),
        ("claims", "{\"team\":\"blue\"}"),
    ];
    let asked = root.send("/console/users/new", &form).await;
    asked.assert_status(401).assert_shows("Is it still you?");
    for (name, value) in form {
        let kept = asked.value_of(name).map(|text| text.replace("&#34;", "\""));
        assert_eq!(kept.as_deref(), Some(value));
    }

    let mut again = form.to_vec();
    again.push(("confirm_password", "not the passphrase"));
    let wrong = root.send("/console/users/new", &again).await;
    wrong.assert_status(401).assert_wrong_at("confirm_password");

    again.pop();
    again.push(("confirm_password", "roots own passphrase"));
    let made = root.send("/console/users/new", &again).await;
    made.assert_status(201).assert_shows("Romel has an account");
    // The sign-in is recent again, for whatever comes next.
    let next = [("username", "Next"), ("credential", "code")];
    root.send("/console/users/new", &next).await.assert_status(201);
}

/// The password that a form holds is not kept in the page that asks for the administrator's.
#[tokio::test]
async fn a_password_in_a_form_that_waits_is_typed_again() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    root.open("/console/users/new").await;
    server.clock().advance(Duration::from_mins(16));
    let form = [
        ("username", "Romel"),
        ("credential", "password"),
        ("password", "a passphrase of Romel"),
    ];
    let asked = root.send("/console/users/new", &form).await;
    asked.assert_status(401).assert_hides("a passphrase of Romel");
    let without = [
        ("username", "Romel"),
        ("credential", "password"),
        ("confirm_password", "roots own passphrase"),
    ];
    let page = root.send("/console/users/new", &without).await;
    page.assert_status(422).assert_wrong_at("password");
    assert_eq!(page.value_of("username"), Some("Romel"));
}
