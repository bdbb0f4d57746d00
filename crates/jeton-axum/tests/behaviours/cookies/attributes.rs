//! Names and attributes of the cookies, and what a browser makes of them.

use std::{collections::BTreeMap, time::Duration};

use axum::Router;
use http::HeaderValue;
use jeton_axum::{
    Auth, TokenLocation,
    cookies::{Cookie, CookieMode, Cookies, CookiesBuilder, SameSite},
};

use super::{after, csrf, protected, setting, visit};
use crate::support::{Reply, World};

const QUARTER: Duration = Duration::from_mins(15);

fn lines(cookies: &Cookies) -> [String; 3] {
    Cookie::ALL.map(|cookie| {
        let line = cookies.set(cookie, "x", QUARTER).unwrap();
        line.to_str().unwrap().to_owned()
    })
}

/// Differs: one CSRF cookie for both tokens, `Secure`, `__Host-` and `SameSite=Lax`, for as long as the token.
#[test]
fn test_default_cookie_options() {
    assert_eq!(
        lines(&CookieMode::Host.into()),
        [
            "__Host-jeton_access=x; Path=/; Max-Age=900; SameSite=Lax; Secure; HttpOnly",
            "__Host-jeton_refresh=x; Path=/; Max-Age=900; SameSite=Lax; Secure; HttpOnly",
            "__Host-jeton_csrf=x; Path=/; Max-Age=900; SameSite=Lax; Secure",
        ]
    );
    assert_eq!(
        lines(&CookieMode::Loopback.into()),
        [
            "jeton_access=x; Path=/; Max-Age=900; SameSite=Lax; HttpOnly",
            "jeton_refresh=x; Path=/; Max-Age=900; SameSite=Lax; HttpOnly",
            "jeton_csrf=x; Path=/; Max-Age=900; SameSite=Lax",
        ]
    );
}

fn shared() -> CookiesBuilder {
    Cookies::builder(CookieMode::Host)
        .name(Cookie::Access, "access")
        .name(Cookie::Refresh, "refresh")
        .name(Cookie::Csrf, "csrf")
        .domain("test.com")
}

/// Differs: three cookies and not four, since one CSRF token of the session serves both tokens; `Max-Age` and
/// not `Expires`.
#[test]
fn test_custom_cookie_options() {
    let strict = shared().same_site(SameSite::Strict);
    let attributes = "Path=/; Domain=test.com; Max-Age=900; SameSite=Strict; Secure";
    assert_eq!(
        lines(&strict.clone().build().unwrap()),
        [
            format!("access=x; {attributes}; HttpOnly"),
            format!("refresh=x; {attributes}; HttpOnly"),
            format!("csrf=x; {attributes}"),
        ]
    );
    let passing = strict.until_the_browser_closes().build().unwrap();
    let [access, ..] = lines(&passing);
    assert_eq!(
        access,
        "access=x; Path=/; Domain=test.com; SameSite=Strict; Secure; HttpOnly"
    );
}

#[test]
fn test_custom_cookie_names_and_paths() {
    let cookies = Cookies::builder(CookieMode::Host)
        .name(Cookie::Access, "access_foo")
        .path(Cookie::Access, "/protected")
        .name(Cookie::Refresh, "refresh_foo")
        .path(Cookie::Refresh, "/refresh_protected")
        .name(Cookie::Csrf, "foo_csrf")
        .path(Cookie::Csrf, "/forms")
        .build()
        .unwrap();
    let begins = [
        "access_foo=x; Path=/protected;",
        "refresh_foo=x; Path=/refresh_protected;",
        "foo_csrf=x; Path=/forms;",
    ];
    for (line, begin) in lines(&cookies).iter().zip(begins) {
        assert!(line.starts_with(begin), "{line}");
    }
    assert_eq!(cookies.name(Cookie::Refresh), "refresh_foo");
}

/// Differs: every cookie is set by itself. Without the protection its cookie is not missed, with it it is.
#[tokio::test]
async fn test_cookies_without_csrf() {
    let asked = protected(&csrf());
    let not_asked = protected(&csrf())
        .access(Auth::danger_without_csrf)
        .refresh(Auth::danger_without_csrf);
    for (world, status) in [(asked, 403), (not_asked, 200)] {
        for (cookie, path, token) in [
            (Cookie::Access, "/protected", world.access_token()),
            (Cookie::Refresh, "/refresh", world.refresh_token()),
        ] {
            let line = CookieMode::Host.set(cookie, &token, QUARTER).unwrap();
            let kept = after("", &visit(&setting("/log_in", [line]), "/log_in", "").await);
            assert_eq!(kept, format!("{}={token}", CookieMode::Host.name(cookie)));
            let reply = world.ask("POST", path, &[("cookie", &kept)], "").await;
            assert_eq!(reply.status, status, "{path}");
        }
    }
}

/// A browser's cookies by name, domain and path, which together are what it tells them apart by (RFC 6265 §5.3).
#[derive(Default)]
struct Browser(BTreeMap<[String; 3], String>);

impl Browser {
    fn keep(&mut self, reply: &Reply) {
        for line in reply.headers.get_all("set-cookie") {
            let line = line.to_str().unwrap();
            let of = |name: &str| {
                let attribute = line.split("; ").find_map(|part| part.strip_prefix(name));
                attribute.unwrap_or_default().to_owned()
            };
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            let cookie = [name.to_owned(), of("Domain="), of("Path=")];
            if of("Max-Age=") == "0" {
                self.0.remove(&cookie);
            } else {
                self.0.insert(cookie, value.to_owned());
            }
        }
    }

    fn sends(&self) -> String {
        let pairs = self.0.iter().map(|([name, ..], value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }
}

/// Differs: a domain for a call is a set of cookies for that domain. Forgetting names the domain again, or the
/// browser keeps them.
#[tokio::test]
async fn test_override_domain_option() {
    let world = World::new()
        .access(|auth| auth.locations([TokenLocation::cookie("access")]))
        .refresh(|auth| auth.locations([TokenLocation::cookie("refresh")]));
    let [usual, other] = [shared(), shared().domain("yolo.com")].map(|set| set.build().unwrap());
    let set = |cookie, token: &str| -> HeaderValue { other.set(cookie, token, QUARTER).unwrap() };
    let log_in = [
        set(Cookie::Access, &world.access_token()),
        set(Cookie::Refresh, &world.refresh_token()),
    ];
    let app: Router = world
        .router()
        .merge(setting("/log_in", log_in))
        .merge(setting("/log_out", other.clear()))
        .merge(setting("/log_out/usual", usual.clear()));
    let mut browser = Browser::default();
    for (path, status) in [("/log_in", 200), ("/log_out/usual", 200), ("/log_out", 401)] {
        browser.keep(&visit(&app, path, "").await);
        for protected in ["/protected", "/refresh"] {
            let reply = visit(&app, protected, &browser.sends()).await;
            assert_eq!(reply.status, status, "{protected} after {path}");
        }
    }
    assert_eq!(browser.sends(), "");
}
