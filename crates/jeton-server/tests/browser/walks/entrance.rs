//! Signing up, in and out.

use crate::{
    browser::Browser,
    element::By,
    site::{PASSWORD, Site},
    walker::each_way,
};

#[test]
fn a_person_signs_up_looks_around_and_signs_out() {
    each_way(|site, walker| {
        walker.show(&site, "/").follow("Sign up").finds("Make an account");
        walker
            .fill("Username", "Romel")
            .fill("E-mail", "romel@example.org")
            .fill("Password", PASSWORD)
            .press("Sign up")
            .reads("romel@example.org");
        assert_eq!(walker.browser.path(), "/account");

        walker.follow("Sessions").reads("this device");
        walker.press("Sign out").finds("You are signed out");

        // What the browser still shows of the account is gone with the session.
        walker.browser.back();
        walker.browser.reload();
        walker.browser.wait_for_path("/signin");
        walker
            .fill("Username or e-mail", "Romel")
            .fill("Password", PASSWORD)
            .press("Sign in")
            .finds("Where you are signed in");
    });
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
