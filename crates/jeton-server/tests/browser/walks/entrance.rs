//! Signing up, in and out.

use crate::{
    browser::Browser,
    element::By,
    keyboard::Key,
    site::{PASSWORD, Site},
};

#[test]
fn a_person_signs_up_looks_around_and_signs_out() {
    sign_up_to_sign_out(&Browser::open());
}

#[test]
fn no_script_is_needed_from_sign_up_to_sign_out() {
    sign_up_to_sign_out(&Browser::without_scripts());
}

fn sign_up_to_sign_out(browser: &Browser) {
    let site = Site::start();
    site.show(browser, "/").follow("Sign up");
    browser
        .fill("Username", "Romel")
        .fill("E-mail", "romel@example.org")
        .fill("Password", PASSWORD)
        .press("Sign up")
        .reads("romel@example.org");
    assert_eq!(browser.path(), "/account");

    browser.follow("Sessions").reads("this device");
    browser.press("Sign out").find(By::Heading("You are signed out"));

    // What the browser still shows of the account is gone with the session.
    browser.back();
    browser.reload();
    browser.wait_for_path("/signin");

    browser
        .fill("Username or e-mail", "Romel")
        .fill("Password", PASSWORD)
        .press("Sign in")
        .wait_for_path("/account/sessions");
}

#[test]
fn a_mouse_is_not_needed_from_sign_up_to_sign_out() {
    let (site, browser) = (Site::start(), Browser::open());
    site.show(&browser, "/").tab_to("Sign up").key(Key::Enter);
    browser.find(By::Heading("Make an account"));
    browser.tab_to("Username").type_keys("Romel");
    browser.tab_to("Password").type_keys(PASSWORD).key(Key::Enter);
    browser.wait_for_path("/account");
    browser.tab_to("Sessions").key(Key::Enter).reads("this device");
    browser.tab_to("Sign out").key(Key::Enter);
    browser.find(By::Heading("You are signed out"));
    browser.tab_to("Sign in again").key(Key::Enter);
    browser.find(By::Heading("Welcome back"));
    browser.tab_to("Username or e-mail").type_keys("Romel");
    browser.tab_to("Password").type_keys(PASSWORD).key(Key::Enter);

    browser.wait_for_path("/account");
}

#[test]
fn a_mistake_stands_at_its_field_and_what_was_typed_stays() {
    let (site, browser) = (Site::start(), Browser::open());
    site.person("Romel").show(&browser, "/signup");
    browser
        .fill("Username", "romel")
        .fill("E-mail", "romel@example.org")
        .fill("Password", PASSWORD)
        .press("Sign up")
        .reads("belongs to somebody");

    let name = browser.field("Username");
    assert_eq!(name.value(), "romel");
    assert_eq!(name.attribute("aria-invalid").as_deref(), Some("true"));
    assert_eq!(browser.field("E-mail").value(), "romel@example.org");
    assert_eq!(browser.field("Password").value(), "");

    site.show(&browser, "/signin")
        .fill("Username or e-mail", "Romel")
        .fill("Password", "another")
        .press("Sign in")
        .reads("do not belong together");
    assert_eq!(browser.field("Username or e-mail").value(), "Romel");
    assert_eq!(browser.field("Password").value(), "");
}

#[test]
fn whoever_is_sent_to_sign_in_comes_back_to_where_they_wanted_to_go() {
    let (site, browser) = (Site::start(), Browser::open());
    site.person("Romel").show(&browser, "/account/sessions");
    browser.wait_for_path("/signin");
    browser
        .fill("Username or e-mail", "Romel")
        .fill("Password", PASSWORD)
        .press("Sign in")
        .wait_for_path("/account/sessions");

    // But never to another site.
    site.show(&browser, "/signin?return_to=//evil.example/")
        .fill("Username or e-mail", "Romel")
        .fill("Password", PASSWORD)
        .press("Sign in")
        .wait_for_path("/account");
    assert!(browser.url().starts_with(&site.url("/")));
}

#[test]
fn the_language_is_the_reader_s() {
    let (site, browser) = (Site::start(), Browser::speaking("de"));
    site.show(&browser, "/").follow("Registrieren");

    assert_eq!(browser.css("html").attribute("lang").as_deref(), Some("de"));
    browser.find(By::Button("Registrieren"));
}
