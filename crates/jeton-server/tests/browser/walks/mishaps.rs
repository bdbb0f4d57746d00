//! What goes wrong with pages and forms, and what is said then.

use crate::{
    browser::Browser,
    element::By,
    site::{PASSWORD, Site},
};

#[test]
fn a_browser_without_cookies_is_told_so() {
    let (site, browser) = (Site::start(), Browser::without_cookies());
    site.person("Romel").show(&browser, "/signin");
    browser
        .fill("Username or e-mail", "Romel")
        .fill("Password", PASSWORD)
        .press("Sign in")
        .reads("Your browser kept no cookie");
}

#[test]
fn a_form_of_another_session_is_refused_and_changes_nothing() {
    let (site, browser) = (Site::start(), Browser::open());
    site.person("Romel").person("Ada");
    site.sign_in(&browser, "Romel").follow("Security");
    let [first, _] = browser.open_window();
    site.sign_in(&browser, "Ada");

    // The page is still Romel's: it says so, and what is sent all the same is nobody's.
    browser.switch_to(&first);
    browser.come_back();
    browser.reads("Ada has signed in here meanwhile.");
    browser
        .fill("Present password", PASSWORD)
        .fill("New password", "a kestrel on the mast")
        .press("Change password")
        .find(By::Heading("This form is from another session"));
    site.sign_in_elsewhere("Ada");
    site.sign_in_elsewhere("Romel");
}

#[test]
fn a_disabled_account_s_open_page_says_what_happened() {
    let (site, browser) = (Site::start(), Browser::open());
    site.person("Romel");
    site.sign_in(&browser, "Romel");
    site.command(["users", "disable", "Romel"]);

    // The page asks anew until the service has heard of it.
    browser.wait_until("the reason", |browser| {
        browser.come_back();
        browser.is_seen(By::Text("The account was disabled by an administrator."))
    });
}

#[test]
fn a_form_pressed_twice_is_sent_once() {
    let (site, browser) = (Site::start(), Browser::open());
    site.show(&browser, "/signup")
        .fill("Username", "Romel")
        .fill("Password", PASSWORD);
    let _ = browser.requests();
    browser.run(
        "const button = document.querySelector('form.stack button'); button.click(); button.click();",
        &[],
    );
    browser.wait_for_path("/account");

    let requests = browser.requests();
    let sent = requests.iter().filter(|request| request.method == "POST");
    assert_eq!(sent.count(), 1, "{requests:?}");
}

#[test]
fn a_page_that_is_not_there_leads_back() {
    let (site, browser) = (Site::start(), Browser::open());
    site.show(&browser, "/nothing-here")
        .find(By::Heading("There is nothing here"));
    browser.follow("To the beginning").wait_for_path("/");
}

#[test]
fn a_page_from_before_a_restart_can_still_be_sent() {
    for browser in [Browser::open as fn() -> Browser, Browser::without_scripts] {
        let (site, browser) = (Site::start(), browser());
        site.person("Romel");
        site.sign_in(&browser, "Romel").follow("Security");
        browser
            .fill("Present password", PASSWORD)
            .fill("New password", "a kestrel on the mast");
        let site = site.restarted_under("+1m");
        browser
            .press("Change password")
            .reads("Your password is changed.");

        // What was begun by somebody who is not signed in goes on too.
        browser.press("Sign out").find(By::Heading("You are signed out"));
        let code = site.reset_code("Romel");
        site.show(&browser, "/reset")
            .fill("Username or e-mail", "Romel")
            .fill("Code", &code)
            .press("Continue")
            .find(By::Heading("Choose a new password"));
        let site = site.restarted_under("+2m");
        browser
            .fill("New password", PASSWORD)
            .press("Set password")
            .reads("Your new password is set.");
        site.sign_in_elsewhere("Romel");
    }
}

#[test]
fn a_pasted_megabyte_is_answered_by_a_page_that_says_what_to_do() {
    let (site, browser) = (Site::start(), Browser::open());
    site.show(&browser, "/inspect")
        .field("Token, or the text it stands in");
    let _ = browser.requests();
    browser.run(
        "document.querySelector('textarea').value = 'x'.repeat(1 << 20)",
        &[],
    );
    browser
        .press("Explain it")
        .find(By::Heading("That was too much to read"));
    browser.reads("Go back and send less; nothing was changed.");
    let requests = browser.requests();
    let sent = requests.iter().find(|request| request.method == "POST").unwrap();
    assert_eq!(sent.status, Some(413), "{sent:?}");

    browser.back();
    browser
        .fill("Token, or the text it stands in", "less")
        .press("Explain it");
    browser.reads("There is no token in this.");
}
