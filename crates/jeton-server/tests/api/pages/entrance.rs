use crate::actors::{Actor, Server};

#[tokio::test]
async fn whoever_signs_up_is_signed_in() {
    let server = Server::start().await;
    let person = server.person();
    person.open("/").await.assert_status(200).assert_shows("Sign up");
    person.open("/signup").await.assert_status(200);
    let fields = [("username", "Romel"), ("password", "pass1425")];
    let led = person.send_through("/signup", &fields).await;
    assert_eq!(led.location(), "/account", "the cookies were kept");
    person
        .open("/account")
        .await
        .assert_status(200)
        .assert_shows("This is you, Romel");
    assert_eq!(person.open("/").await.location(), "/account");
}

#[tokio::test]
async fn what_is_wrong_with_a_sign_up_stands_at_its_field_and_what_was_typed_stays() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    let person = server.person();
    for (name, email, password, status, field, sentence) in [
        ("", "", "pass1425", 422, "username", "This is needed."),
        ("two words", "", "pass1425", 422, "username", "no spaces"),
        ("Ana", "nobody", "pass1425", 422, "email", "name@example.org"),
        ("Ana", "", "short", 422, "password", "shorter than 8 characters"),
        ("Ana", "", "12341234", 422, "password", "guessed first"),
        (
            "Gundelinde",
            "",
            "gundelinde",
            422,
            "password",
            "This is your name",
        ),
        ("romel", "", "pass1425", 400, "username", "belongs to somebody"),
    ] {
        let fields = [("username", name), ("email", email), ("password", password)];
        let page = person.send("/signup", &fields).await;
        page.assert_status(status)
            .assert_wrong_at(field)
            .assert_shows(sentence);
        assert_eq!(page.value_of("username"), Some(name));
        assert_eq!(
            page.value_of("password"),
            Some(""),
            "a password is not shown again"
        );
    }
}

#[tokio::test]
async fn where_registration_is_closed_the_page_says_what_to_do() {
    let server = Server::with(&[("registration", "closed")]).await;
    let person = server.person();
    person
        .open("/signup")
        .await
        .assert_status(403)
        .assert_shows("Nobody signs up here");
    let fields = [("username", "Romel"), ("password", "pass1425")];
    person.send("/signup", &fields).await.assert_status(403);
}

#[tokio::test]
async fn a_wrong_password_and_a_name_nobody_has_get_the_same_page() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    let person = server.person();
    let told = async |name: &str| {
        let fields = [("username", name), ("password", "not the password")];
        let page = person.send("/signin", &fields).await;
        page.assert_status(401).assert_shows("do not belong together");
        page.html.replace(name, "NAME")
    };
    assert_eq!(told("Romel").await, told("Nobody").await);
}

#[tokio::test]
async fn a_sign_in_leads_back_to_own_pages_alone() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    for (wish, leads) in [
        ("/account/sessions?ended=one", "/account/sessions?ended=one"),
        ("/console", "/console"),
        ("", "/account"),
        ("https://evil.example", "/account"),
        ("//evil.example", "/account"),
        ("/\\evil.example", "/account"),
        ("javascript:alert(1)", "/account"),
    ] {
        let person = server.person();
        let fields = [
            ("username", "Romel"),
            ("password", "Romels own passphrase"),
            ("return_to", wish),
        ];
        let led = person.send_through("/signin", &fields).await;
        assert_eq!(led.location(), leads, "{wish}");
    }
}

#[tokio::test]
async fn a_browser_that_keeps_no_cookie_is_told_so() {
    let server = Server::start().await;
    let page = server.person().open("/signin?kept=true&return_to=/account").await;
    page.assert_status(400)
        .assert_shows("Your browser kept no cookie");
}

#[tokio::test]
async fn a_page_for_somebody_leads_to_the_sign_in_and_back() {
    let server = Server::start().await;
    let person = server.person();
    let led = person.open("/account/sessions").await;
    assert_eq!(led.location(), "/signin?return_to=%2Faccount%2Fsessions");
    let page = person.open(led.location()).await;
    assert_eq!(page.value_of("return_to"), Some("/account/sessions"));
}

#[tokio::test]
async fn signing_out_takes_a_form_and_a_page_of_this_session() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    let (person, other) = (server.person(), server.person());
    person.sign_in("Romel").await;
    other.sign_in("Romel").await;

    person
        .open("/signout")
        .await
        .assert_status(200)
        .assert_shows("Sign out here?");
    person.open("/account").await.assert_status(200);

    other.open("/account").await;
    let foreign = other.csrf();
    let page = person.send_bare("/signout", &[("csrf_token", &foreign)]).await;
    page.assert_status(403)
        .assert_shows("This form is from another session");
    person.send_bare("/signout", &[]).await.assert_status(403);

    person.open("/signout").await;
    person
        .send_through("/signout", &[])
        .await
        .assert_shows("You are signed out");
    assert!(person.open("/account").await.location().starts_with("/signin"));
    other.open("/account").await.assert_status(200);
}

#[tokio::test]
async fn pages_are_in_the_language_their_reader_asks_for() {
    let server = Server::start().await;
    let person = server.person().reading("de-AT,de;q=0.9,en;q=0.5");
    let page = person.open("/signin").await;
    page.assert_shows("<html lang=\"de\">")
        .assert_shows("Willkommen zurück");
    let led = person
        .send_through("/language", &[("language", "en"), ("return_to", "/signin")])
        .await;
    led.assert_shows("<html lang=\"en\">")
        .assert_shows("Welcome back");
}

#[tokio::test]
async fn an_address_where_nothing_is_gets_a_page_and_a_program_gets_json() {
    let server = Server::start().await;
    server
        .person()
        .open("/nothing")
        .await
        .assert_status(404)
        .assert_shows("There is nothing here");
    server
        .visitor()
        .get("/nothing")
        .await
        .assert_code(404, "not_found");
}

#[tokio::test]
async fn a_megabyte_is_too_much_and_the_page_says_so() {
    let server = Server::start().await;
    let page = server
        .person()
        .send_bare("/signin", &[("username", &"x".repeat(1_000_000))])
        .await;
    page.assert_status(413).assert_shows("That was too much to read");
}

#[tokio::test]
async fn whoever_was_overtaken_by_a_copy_of_their_token_is_told_how_to_end_it() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    let person = server.person();
    person.sign_in("Romel").await;
    let stolen = person.cookies();
    let refresh = async |cookies: &str, csrf: &str| {
        let call = server.visitor().post("/refresh", &serde_json::json!({}));
        call.header("cookie", cookies).header("x-csrf-token", csrf).await
    };
    person.open("/account").await;
    let csrf = person.csrf();
    refresh(&stolen, &csrf).await.assert_status(200);
    server.clock().advance(std::time::Duration::from_secs(31));
    let over = person.open("/account").await;
    person
        .open(over.location())
        .await
        .assert_shows("Sign in here: that ends the session for whoever has it.");
    person.sign_in("Romel").await;
    person
        .open("/account/sessions")
        .await
        .assert_shows("Somebody signed in anew in the same browser.");
}

/// Origins in the settings call the API; pages are for nobody's scripts but their own.
#[tokio::test]
async fn no_other_origin_reads_a_page_or_sends_its_forms() {
    const APP: &str = "http://app.localhost:8080";
    let server = Server::with(&[("cors-origins", APP)]).await;
    let page = server.person().from(APP).open("/signin").await;
    assert!(page.headers.get("access-control-allow-origin").is_none());
    let form = server.visitor().call(http::Method::POST, "/signin");
    let form = form
        .raw("application/x-www-form-urlencoded", "username=Romel&password=x")
        .header("origin", APP);
    form.await.assert_code(403, "cross_site");
    let api = server.visitor().get("/profile").header("origin", APP).await;
    assert_eq!(api.header("access-control-allow-origin"), APP);
}

#[tokio::test]
async fn another_language_leads_back_to_the_same_page_with_its_way_on() {
    let server = Server::start().await;
    let person = server.person();
    for path in ["/signin", "/signup"] {
        let fields = [("username", ""), ("return_to", "/account/sessions")];
        let refused = person.send(path, &fields).await;
        refused.assert_status(422);
        let back = format!("{path}?return_to=%2Faccount%2Fsessions");
        refused.assert_shows(&format!("name=\"return_to\" value=\"{back}\""));
        let led = person
            .send("/language", &[("language", "de"), ("return_to", &back)])
            .await;
        assert_eq!(led.location(), back);
        let page = person.open(&back).await;
        page.assert_shows("lang=\"de\"");
        assert_eq!(page.value_of("return_to"), Some("/account/sessions"));
        person.send("/language", &[("language", "en")]).await;
    }
}

#[tokio::test]
async fn failures_are_told_in_the_account_s_language() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    let person = server.person();
    person.sign_in("Romel").await;
    person.open("/account").await;
    person.send("/account/language", &[("language", "de")]).await;
    person.open("/nothing").await.assert_shows("Hier ist nichts");

    // On another device, from the sign-in on.
    let elsewhere = server.person();
    elsewhere
        .open("/nothing")
        .await
        .assert_shows("There is nothing here");
    elsewhere.sign_in("Romel").await;
    elsewhere.open("/signin?kept=true").await;
    elsewhere.open("/nothing").await.assert_shows("Hier ist nichts");

    // An account without a language leaves it to the browser again.
    person.open("/account").await;
    person.send("/account/language", &[("language", "")]).await;
    person
        .open("/nothing")
        .await
        .assert_shows("There is nothing here");
}

#[tokio::test]
async fn whoever_signs_up_while_signed_in_is_told_as_whom() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    let person = server.person();
    person.open("/signup").await.assert_hides("You are signed in as");
    person.sign_in("Romel").await;
    person
        .open("/signup")
        .await
        .assert_shows("You are signed in as Romel.");
}
