//! What an administrator reads: the trail, the settings and the figures.

use crate::{browser::Browser, element::By, site::Site, walker::each_way};

#[test]
fn the_trail_is_searched() {
    each_way(|site, walker| {
        site.administrator("ada").person("Romel");
        walker
            .sign_in(&site, "ada")
            .show(&site, "/console/audit")
            .finds("What happened?");
        walker
            .fill("User or id", "nobody")
            .press("Search")
            .reads("There is no user of this name.");
        walker.follow("Show everything");
        walker
            .fill("User or id", "Romel")
            .choose("What", "user.registered")
            .press("Search");
        let rows = walker.browser.seen(By::Css("tbody tr"));
        assert_eq!(rows.len(), 1);
        assert!(rows[0].text().contains("user.registered"), "{}", rows[0].text());
        let file = walker
            .browser
            .link("Download these events")
            .attribute("href")
            .unwrap();
        assert!(file.contains("user=Romel&action=user.registered"), "{file}");
    });
}

#[test]
fn the_settings_and_what_they_lack_are_read() {
    each_way(|site, walker| {
        site.administrator("ada");
        walker.sign_in(&site, "ada").follow("Console").follow("Settings");
        walker.finds("What does this configuration lack?");
        assert!(!walker.browser.is_seen(By::Css("details li")));
        let passed = walker.browser.css("summary").text();
        walker.unfold(&passed);
        walker.browser.css("details li");
        walker.reads("address_limit").reads("the environment");
    });
}

#[test]
fn without_scripts_the_figures_are_read_again() {
    let (site, browser) = (Site::start(), Browser::without_scripts());
    site.administrator("ada").person("Romel");
    site.sign_in(&browser, "ada").follow("Console");
    assert_eq!(browser.css("[data-figure=sign_ins]").text(), "1");
    site.sign_in_elsewhere("Romel");
    browser.follow("Read the figures again");
    browser.wait_until("another sign-in", |browser| {
        browser.css("[data-figure=sign_ins]").text() == "2"
    });
}
