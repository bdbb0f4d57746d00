use super::administrator;
use crate::actors::{Page, Person, Server};

/// The page of a user, found by the list.
async fn page_of(root: &Person, name: &str) -> String {
    let list = root.open(&format!("/console/users?q={name}")).await;
    let id = list.between("<a href=\"/console/users/0", "\"");
    format!("/console/users/0{id}")
}

#[tokio::test]
async fn users_are_found_by_name_address_id_role_and_state() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    server.signed_up("Romel").await;
    let all = root.open("/console/users").await;
    all.assert_status(200)
        .assert_shows(">Romel</a>")
        .assert_shows(">root</a>");

    let path = page_of(&root, "romel").await;
    let id = path.strip_prefix("/console/users/").unwrap();
    for (query, finds) in [
        ("q=rom", true),
        (&*format!("q={id}"), true),
        ("q=nobody", false),
        ("role=admin", false),
        ("state=enabled", true),
        ("state=disabled", false),
        ("q=0192f3a1-0000-7000-8000-000000000000", false),
    ] {
        let list = root.open(&format!("/console/users?{query}")).await;
        list.assert_status(200);
        assert_eq!(list.html.contains(">Romel</a>"), finds, "{query}");
    }
    root.open("/console/users?q=nobody")
        .await
        .assert_shows("Nobody fits");
    let wrong = root.open("/console/users?role=No+Role&q=rom").await;
    wrong.assert_status(422).assert_wrong_at("role");
    assert_eq!(wrong.value_of("q"), Some("rom"));
}

#[tokio::test]
async fn a_list_goes_on_behind_its_last_user() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    for number in 0..51 {
        let name = format!("person{number:02}");
        server
            .visitor()
            .register(&name, "some own passphrase")
            .await
            .assert_status(201);
    }
    let shown = |page: &Page| page.html.matches(">person").count();
    let first = root.open("/console/users?q=person").await;
    assert_eq!(shown(&first), 50);
    let next = first
        .between("<a class=\"button\" href=\"/console/users?", "\" rel=\"next\"")
        .replace("&#38;", "&");
    let second = root.open(&format!("/console/users?{next}")).await;
    assert_eq!(shown(&second), 1);
    second
        .assert_hides("rel=\"next\"")
        .assert_shows("To the first page");
}

#[tokio::test]
async fn an_account_comes_with_a_code_or_a_password() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let form = root.open("/console/users/new").await;
    form.assert_status(200)
        .assert_shows("Make an account for somebody");
    let made = root
        .send(
            "/console/users/new",
            &[
                ("username", "Romel"),
                ("credential", "code"),
                ("roles", "editor, writer"),
            ],
        )
        .await;
    made.assert_status(201).assert_shows("shown this once");
    let code = made.between("<code id=\"shown-code\">jr_", "</code>");
    let body = serde_json::json!({ "username": "Romel", "code": format!("jr_{code}"), "new_password": "a passphrase of Romel" });
    let set = crate::actors::Actor::post(&server.visitor(), "/password/reset", &body).await;
    set.assert_status(200);

    let page = root
        .send_through(
            "/console/users/new",
            &[
                ("username", "Ada"),
                ("credential", "password"),
                ("password", "a passphrase of Ada"),
                ("roles", "admin"),
            ],
        )
        .await;
    page.assert_status(200).assert_shows("The account is made.");
    server
        .visitor()
        .login("Ada", "a passphrase of Ada")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn errors_stand_at_their_fields_and_what_was_typed_stays() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    root.open("/console/users/new").await;
    for (field, value, status) in [
        ("username", "two words", 422),
        ("username", "root", 400),
        ("email", "nowhere", 422),
        ("roles", "No Role!", 422),
        ("claims", "[]", 422),
        ("claims", "{\"sub\":1}", 422),
        ("password", "Xy7", 422),
        ("password", "password1234", 422),
        ("roles", "admin", 0),
    ] {
        let credential = if field == "password" { "password" } else { "code" };
        let name = if field == "username" { value } else { "Romel" };
        let mut form = vec![("username", name), ("credential", credential)];
        if field != "username" {
            form.push((field, value));
        }
        let page = root.send("/console/users/new", &form).await;
        if status == 0 {
            // An administrator is not made with a code.
            page.assert_status(422).assert_wrong_at("password");
            continue;
        }
        page.assert_status(status).assert_wrong_at(field);
        if field == "password" {
            page.assert_hides(value);
        } else if field != "claims" {
            assert_eq!(page.value_of(field), Some(value));
        }
    }
}

#[tokio::test]
async fn rights_are_changed_and_what_tokens_say_with_them() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let romel = server.signed_up("Romel").await;
    let path = page_of(&root, "Romel").await;
    let rights = [
        ("act", "change"),
        ("email", "romel@example.org"),
        ("roles", "editor"),
        ("claims", "{\"team\":\"blue\"}"),
    ];
    let page = root.send_through(&path, &rights).await;
    page.assert_status(200)
        .assert_shows("Saved.")
        .assert_shows("&#34;team&#34;: &#34;blue&#34;");
    assert_eq!(page.value_of("email"), Some("romel@example.org"));
    let renewed = server.visitor().refresh(&romel.refresh).await;
    renewed.assert_status(200);

    // A page from before, in which the roles were others: it changes what was changed in it.
    let late = [
        ("act", "change"),
        ("shown_email", ""),
        ("email", "late@example.org"),
        ("shown_roles", "admin"),
        ("roles", "admin"),
        ("shown_claims", ""),
        ("claims", ""),
    ];
    let page = root.send_through(&path, &late).await;
    page.assert_shows("late@example.org")
        .assert_shows("&#34;team&#34;: &#34;blue&#34;");
    assert_eq!(page.value_of("roles"), Some("editor"));

    let wrong = [
        ("act", "change"),
        ("email", ""),
        ("roles", "editor"),
        ("claims", "{\"iss\":1}"),
    ];
    let page = root.send(&path, &wrong).await;
    page.assert_status(422)
        .assert_wrong_at("claims")
        .assert_shows("iss");
}

#[tokio::test]
async fn somebody_is_disabled_enabled_and_unlocked() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let romel = server.signed_up("Romel").await;
    let path = page_of(&root, "Romel").await;
    root.open(&path)
        .await
        .assert_shows("ends 1 session, and they cannot sign in");
    let page = root.send_through(&path, &[("act", "disable")]).await;
    page.assert_shows("Disabled. What they held is refused")
        .assert_shows("Nowhere.");
    server.visitor().refresh(&romel.refresh).await.assert_status(401);
    let page = root.send_through(&path, &[("act", "enable")]).await;
    page.assert_shows("Enabled. They can sign in again.");
    server
        .visitor()
        .login("Romel", &romel.password)
        .await
        .assert_status(200);
    let page = root.send_through(&path, &[("act", "unlock")]).await;
    page.assert_shows("Their failed sign-ins are forgotten.");
    root.send(&path, &[("act", "nonsense")]).await.assert_status(422);
}

#[tokio::test]
async fn sessions_end_one_by_one_and_all() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let romel = server.signed_up("Romel").await;
    let path = page_of(&root, "Romel").await;
    let session = root.open(&path).await.value_of("session").unwrap().to_owned();
    let ended = root
        .send_through(&path, &[("act", "end"), ("session", &session)])
        .await;
    ended.assert_shows("That session has ended.");
    server.visitor().refresh(&romel.refresh).await.assert_status(401);
    let again = root.send(&path, &[("act", "end"), ("session", &session)]).await;
    again
        .assert_status(404)
        .assert_shows("That session had ended before.");

    let another = romel.another_session().await;
    root.send_through(&path, &[("act", "end_all")])
        .await
        .assert_shows("All their sessions have ended.");
    server
        .visitor()
        .refresh(&another.refresh)
        .await
        .assert_status(401);
}

#[tokio::test]
async fn codes_are_shown_once_and_none_is_made_for_administrators() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let romel = server.signed_up("Romel").await;
    let path = page_of(&root, "Romel").await;
    root.open(&path).await;
    let page = root.send(&path, &[("act", "code")]).await;
    page.assert_status(200)
        .assert_shows("<code id=\"shown-code\">jr_");
    root.open(&path).await.assert_hides("<code id=\"shown-code\">jr_");
    server
        .visitor()
        .login("Romel", &romel.password)
        .await
        .assert_status(200);
    let forced = root.send(&path, &[("act", "force")]).await;
    forced
        .assert_status(200)
        .assert_shows("<code id=\"shown-code\">jr_")
        .assert_shows("Nowhere.");
    server
        .visitor()
        .login("Romel", &romel.password)
        .await
        .assert_status(401);

    server.admin("ada").await;
    let ada = page_of(&root, "ada").await;
    root.open(&ada)
        .await
        .assert_shows("jeton users reset-password ada");
    let refused = root.send(&ada, &[("act", "code")]).await;
    refused
        .assert_status(403)
        .assert_shows("made on the command line alone");
}

#[tokio::test]
async fn administrators_do_not_lock_themselves_out() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let own = page_of(&root, "root").await;
    let page = root.open(&own).await;
    page.assert_shows("This is you.")
        .assert_hides("value=\"disable\"")
        .assert_hides("Delete…");
    for (fields, status) in [
        (&[("act", "disable")][..], 409),
        (&[("act", "change"), ("shown_roles", "admin"), ("roles", "")], 409),
        (&[("act", "code")], 409),
    ] {
        root.send(&own, fields)
            .await
            .assert_status(status)
            .assert_shows("This is your own account");
    }
    let delete = root.send(&format!("{own}/delete"), &[("name", "root")]).await;
    delete.assert_status(409).assert_shows("This is your own account");
}

#[tokio::test]
async fn an_account_is_deleted_by_its_name() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let romel = server.signed_up("Romel").await;
    let path = format!("{}/delete", page_of(&root, "Romel").await);
    root.open(&path)
        .await
        .assert_shows("Delete Romel?")
        .assert_shows("1 session ends");
    let wrong = root.send(&path, &[("name", "romel")]).await;
    wrong.assert_status(422).assert_wrong_at("name");
    let page = root.send_through(&path, &[("name", "Romel")]).await;
    page.assert_shows("The account is gone.")
        .assert_hides(">Romel</a>");
    server
        .visitor()
        .login("Romel", &romel.password)
        .await
        .assert_status(401);
    root.open(&path)
        .await
        .assert_status(404)
        .assert_shows("There is nothing here");
}

#[tokio::test]
async fn the_console_speaks_german_too() {
    let server = Server::start().await;
    server.admin("root").await;
    let root = server.person().reading("de");
    root.sign_in("root").await;
    root.open("/console/users")
        .await
        .assert_shows("Wer hat ein Konto?");
    let own = page_of(&root, "root").await;
    root.open(&own).await.assert_shows("Das sind Sie.");
}
