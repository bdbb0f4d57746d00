//! From an empty folder to a request that works.

use std::process::Command;

use crate::{
    browser::Browser,
    element::By,
    keyboard::Key,
    site::{PASSWORD, Site},
};

#[test]
fn the_terminal_s_link_makes_the_first_administrator_and_a_request_that_works() {
    let (site, browser) = (Site::start(), Browser::open());
    browser
        .go(&site.link())
        .fill("Username", "ada")
        .fill("Password", PASSWORD)
        .press("Make administrator")
        .find(By::Heading("You run this"));

    let line = browser.css("pre.command").text();
    let ran = Command::new("bash").args(["-c", &line]).output().unwrap();
    let profile: serde_json::Value =
        serde_json::from_slice(&ran.stdout).unwrap_or_else(|_| panic!("{line}: {ran:?}"));
    assert_eq!(profile["username"], "ada", "{line}");

    // The link has done its work.
    browser
        .go(&site.link())
        .find(By::Heading("There is an administrator already"));
}

#[test]
fn without_a_script_the_link_s_code_is_typed() {
    let (site, browser) = (Site::start(), Browser::without_scripts());
    let link = site.link();
    let (_, secret) = link.split_once('#').unwrap();
    browser
        .go(&link)
        .fill("Code of the link", secret)
        .fill("Username", "ada")
        .fill("Password", PASSWORD)
        .press("Make administrator")
        .find(By::Heading("You run this"));
}

#[test]
fn a_mouse_is_not_needed_for_the_first_run() {
    let (site, browser) = (Site::start(), Browser::open());
    browser.go(&site.link()).tab_to("Username").type_keys("ada");
    browser.tab_to("Password").type_keys(PASSWORD).key(Key::Enter);
    browser.find(By::Heading("You run this"));
    browser.tab_to("Your own account").key(Key::Enter);
    browser.find(By::Heading("This is you, ada"));
}

#[test]
fn a_guessed_link_makes_nobody() {
    let (site, browser) = (Site::start(), Browser::open());
    site.show(&browser, "/setup#js_AAAAAAAAAAAAAAAAAAAAAA")
        .fill("Username", "mallory")
        .fill("Password", PASSWORD)
        .press("Make administrator")
        .reads("This is not the code of a link that is good.");
    assert_eq!(browser.field("Username").value(), "mallory");
}
