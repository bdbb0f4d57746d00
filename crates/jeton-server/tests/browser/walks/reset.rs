//! A new password by a code from an administrator.

use crate::{
    browser::Browser,
    element::By,
    keyboard::Key,
    site::{PASSWORD, Site},
};

const NEW: &str = "a kestrel on the mast";

#[test]
fn a_code_sets_a_new_password_once_with_and_without_scripts() {
    for browser in [Browser::open as fn() -> Browser, Browser::without_scripts] {
        let (site, browser) = (Site::start(), browser());
        site.person("Romel");
        let token = site.sign_in_elsewhere("Romel");
        let code = site.reset_code("Romel");
        site.show(&browser, "/signin").follow("Forgot it?");
        give(&browser, &code);
        browser.find(By::Heading("Choose a new password"));
        // A weak one can be mended: neither the station nor the code is used up by it.
        browser.fill("New password", "12341234").press("Set password");
        browser.reads("among the passwords that are guessed first");
        browser.fill("New password", NEW).press("Set password");
        browser.reads("Your new password is set.");
        browser
            .fill("Username or e-mail", "Romel")
            .fill("Password", NEW)
            .press("Sign in")
            .wait_for_path("/account");
        assert_eq!(
            site.api().get("/protected", &token).text("error"),
            "token_revoked"
        );

        site.show(&browser, "/reset");
        give(&browser, &code);
        browser.reads("the code is used up or too old");
        assert_eq!(browser.field("Username or e-mail").value(), "Romel");
    }
}

#[test]
fn a_form_from_the_browser_s_memory_is_told_that_the_password_is_set() {
    let (site, browser) = (Site::start(), Browser::open());
    let code = site.person("Romel").reset_code("Romel");
    site.show(&browser, "/reset");
    give(&browser, &code);
    let [first, _] = browser.open_window();
    site.show(&browser, "/reset");
    give(&browser, &code);
    browser.fill("New password", NEW).press("Set password");
    browser.reads("Your new password is set.");

    browser.switch_to(&first);
    browser.fill("New password", PASSWORD).press("Set password");
    browser.find(By::Heading("The code is not good any more"));
}

#[test]
fn a_mouse_is_not_needed_for_a_new_password() {
    let (site, browser) = (Site::start(), Browser::open());
    let code = site.person("Romel").reset_code("Romel");
    site.show(&browser, "/reset");
    browser.tab_to("Username or e-mail").type_keys("Romel");
    browser.tab_to("Code").type_keys(&code).key(Key::Enter);
    browser.find(By::Heading("Choose a new password"));
    browser.tab_to("New password").type_keys(NEW).key(Key::Enter);
    browser.reads("Your new password is set.");
}

fn give(browser: &Browser, code: &str) {
    browser
        .fill("Username or e-mail", "Romel")
        .fill("Code", code)
        .press("Continue");
}
