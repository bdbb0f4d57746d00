//! A token pasted as it was found.

use crate::{browser::Browser, element::By, keyboard::Key, site::Site};

const FIELD: &str = "Token, or the text it stands in";

#[test]
fn a_token_is_found_in_whatever_it_was_pasted_with() {
    let (site, browser) = (Site::start(), Browser::open());
    site.person("Romel");
    let token = site.sign_in_elsewhere("Romel");
    let (first, rest) = token.split_at(40);
    for pasted in [
        token.clone(),
        format!("Bearer {token}"),
        format!("\"{token}\""),
        format!("  {first}\n  {rest}\n"),
        format!("curl -s http://localhost:5000/profile -H 'Authorization: Bearer {token}'"),
        format!("https://app.example.org/back#access_token={token}&token_type=bearer"),
        format!("{{\"access_token\":\"{token}\",\"token_type\":\"bearer\"}}"),
    ] {
        site.show(&browser, "/inspect");
        browser
            .fill(FIELD, &pasted)
            .press("Explain it")
            .reads("It is in order, by its own words");
        assert_eq!(browser.path(), "/inspect", "nothing of it is in the address");
    }
}

#[test]
fn why_a_token_is_refused_is_told_to_whom_it_belongs_with_and_without_scripts() {
    for browser in [Browser::open as fn() -> Browser, Browser::without_scripts] {
        let (site, browser) = (Site::start(), browser());
        site.person("Romel");
        site.sign_in(&browser, "Romel");
        let token = site.sign_in_elsewhere("Romel");
        site.sign_out(&token);
        site.show(&browser, "/inspect");
        browser
            .fill(FIELD, &token)
            .press("Explain it")
            .reads("It is refused");
        browser.reads("You signed out of it.");
    }
}

#[test]
fn a_mouse_is_not_needed_to_inspect() {
    let (site, browser) = (Site::start(), Browser::open());
    site.show(&browser, "/inspect");
    browser.tab_to(FIELD).type_keys("nothing to see");
    browser.tab_to("Explain it").key(Key::Enter);
    browser.reads("There is no token in this.");
    browser.find(By::Text("nothing to see"));
}
