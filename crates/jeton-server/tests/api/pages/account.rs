use std::time::Duration;

use serde_json::Value;

use crate::actors::Server;

#[tokio::test]
async fn sessions_are_ended_one_by_one_or_all_others() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    let (here, there) = (server.person(), server.person());
    here.sign_in("Romel").await;
    there.sign_in("Romel").await;

    let page = here.open("/account/sessions").await;
    page.assert_status(200)
        .assert_shows("this device")
        .assert_shows("ends 2 sessions");
    let id = page.between("action=\"/account/sessions/", "\"").to_owned();
    here.send_through(&format!("/account/sessions/{id}"), &[])
        .await
        .assert_shows("That session has ended.")
        .assert_shows("You ended it from another device.");
    // Once more, as from a second tab: it has ended.
    here.send_through(&format!("/account/sessions/{id}"), &[])
        .await
        .assert_status(200);

    here.send_through("/account/sessions", &[])
        .await
        .assert_shows("You are signed in nowhere else.");
    let over = there.open("/account").await;
    there
        .open(over.location())
        .await
        .assert_shows("This session has ended")
        .assert_shows("You ended it from another device.");
}

#[tokio::test]
async fn a_new_password_ends_the_others_and_keeps_this_browser() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    let person = server.person();
    person.sign_in("Romel").await;
    person.open("/account/security").await;
    let wrong = [
        ("current_password", "wrong"),
        ("new_password", "blue horse fence"),
    ];
    let page = person.send("/account/security", &wrong).await;
    page.assert_status(401)
        .assert_wrong_at("current_password")
        .assert_shows("not your present password");
    let weak = [
        ("current_password", "Romels own passphrase"),
        ("new_password", "short"),
    ];
    let page = person.send("/account/security", &weak).await;
    page.assert_status(422).assert_wrong_at("new_password");
    let good = [
        ("current_password", "Romels own passphrase"),
        ("new_password", "blue horse over the fence"),
    ];
    person
        .send_through("/account/security", &good)
        .await
        .assert_shows("Your password is changed.");
    person
        .open("/account/sessions")
        .await
        .assert_shows("You changed your password.");
}

#[tokio::test]
async fn name_and_address_are_changed_by_the_rules_of_registration() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    server.signed_up("Ana").await;
    let person = server.person();
    person.sign_in("Romel").await;
    person.open("/account").await;
    let page = person.send("/account/name", &[("username", "ana")]).await;
    page.assert_status(400).assert_wrong_at("username");
    person
        .send_through("/account/name", &[("username", "Romeo")])
        .await
        .assert_shows("This is you, Romeo");
    let page = person.send("/account/email", &[("email", "nobody")]).await;
    page.assert_status(422).assert_wrong_at("email");
    person
        .send_through("/account/email", &[("email", "romeo@example.org")])
        .await
        .assert_shows("romeo@example.org");
    person
        .send_through("/account/language", &[("language", "de")])
        .await
        .assert_shows("Das sind Sie, Romeo");
    person
        .open("/account/activity")
        .await
        .assert_shows("Benutzername geändert");
}

#[tokio::test]
async fn a_form_waits_for_the_password_and_keeps_what_was_typed() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    let person = server.person();
    person.sign_in("Romel").await;
    person.open("/account").await;
    server.clock().advance(Duration::from_mins(16));

    let page = person
        .send("/account/email", &[("email", "romel@example.org")])
        .await;
    page.assert_status(401).assert_shows("Is it still you?");
    assert_eq!(page.value_of("email"), Some("romel@example.org"));
    let wrong = [("email", "romel@example.org"), ("confirm_password", "wrong")];
    let page = person.send("/account/email", &wrong).await;
    page.assert_status(401).assert_wrong_at("confirm_password");
    let right = [
        ("email", "romel@example.org"),
        ("confirm_password", "Romels own passphrase"),
    ];
    person
        .send_through("/account/email", &right)
        .await
        .assert_shows("Your e-mail address is changed.");
    // Proved anew, for fifteen minutes.
    person
        .send_through("/account/email", &[("email", "")])
        .await
        .assert_shows("None is set.");
}

#[tokio::test]
async fn everything_is_there_to_take_along_and_no_secret() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    let person = server.person();
    person.sign_in("Romel").await;
    let file = person.open("/account/data.json").await;
    file.assert_status(200);
    assert!(file.header("content-disposition").starts_with("attachment"));
    let data: Value = serde_json::from_str(&file.html).unwrap();
    assert_eq!(data["username"], "Romel");
    assert_eq!(data["sessions"].as_array().unwrap().len(), 2);
    assert!(data["events"].as_array().unwrap().len() >= 3);
    for secret in ["p=1$", "secret", "hash\":"] {
        assert!(!file.html.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn an_account_is_deleted_once_its_name_was_typed() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    let person = server.person();
    person.sign_in("Romel").await;
    person.open("/account/data").await.assert_shows("ends 2 sessions");
    let page = person.send("/account/data", &[("username", "Ana")]).await;
    page.assert_status(422).assert_wrong_at("username");
    person
        .send("/account/data", &[("username", "Romel")])
        .await
        .assert_status(200)
        .assert_shows("Your account is deleted");
    assert!(person.open("/account").await.location().starts_with("/signin"));
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let server = Server::start().await;
    server.admin("root").await;
    let person = server.person();
    person.sign_in("root").await;
    person.open("/account/data").await;
    let page = person.send("/account/data", &[("username", "root")]).await;
    page.assert_status(409).assert_shows("the last administrator");
}

#[tokio::test]
async fn one_s_own_changes_are_counted_against_the_address() {
    let server = Server::with(&[("address-limit", "4")]).await;
    server.signed_up("Romel").await;
    let person = server.person().calling_from("192.0.2.1");
    person.sign_in("Romel").await;
    person.open("/account").await;
    for (path, fields) in [
        ("/account/name", [("username", "Romeo")]),
        ("/account/email", [("email", "romeo@example.org")]),
        ("/account/language", [("language", "en")]),
    ] {
        person.send(path, &fields).await.assert_status(303);
    }
    for path in ["/account/name", "/account/email", "/account/language"] {
        let refused = person.send(path, &[("username", "Romel")]).await;
        refused
            .assert_status(429)
            .assert_shows("Too many attempts from your address");
        assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    }
    person.open("/account/data.json").await.assert_status(429);
    person.open("/account").await.assert_shows("This is you, Romeo");
}
