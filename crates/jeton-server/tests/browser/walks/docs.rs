//! The API, read and tried.

use std::process::Command;

use crate::{browser::Browser, element::By, keyboard::Key, site::Site, walker::each_way};

const PROFILE: &str = "GET /profile";

#[test]
fn a_token_is_made_with_a_line_that_works_and_a_route_is_read() {
    each_way(|site, walker| {
        site.person("Romel");
        walker
            .sign_in(&site, "Romel")
            .follow("API")
            .finds("What can I ask this service?");
        walker.press("Make an access token").reads("It stands here once.");
        let line = walker.browser.css("pre.command").text();
        let ran = Command::new("bash").args(["-c", &line]).output().unwrap();
        let profile: serde_json::Value =
            serde_json::from_slice(&ran.stdout).unwrap_or_else(|_| panic!("{line}: {ran:?}"));
        assert_eq!(profile["username"], "Romel", "{line}");

        walker.unfold(PROFILE);
        walker.browser.css("#get_profile .answers");
    });
}

#[test]
fn a_request_is_tried_with_one_s_own_token_by_keyboard_alone() {
    let (site, browser) = (Site::start(), Browser::open());
    site.person("Romel");
    site.sign_in(&browser, "Romel").follow("API");
    browser
        .tab_to("Make an access token")
        .key(Key::Enter)
        .reads("It stands here once.");
    browser.tab_to(PROFILE).key(Key::Enter);
    browser.tab_to("Send it").key(Key::Enter).reads("200 OK");
    browser.find(By::Text("\"username\": \"Romel\""));

    // What removes something is asked about first, and can be left.
    browser.tab_to("DELETE /sessions/{id}").key(Key::Enter);
    browser.tab_to("id").type_keys("x");
    browser
        .tab_to("Send it")
        .key(Key::Enter)
        .reads("Send this for real?");
    browser.key(Key::Escape);
    browser.wait_until("the dialog's end", |browser| {
        !browser.is_seen(By::Text("Send this for real?"))
    });
}
