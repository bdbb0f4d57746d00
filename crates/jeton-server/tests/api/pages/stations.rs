use std::time::Duration;

use serde_json::json;

use crate::actors::{Actor, Server};

/// Romel, and a code that an administrator made for them.
async fn code_for_romel(server: &Server) -> String {
    let romel = server.signed_up("Romel").await;
    let root = server.admin("root").await;
    let path = format!("/admin/users/{}/password-reset", romel.id);
    root.post(&path, &json!({})).await.text("code").to_owned()
}

#[tokio::test]
async fn a_code_sets_a_password_in_two_stations() {
    let server = Server::start().await;
    let code = code_for_romel(&server).await;
    let person = server.person();
    person.open("/reset").await.assert_status(200);
    let wrong = [("username", "Romel"), ("code", "jr_AAAAAAAAAAAAAAAAAAAAAA")];
    let page = person.send("/reset", &wrong).await;
    page.assert_status(401).assert_wrong_at("code");

    let page = person
        .send("/reset", &[("username", "Romel"), ("code", &code)])
        .await;
    page.assert_status(200).assert_shows("For Romel.");
    let ceremony = page.value_of("ceremony").unwrap().to_owned();
    let choose = |password| [("ceremony", ceremony.clone()), ("new_password", password)];
    let send = async |password: &str| {
        let fields = choose(password.to_owned());
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        person.send("/reset/password", &fields).await
    };
    send("short")
        .await
        .assert_status(422)
        .assert_wrong_at("new_password");
    let done = send("blue horse over the fence").await;
    assert_eq!(done.location(), "/signin?reset=true");
    person
        .open(done.location())
        .await
        .assert_shows("Your new password is set.");
    // The form once more, as the back button sends it.
    let again = send("blue horse over the fence").await;
    again
        .assert_status(410)
        .assert_shows("The password is set already");
    server
        .visitor()
        .sign_in("Romel", "blue horse over the fence")
        .await;
}

#[tokio::test]
async fn whoever_takes_too_long_is_told_that_nothing_was_changed() {
    let server = Server::start().await;
    let code = code_for_romel(&server).await;
    let person = server.person();
    let page = person
        .send("/reset", &[("username", "Romel"), ("code", &code)])
        .await;
    let ceremony = page.value_of("ceremony").unwrap().to_owned();
    server.clock().advance(Duration::from_mins(16));
    let fields = [
        ("ceremony", &*ceremony),
        ("new_password", "blue horse over the fence"),
    ];
    let page = person.send("/reset/password", &fields).await;
    page.assert_status(410)
        .assert_shows("That took more than 15 minutes");
    let fields = [
        ("ceremony", "jp_nobodys"),
        ("new_password", "blue horse over the fence"),
    ];
    let page = person.send("/reset/password", &fields).await;
    page.assert_status(410)
        .assert_shows("This reset is not known here");
}

#[tokio::test]
async fn the_first_administrator_is_made_by_the_link_and_shown_a_request_that_works() {
    let server = Server::start().await;
    let secret = server.service().setup_link().await.unwrap().unwrap();
    let person = server.person();
    person
        .open("/setup")
        .await
        .assert_status(200)
        .assert_shows("Make the first administrator");
    let made = |secret: &str| {
        [
            ("secret", secret.to_owned()),
            ("username", "root".to_owned()),
            ("password", "roots own passphrase".to_owned()),
        ]
    };
    let send = async |secret: &str| {
        let fields = made(secret);
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        person.send("/setup", &fields).await
    };
    send("js_nobodys")
        .await
        .assert_status(401)
        .assert_wrong_at("secret");
    let done = send(secret.expose()).await;
    let led = person.open(done.location()).await;
    assert_eq!(led.location(), "/welcome");
    let page = person.open("/welcome").await;
    page.assert_status(200).assert_shows("/profile");
    let token = page.value_of("token").unwrap().to_owned();
    server
        .visitor()
        .get("/profile")
        .bearer(token)
        .await
        .assert_status(200);

    // It was for once, and every other is worthless too.
    send(secret.expose()).await.assert_status(410);
    person.open("/setup").await.assert_status(410);
    assert!(server.service().setup_link().await.unwrap().is_none());
}

#[tokio::test]
async fn an_empty_field_is_told_at_itself() {
    let server = Server::start().await;
    let person = server.person();
    let page = person
        .send("/reset", &[("username", "Romel"), ("code", " ")])
        .await;
    page.assert_status(422)
        .assert_wrong_at("code")
        .assert_shows("This is needed.");
    assert_eq!(page.value_of("username"), Some("Romel"));
    let page = person.send("/reset", &[("username", ""), ("code", "jr_x")]).await;
    page.assert_status(422).assert_wrong_at("username");
}
