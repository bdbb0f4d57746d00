//! One's sessions: seen, ended, and their end noticed.

use crate::{
    browser::Browser,
    element::By,
    site::{PASSWORD, Site},
    walker::each_way,
};

#[test]
fn other_sessions_are_ended() {
    each_way(|site, walker| {
        site.person("Romel");
        let tokens = [(); 3].map(|()| site.sign_in_elsewhere("Romel"));
        walker
            .sign_in(&site, "Romel")
            .follow("Sessions")
            .reads("ends 3 sessions");
        walker.press("End session").reads("That session has ended.");
        walker
            .press("End all others")
            .reads("All other sessions have ended.");

        assert!(!walker.browser.is_seen(By::Button("End session")));
        for token in tokens {
            assert_eq!(
                site.api().get("/protected", &token).text("error"),
                "token_revoked"
            );
        }
    });
}

#[test]
fn an_ended_session_is_noticed_in_an_open_page_and_nothing_typed_is_lost() {
    let (site, browser) = (Site::start(), Browser::open());
    site.person("Romel");
    site.sign_in(&browser, "Romel").follow("Security");
    browser.fill("New password", "a kestrel on the mast");
    site.end_sessions("Romel");

    browser.come_back();
    browser.reads("You ended it from another device.");
    browser.fill("Password of Romel", PASSWORD);
    browser.css("#renewal").press("Sign in");
    browser.wait_until("the dialog's end", |browser| {
        !browser.is_seen(By::Css("#renewal"))
    });

    assert_eq!(browser.path(), "/account/security");
    assert_eq!(browser.field("New password").value(), "a kestrel on the mast");
    browser
        .fill("Present password", PASSWORD)
        .press("Change password")
        .reads("Your password is changed.");
}

#[test]
fn what_is_sent_after_the_end_says_why_and_comes_back() {
    let (site, browser) = (Site::start(), Browser::without_scripts());
    site.person("Romel");
    site.sign_in(&browser, "Romel").follow("Sessions");
    site.end_sessions("Romel");

    browser.follow("Security");
    browser.reads("You ended it from another device.");
    browser
        .fill("Username or e-mail", "Romel")
        .fill("Password", PASSWORD)
        .press("Sign in")
        .wait_for_path("/account/security");
}

#[test]
fn a_sign_out_in_one_tab_is_noticed_in_the_other() {
    let (site, browser) = (Site::start(), Browser::open());
    site.person("Romel");
    site.sign_in(&browser, "Romel");
    let [first, _] = browser.open_window();
    site.show(&browser, "/account/sessions").press("Sign out");
    browser.find(By::Heading("You are signed out"));

    browser.switch_to(&first);
    browser.come_back();
    browser.wait_until("the dialog", |browser| {
        browser.is_seen(By::Label("Password of Romel"))
    });
}
