//! What the other tests here rest on: the browser tells what it sees, and obeys.

use std::io::Write;

use tempfile::NamedTempFile;

use crate::{
    browser::{Browser, NARROW, Scheme, WIDE},
    element::By,
    keyboard::Key,
    process::Home,
};

const PAGE: &str = "<!doctype html><title>T</title><meta name=viewport content=width=device-width>
    <style>@media (prefers-color-scheme: dark) { p { order: 1 } } @media (forced-colors: active) { p { order: 2 } }</style>
    <h1>Who?</h1><label for=n>Name</label><input id=n><label>It's me <input type=checkbox></label>
    <p hidden>hidden</p><p id=said>none</p><noscript>no script</noscript>
    <button onclick=\"said.textContent = n.value\">Say it</button><a href=#below>Below</a>";

/// The page as a file, and where it is.
fn page() -> (NamedTempFile, String) {
    let mut file = tempfile::Builder::new().suffix(".html").tempfile().unwrap();
    file.write_all(PAGE.as_bytes()).unwrap();
    let url = format!("file://{}", file.path().display());
    (file, url)
}

#[test]
fn things_are_found_as_a_person_finds_them() {
    let browser = Browser::open();
    let (_page, url) = page();
    browser.go(&url).fill("Name", "Romel").press("Say it");

    assert_eq!(browser.css("#said").text(), "Romel");
    assert_eq!(browser.title(), "T");
    assert_eq!(browser.field("It's me").attribute("type").unwrap(), "checkbox");
    assert!(browser.is_seen(By::Heading("Who?")));
    assert!(!browser.is_seen(By::Text("hidden")));
    browser.follow("Below");
    assert!(browser.url().ends_with("#below"));
}

#[test]
fn a_page_is_walked_without_a_mouse() {
    let browser = Browser::open();
    let (_page, url) = page();
    browser
        .go(&url)
        .tab_to("Name")
        .type_keys("Ada")
        .tab_to("Say it")
        .key(Key::Enter);

    browser.wait_until("the name", |browser| browser.css("#said").text() == "Ada");
}

#[test]
fn a_person_s_choices_reach_the_page() {
    let browser = Browser::open();
    let (_page, url) = page();
    browser.go(&url);
    let order = || browser.run("return getComputedStyle(said).order", &[]);
    for (scheme, expected) in [(Scheme::Dark, "1"), (Scheme::Forced, "2"), (Scheme::Light, "0")] {
        browser.prefer(scheme);
        assert_eq!(order(), expected, "{scheme:?}");
    }

    for size in [NARROW, WIDE, [320, 640]] {
        browser.resize(size);
        assert_eq!(browser.run("return innerWidth", &[]), size[0]);
        assert!(browser.picture(size).starts_with(b"\x89PNG"));
    }
}

#[test]
fn scripts_can_be_switched_off() {
    let browser = Browser::without_scripts();
    let (_page, url) = page();
    browser.go(&url).fill("Name", "Romel").press("Say it");

    assert_eq!(browser.css("#said").text(), "none");
    let instead = browser.run("return document.querySelector('noscript').innerText", &[]);
    assert_eq!(instead, "no script");
}

#[test]
fn requests_are_told_with_their_size_from_every_window() {
    let home = Home::new();
    let server = home.start();
    let browser = Browser::open();
    let [first, _] = browser.open_window();
    browser.go(&server.url("/healthz"));
    browser.switch_to(&first);
    browser.go(&server.url("/nothing"));

    let requests = browser.requests();
    let of = |path: &str| {
        requests
            .iter()
            .find(|request| request.url == server.url(path))
            .unwrap()
    };
    assert_eq!(of("/healthz").status, Some(200));
    assert_eq!(of("/nothing").status, Some(404));
    assert!(of("/healthz").bytes > 50.0, "{requests:?}");
    assert!(!of("/healthz").is_foreign(&server.url("")));
    assert!(of("/healthz").is_foreign("http://127.0.0.1"));
    assert!(browser.requests().is_empty());
}

#[test]
fn barriers_are_seen_and_named() {
    let browser = Browser::open();
    let (_page, url) = page();
    browser.go(&url);

    let barriers = browser.barriers();

    assert!(barriers.contains("html-has-lang (serious)"), "{barriers}");
    assert!(!barriers.contains("button-name"), "{barriers}");
}
