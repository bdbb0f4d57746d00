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
