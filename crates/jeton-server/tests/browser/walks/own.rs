//! One's own account: changed, taken along, deleted.

use crate::{
    browser::Browser,
    element::By,
    keyboard::Key,
    site::{PASSWORD, Site},
};

#[test]
fn a_name_is_changed_and_signed_in_with() {
    for browser in [Browser::open as fn() -> Browser, Browser::without_scripts] {
        let (site, browser) = (Site::start(), browser());
        site.person("Romel");
        site.sign_in(&browser, "Romel");
        browser
            .fill("Username", "Romeo")
            .press("Change username")
            .reads("Your name is changed.");
        browser.find(By::Heading("This is you, Romeo"));
        browser.follow("Activity").reads("Username changed");
        browser.press("Sign out").reads("You are signed out");
        site.sign_in(&browser, "Romeo");
    }
}

#[test]
fn an_account_is_deleted_by_keyboard_alone() {
    let (site, browser) = (Site::start(), Browser::open());
    site.person("Romel");
    site.sign_in(&browser, "Romel").follow("Your data");
    browser.tab_to("Type your username to confirm").type_keys("Romel");
    browser.tab_to("Delete my account").key(Key::Enter);
    browser.find(By::Heading("Your account is deleted"));
    site.show(&browser, "/signin");
    browser
        .fill("Username or e-mail", "Romel")
        .fill("Password", PASSWORD)
        .press("Sign in")
        .reads("do not belong together");
}
