//! What holds for every page: nobody is kept out, nothing is cut off, nobody else is asked, and little is sent.

use std::fmt::Write as _;

use crate::{
    browser::{Browser, Scheme, WIDE},
    network::Request,
    screens::{self, Screen, Stage},
};

/// The least width that everything must fit.
const NARROWEST: [u32; 2] = [320, 640];

/// What a page may weigh the first time, with everything it loads.
const HEAVIEST: f64 = 40.0 * 1024.0;

/// The pages that may weigh more.
const HEAVY: [&str; 1] = ["/docs"];

/// Goes through all screens of which this is true, and lists what is found on each.
fn found_on_each(
    these: impl Fn(&Screen) -> bool,
    look: impl Fn(&Browser, &Stage, &Screen) -> String,
) -> String {
    let (stage, browser) = (Stage::set(), Browser::open());
    let mut all = String::new();
    for screen in screens::all().into_iter().filter(|screen| these(screen)) {
        stage.enter(&browser, screen);
        browser.prefer(Scheme::Light);
        browser.resize(WIDE);
        let found = look(&browser, &stage, screen);
        if !found.is_empty() {
            let _ = writeln!(all, "{}: {found}", screen.name);
        }
    }
    all
}

#[test]
fn no_page_keeps_anybody_out() {
    let found = found_on_each(
        |_| true,
        |browser, stage, screen| {
            stage.show(browser, screen);
            let mut found = String::new();
            let mut say = |look: &str, barriers: String| {
                if !barriers.is_empty() {
                    let _ = writeln!(found, "{look}: {barriers}");
                }
            };
            for (size, width) in [(WIDE, "wide"), (NARROWEST, "narrow")] {
                browser.resize(size);
                for scheme in [Scheme::Light, Scheme::Dark, Scheme::Forced] {
                    browser.prefer(scheme);
                    say(&format!("{width}, {scheme:?}"), browser.barriers());
                }
            }
            found
        },
    );
    assert!(found.is_empty(), "{found}");
}

#[test]
fn nothing_is_lost_on_a_narrow_screen_or_with_large_letters() {
    let found = found_on_each(
        |_| true,
        |browser, stage, screen| {
            stage.show(browser, screen);
            browser.resize(NARROWEST);
            let narrow = browser.lost();
            browser.resize(WIDE);
            browser.enlarge(200);
            narrow + &browser.lost()
        },
    );
    assert!(found.is_empty(), "{found}");
}

#[test]
fn every_page_is_light_asks_nobody_else_and_has_its_headers() {
    let found = found_on_each(Screen::is_first, |browser, stage, screen| {
        browser.devtools("Network.enable", &serde_json::json!({}));
        browser.devtools(
            "Network.setCacheDisabled",
            &serde_json::json!({ "cacheDisabled": true }),
        );
        let _ = browser.requests();
        let _ = browser.complaints();
        stage.show(browser, screen);
        let requests = browser.requests();
        let mut found = String::new();
        let bytes: f64 = requests.iter().map(|request| request.bytes).sum();
        let page = screen.path.split('#').next().unwrap_or_default();
        if bytes > HEAVIEST && !HEAVY.contains(&page) {
            let _ = writeln!(found, "{bytes} bytes");
        }
        for request in &requests {
            if request.is_foreign(&stage.site(screen).url("")) {
                let _ = writeln!(found, "asks {}", request.url);
            }
            found += &wrong_headers(request);
        }
        for complaint in browser.complaints() {
            // A page may have another status than 200, which the browser mentions.
            if !complaint.contains("Failed to load resource") {
                let _ = writeln!(found, "{complaint}");
            }
        }
        found
    });
    assert!(found.is_empty(), "{found}");
}

fn wrong_headers(request: &Request) -> String {
    let mut wrong = String::new();
    if !request.url.starts_with("http") {
        return wrong;
    }
    if !request.has_ended && !request.is_stream() {
        let _ = writeln!(wrong, "{} {} has no answer", request.method, request.url);
    }
    if request.header("x-content-type-options") != "nosniff" {
        let _ = writeln!(wrong, "{} without nosniff", request.url);
    }
    if request.header("content-type").starts_with("text/html") {
        let policy = request.header("content-security-policy");
        let is_strict = policy.starts_with("default-src 'none'")
            && policy.contains("frame-ancestors 'none'")
            && !policy.contains("unsafe-");
        if !is_strict || request.header("cache-control") != "no-store" {
            let _ = writeln!(wrong, "{} under {:?}", request.url, request.headers);
        }
    }
    wrong
}
