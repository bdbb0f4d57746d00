//! A token pasted as it was found.

use crate::{browser::Browser, site::Site, walker::each_way};

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
fn why_a_token_is_refused_is_told_to_whom_it_belongs() {
    each_way(|site, walker| {
        site.person("Romel");
        let token = site.sign_in_elsewhere("Romel");
        walker.show(&site, "/inspect");
        walker.fill(FIELD, "nothing to see").press("Explain it");
        walker.reads("There is no token in this.").reads("nothing to see");
        walker
            .press("Show me with a sample")
            .reads("It is a sample, and opens nothing");

        walker.sign_in(&site, "Romel").finds("This is you, Romel");
        site.sign_out(&token);
        walker
            .show(&site, "/inspect")
            .fill(FIELD, &token)
            .press("Explain it");
        walker.reads("It is refused").reads("You signed out of it.");
    });
}
