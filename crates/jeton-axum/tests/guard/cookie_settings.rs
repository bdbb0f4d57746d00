use std::time::Duration;

use http::HeaderMap;
use jeton_axum::cookies::{Cookie, CookieMode, CookieSettingsError, Cookies, CookiesBuilder, SameSite};

const HOUR: Duration = Duration::from_hours(1);

fn host() -> CookiesBuilder {
    Cookies::builder(CookieMode::Host)
}

fn shared() -> CookiesBuilder {
    host()
        .name(Cookie::Access, "access")
        .name(Cookie::Refresh, "refresh")
        .name(Cookie::Csrf, "csrf")
}

#[track_caller]
fn assert_sets(cookies: &Cookies, cookie: Cookie, line: &str) {
    assert_eq!(
        cookies.set(cookie, "a.b.c", HOUR).unwrap().to_str().unwrap(),
        line
    );
}

#[test]
fn untouched_they_are_those_of_the_mode() {
    for mode in [CookieMode::Host, CookieMode::Loopback] {
        assert_eq!(Cookies::builder(mode).build(), Ok(Cookies::from(mode)));
    }
    let line = "__Host-jeton_csrf=a.b.c; Path=/; Max-Age=3600; SameSite=Lax; Secure";
    assert_sets(&host().build().unwrap(), Cookie::Csrf, line);
    let line = "jeton_refresh=a.b.c; Path=/; Max-Age=3600; SameSite=Lax; HttpOnly";
    assert_sets(&CookieMode::Loopback.into(), Cookie::Refresh, line);
}

#[test]
fn every_attribute_can_be_set() {
    let cookies = shared()
        .domain("example.com")
        .path(Cookie::Refresh, "/auth")
        .same_site(SameSite::None)
        .until_the_browser_closes()
        .build()
        .unwrap();
    let line = "refresh=a.b.c; Path=/auth; Domain=example.com; SameSite=None; Secure; HttpOnly";
    assert_sets(&cookies, Cookie::Refresh, line);
    assert_sets(
        &cookies,
        Cookie::Csrf,
        "csrf=a.b.c; Path=/; Domain=example.com; SameSite=None; Secure",
    );
}

#[test]
fn forgetting_names_path_and_domain_again_and_ends_at_once() {
    let cookies = shared()
        .domain("example.com")
        .path(Cookie::Refresh, "/auth")
        .same_site(SameSite::Strict)
        .until_the_browser_closes()
        .build()
        .unwrap();
    let cleared: Vec<_> = cookies
        .clear()
        .map(|line| line.to_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        cleared,
        [
            "access=; Path=/; Domain=example.com; Max-Age=0; SameSite=Strict; Secure; HttpOnly",
            "refresh=; Path=/auth; Domain=example.com; Max-Age=0; SameSite=Strict; Secure; HttpOnly",
            "csrf=; Path=/; Domain=example.com; Max-Age=0; SameSite=Strict; Secure",
        ],
    );
}

#[test]
fn they_are_read_by_their_own_names() {
    let cookies = shared().build().unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("cookie", "access=one; __Host-jeton_access=two".parse().unwrap());
    assert_eq!(cookies.read(&headers, Cookie::Access), Ok(Some("one")));
    assert_eq!(cookies.read(&headers, Cookie::Refresh), Ok(None));
}

#[test]
fn what_browsers_would_drop_is_an_error() {
    use CookieSettingsError as Wrong;
    let text = str::to_owned;
    let plain = || Cookies::builder(CookieMode::Loopback);
    let access = text("__Host-jeton_access");
    for (builder, error) in [
        (host().domain("example.com"), Wrong::HostPrefix(access.clone())),
        (host().path(Cookie::Access, "/api"), Wrong::HostPrefix(access)),
        (
            shared().domain("example.com").name(Cookie::Csrf, "__hOST-csrf"),
            Wrong::HostPrefix(text("__hOST-csrf")),
        ),
        (
            plain().name(Cookie::Csrf, "__Secure-csrf"),
            Wrong::NeedsHttps(text("__Secure-csrf")),
        ),
        (
            plain().name(Cookie::Csrf, "__Host-csrf"),
            Wrong::NeedsHttps(text("__Host-csrf")),
        ),
        (
            plain().same_site(SameSite::None),
            Wrong::NeedsHttps(text("jeton_access")),
        ),
        (host().name(Cookie::Csrf, ""), Wrong::Name(text(""))),
        (host().name(Cookie::Csrf, "a b"), Wrong::Name(text("a b"))),
        (host().name(Cookie::Csrf, "a;b"), Wrong::Name(text("a;b"))),
        (
            shared().name(Cookie::Csrf, "access"),
            Wrong::SameName(text("access")),
        ),
        (
            shared().path(Cookie::Csrf, "api"),
            Wrong::PathOrDomain(text("api")),
        ),
        (
            shared().path(Cookie::Csrf, "/; Secure"),
            Wrong::PathOrDomain(text("/; Secure")),
        ),
        (shared().domain("a;b"), Wrong::PathOrDomain(text("a;b"))),
        (shared().domain(""), Wrong::PathOrDomain(text(""))),
    ] {
        assert_eq!(builder.build(), Err(error));
    }
}
