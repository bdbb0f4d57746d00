//! Administrators at work.

use crate::{browser::Browser, element::By, keyboard::Key, site::Site};

#[test]
fn an_administrator_disables_somebody_whose_page_is_open() {
    let site = Site::start();
    site.administrator("ada").person("Romel");
    let [admin, person] = Browser::two();
    site.sign_in(&person, "Romel");
    site.sign_in(&admin, "ada");

    site.show(&admin, "/console/users")
        .fill("Name, e-mail or id", "rom")
        .press("Search");
    admin
        .follow("Romel")
        .press("Disable")
        .reads("Disabled. What they held is refused from now on.");

    person.come_back();
    person.reads("The account was disabled by an administrator.");
}

#[test]
fn a_key_is_rotated_with_and_without_scripts() {
    for browser in [Browser::open as fn() -> Browser, Browser::without_scripts] {
        let (site, browser) = (Site::start(), browser());
        site.administrator("ada");
        site.sign_in(&browser, "ada");
        site.show(&browser, "/console/keys")
            .follow("Rotate… Access tokens");
        browser.find(By::Heading("What will happen"));
        browser.press("Rotate").reads("The new key is published.");
        let keys = site.api().get("/.well-known/jwks.json", "").body;
        assert_eq!(keys["keys"].as_array().map(Vec::len), Some(2), "{keys}");
    }
}

#[test]
fn a_mouse_is_not_needed_to_find_somebody_and_rotate_a_key() {
    let (site, browser) = (Site::start(), Browser::open());
    site.administrator("ada").person("Romel");
    site.sign_in(&browser, "ada");
    site.show(&browser, "/console/users")
        .find(By::Heading("Who has an account?"));
    browser.key(Key::Character('/')).type_keys("rom").key(Key::Enter);
    browser.wait_until("what was searched for", |browser| {
        browser.path().contains("q=rom")
    });
    browser.tab_to("Romel").key(Key::Enter);
    browser.find(By::Heading("Romel"));

    site.show(&browser, "/console/keys");
    browser.tab_to("Rotate… Access tokens").key(Key::Enter);
    browser.find(By::Heading("What will happen"));
    browser.tab_to("Rotate").key(Key::Enter);
    browser.reads("The new key is published.");
}

#[test]
fn somebody_is_made_and_deleted() {
    let (site, browser) = (Site::start(), Browser::without_scripts());
    site.administrator("ada");
    site.sign_in(&browser, "ada");
    site.show(&browser, "/console/users").follow("New user");
    browser.fill("Username", "Romel").press("Make the account");
    browser.find(By::Heading("Romel has an account"));
    browser.follow("Go to Romel").follow("Delete…");
    browser
        .fill("Type Romel to go on", "Rome")
        .press("Delete the account");
    browser.reads("This is not the name of the account.");
    browser
        .fill("Type Romel to go on", "Romel")
        .press("Delete the account");
    browser.reads("The account is gone.");
}

#[test]
fn figures_change_while_one_looks() {
    let (site, browser) = (Site::start(), Browser::open());
    site.administrator("ada").person("Romel");
    site.sign_in(&browser, "ada").follow("Console");
    let sign_ins = || browser.css("[data-figure=sign_ins]").text();
    let before = sign_ins();
    site.sign_in_elsewhere("Romel");
    browser.wait_until("another sign-in", |_| sign_ins() != before);
}
