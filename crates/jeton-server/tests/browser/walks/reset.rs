//! A new password by a code from an administrator.

use crate::{
    browser::Browser,
    element::By,
    site::{PASSWORD, Site},
    walker::each_way,
};

const NEW: &str = "a kestrel on the mast";

#[test]
fn a_code_sets_a_new_password_once() {
    each_way(|site, walker| {
        site.person("Romel");
        let token = site.sign_in_elsewhere("Romel");
        let code = site.reset_code("Romel");
        let give = || {
            walker.fill("Username or e-mail", "Romel");
            walker.fill("Code", &code).press("Continue");
        };
        walker.show(&site, "/signin").follow("Forgot it?");
        give();
        walker.finds("Choose a new password");
        // A weak one can be mended: neither the station nor the code is used up by it.
        walker.fill("New password", "12341234").press("Set password");
        walker.reads("among the passwords that are guessed first");
        walker.fill("New password", NEW).press("Set password");
        walker.reads("Your new password is set.");
        walker.fill("Username or e-mail", "Romel").fill("Password", NEW);
        walker.press("Sign in").finds("This is you, Romel");
        assert_eq!(
            site.api().get("/protected", &token).text("error"),
            "token_revoked"
        );

        walker.show(&site, "/reset");
        give();
        walker.reads("the code is used up or too old");
        assert_eq!(walker.browser.field("Username or e-mail").value(), "Romel");
    });
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

fn give(browser: &Browser, code: &str) {
    browser
        .fill("Username or e-mail", "Romel")
        .fill("Code", code)
        .press("Continue");
}
