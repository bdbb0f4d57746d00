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
fn a_table_is_walked_by_keys() {
    let (site, browser) = (Site::start(), Browser::open());
    site.administrator("ada").person("Romel");
    site.sign_in(&browser, "ada");
    site.show(&browser, "/console/users")
        .find(By::Heading("Who has an account?"));
    browser.key(Key::Character('/')).type_keys("rom").key(Key::Enter);
    browser.wait_until("what was searched for", |browser| {
        browser.path().contains("q=rom")
    });
    browser.key(Key::Down).key(Key::Enter);
    browser.find(By::Heading("Romel"));
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
