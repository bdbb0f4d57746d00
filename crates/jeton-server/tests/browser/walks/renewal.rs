//! The end of a session comes near. The offer is made two minutes before: a lifetime of little more shows it at once.

use crate::{
    browser::Browser,
    element::By,
    keyboard::Key,
    site::{PASSWORD, Site},
};

/// Idle for this long, a session is over.
const SHORT: (&str, &str) = ("JETON_REFRESH_LIFETIME", "122s");

fn near_its_end() -> Site {
    let site = Site::with([SHORT, ("JETON_ACCESS_LIFETIME", "60s")]);
    site.person("Romel");
    site
}

#[test]
fn one_press_keeps_the_session_and_what_was_typed() {
    let (site, browser) = (near_its_end(), Browser::open());
    site.sign_in(&browser, "Romel").follow("Security");
    let field = browser.field("New password");
    field.fill("half a pass");
    browser.find(By::Heading("Still there?"));
    // Whoever is typing goes on typing.
    browser.type_keys("word");
    assert_eq!(field.value(), "half a password");

    let before = browser
        .cookie("refresh_token")
        .or_else(|| browser.cookie("jeton_refresh"));
    browser.press("Stay signed in");
    browser.wait_until("a new token", |browser| {
        let now = browser
            .cookie("refresh_token")
            .or_else(|| browser.cookie("jeton_refresh"));
        now.is_some() && now != before
    });
    assert_eq!(field.value(), "half a password");
}

#[test]
fn the_offer_is_reached_and_taken_by_keyboard() {
    let (site, browser) = (near_its_end(), Browser::open());
    site.sign_in(&browser, "Romel");
    browser.find(By::Heading("Still there?"));
    browser.tab_to("Stay signed in").key(Key::Enter);
    browser.wait_until("the word of it", |browser| {
        browser.run(
            "return document.getElementById('renewal-status').textContent",
            &[],
        ) == "You stay signed in."
    });
}

#[test]
fn at_the_absolute_end_the_password_is_asked_for_in_place() {
    let site = Site::with([
        ("JETON_SESSION_LIFETIME", "122s"),
        SHORT,
        ("JETON_ACCESS_LIFETIME", "60s"),
    ]);
    let browser = Browser::open();
    site.person("Romel");
    site.sign_in(&browser, "Romel").follow("Security");
    browser.fill("New password", "half a password");
    browser.find(By::Heading("Your session ends soon"));
    browser
        .fill("Password of Romel", "wrong")
        .css("#renewal")
        .press("Sign in");
    browser.reads("That is not the password.");
    let before = browser.run("return document.querySelector('[name=csrf_token]').value", &[]);
    browser
        .fill("Password of Romel", PASSWORD)
        .css("#renewal")
        .press("Sign in");

    // Forms of the page are the new session's.
    browser.wait_until("a new token in the forms", |browser| {
        browser.run("return document.querySelector('[name=csrf_token]').value", &[]) != before
    });
    assert_eq!(browser.field("New password").value(), "half a password");
    assert_eq!(browser.path(), "/account/security");
}

#[test]
fn two_tabs_that_renew_at_once_both_stay_signed_in() {
    let (site, browser) = (near_its_end(), Browser::open());
    site.sign_in(&browser, "Romel");
    let [first, second] = browser.open_window();
    site.show(&browser, "/account/sessions")
        .find(By::Heading("Still there?"));
    let press = "setTimeout(() => document.querySelector('#renewal .stay').click(), Math.max(0, arguments[0] - Date.now()))";
    let at = browser.run("return Date.now() + 1500", &[]);
    for tab in [&second, &first] {
        browser.switch_to(tab);
        browser.find(By::Heading("Still there?"));
        browser.run(press, std::slice::from_ref(&at));
    }
    let mut refreshed = Vec::new();
    browser.wait("two refreshes", || {
        let requests = browser.requests().into_iter();
        refreshed.extend(requests.filter(|request| request.url.ends_with("/refresh")));
        (refreshed.len() == 2).then_some(())
    });
    assert!(
        refreshed.iter().all(|refresh| refresh.status == Some(200)),
        "{refreshed:?}"
    );
    for tab in [&first, &second] {
        browser.switch_to(tab);
        browser.reload();
        browser.find(By::Link("Romel"));
    }
    let sessions = site.api().get("/sessions", &site.sign_in_elsewhere("Romel"));
    assert_eq!(
        sessions.body["sessions"].as_array().map(Vec::len),
        Some(2),
        "{sessions:?}"
    );
}
