mod attributes;

use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{AppendHeaders, IntoResponse},
    routing::get,
};
use http::{HeaderName, HeaderValue, Method, header::SET_COOKIE};
use jeton::Verified;
use jeton_axum::{
    Auth, TokenLocation,
    cookies::{Cookie, CookieMode, Cookies},
    csrf::Csrf,
};
use std::time::Duration;

use crate::support::{Reply, World, jar, send};

const SECRET: [u8; 32] = [9; 32];
const FORM: &str = "application/x-www-form-urlencoded";

fn session<C>(token: &Verified<C>) -> Option<&[u8]> {
    token.subject().map(str::as_bytes)
}

fn csrf() -> Csrf {
    Csrf::new(SECRET, CookieMode::Host).unwrap()
}

fn value() -> String {
    csrf().token(b"alice", [1; 16])
}

fn places(cookie: Cookie) -> [TokenLocation; 2] {
    [
        TokenLocation::header(),
        TokenLocation::cookie(CookieMode::Host.name(cookie)),
    ]
}

/// Cookies for both kinds of tokens, with this protection.
fn protected(csrf: &Csrf) -> World {
    World::new()
        .access(|auth| auth.locations(places(Cookie::Access)).csrf(csrf.clone(), session))
        .refresh(|auth| {
            auth.locations(places(Cookie::Refresh))
                .csrf(csrf.clone(), session)
        })
}

/// What a browser holds after signing in.
fn signed_in(world: &World) -> String {
    let mode = CookieMode::Host;
    format!(
        "{}={}; {}={}; {}={}",
        mode.name(Cookie::Access),
        world.access_token(),
        mode.name(Cookie::Refresh),
        world.refresh_token(),
        mode.name(Cookie::Csrf),
        value(),
    )
}

async fn post(world: &World, path: &str, proof: Option<(&str, &str)>) -> Reply {
    let cookies = signed_in(world);
    let mut headers = vec![("cookie", cookies.as_str())];
    headers.extend(proof);
    world.ask("POST", path, &headers, "").await
}

/// Signs in, out, and tells who is there, as the original's suite does.
fn browsing(world: &World) -> Router {
    let mode = CookieMode::Host;
    let age = Duration::from_mins(15);
    let (access, refresh) = (world.access_token(), world.refresh_token());
    let set_access = mode.set(Cookie::Access, &access, age).unwrap();
    let set_refresh = mode.set(Cookie::Refresh, &refresh, age).unwrap();
    let set_csrf = mode.set(Cookie::Csrf, &value(), age).unwrap();
    let settings = Cookies::from(mode);
    let unset = |cookie| settings.unset(cookie).unwrap();
    let (no_access, no_refresh) = (unset(Cookie::Access), unset(Cookie::Refresh));
    let log_in = [set_access, set_refresh, set_csrf];
    world
        .router()
        .merge(setting("/log_in", log_in))
        .merge(setting("/no_access", [no_access]))
        .merge(setting("/no_refresh", [no_refresh]))
        .merge(setting("/log_out", mode.clear()))
}

/// A route that answers with these `Set-Cookie` lines.
fn setting(path: &str, lines: impl IntoIterator<Item = HeaderValue>) -> Router {
    let lines: Vec<_> = lines.into_iter().map(|line| (SET_COOKIE, line)).collect();
    Router::new().route(
        path,
        get(async move || (AppendHeaders(lines), "ok").into_response()),
    )
}

async fn visit(app: &Router, path: &str, jar: &str) -> Reply {
    let request = Request::builder()
        .uri(path)
        .header("cookie", jar)
        .body(Body::empty())
        .unwrap();
    send(app.clone(), request).await
}

/// The jar after an answer: what it sets replaces or removes what was there.
fn after(jar_before: &str, reply: &Reply) -> String {
    let name = |pair: &str| pair.split('=').next().unwrap().to_owned();
    let touched: Vec<_> = reply
        .headers
        .get_all(SET_COOKIE)
        .iter()
        .map(|line| name(line.to_str().unwrap()))
        .collect();
    let kept = jar_before
        .split("; ")
        .filter(|pair| !pair.is_empty() && !touched.contains(&name(pair)));
    let new = jar(&reply.headers);
    kept.chain(Some(new.as_str()).filter(|new| !new.is_empty()))
        .collect::<Vec<_>>()
        .join("; ")
}

#[tokio::test]
async fn test_jwt_refresh_required_with_cookies() {
    let app = browsing(&protected(&csrf()));
    for (unset, access, refresh) in [
        ("/no_access", 401, 200),
        ("/no_refresh", 200, 401),
        ("/log_out", 401, 401),
    ] {
        for path in ["/protected", "/refresh"] {
            assert_eq!(
                visit(&app, path, "").await.status,
                401,
                "before signing in: {path}"
            );
        }
        let cookies = after("", &visit(&app, "/log_in", "").await);
        for path in ["/protected", "/refresh"] {
            assert_eq!(visit(&app, path, &cookies).await.status, 200, "signed in: {path}");
        }
        let cookies = after(&cookies, &visit(&app, unset, &cookies).await);
        assert_eq!(
            visit(&app, "/protected", &cookies).await.status,
            access,
            "after {unset}"
        );
        assert_eq!(
            visit(&app, "/refresh", &cookies).await.status,
            refresh,
            "after {unset}"
        );
    }
}

/// Differs: 403, since the user is known and the request is refused all the same, and bound to the session.
#[tokio::test]
async fn test_default_access_csrf_protection() {
    let world = protected(&csrf());
    for path in ["/protected", "/refresh"] {
        let reply = post(&world, path, None).await;
        let missing = "CSRF token is missing: repeat the value of the cookie __Host-jeton_csrf in the header X-CSRF-Token";
        reply.assert_refused(403, "csrf_failed", missing);
        assert_eq!(
            post(&world, path, Some(("x-csrf-token", &value()))).await.status,
            200,
            "{path}"
        );
    }
}

#[tokio::test]
async fn test_non_matching_csrf_token() {
    let world = protected(&csrf());
    let reply = post(&world, "/protected", Some(("x-csrf-token", "wrong"))).await;
    let mismatch = "CSRF token does not match the cookie as it is now: repeat the value of the cookie __Host-jeton_csrf in the header X-CSRF-Token";
    reply.assert_refused(403, "csrf_failed", mismatch);
}

/// Differs: switched off by a name that says what it does.
#[tokio::test]
async fn test_csrf_disabled() {
    let world = protected(&csrf())
        .access(Auth::danger_without_csrf)
        .refresh(Auth::danger_without_csrf);
    for path in ["/protected", "/refresh"] {
        assert_eq!(post(&world, path, None).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn test_csrf_with_custom_header_names() {
    let named = |name| csrf().header(HeaderName::from_static(name));
    let world = World::new()
        .access(|auth| {
            auth.locations(places(Cookie::Access))
                .csrf(named("x-access-proof"), session)
        })
        .refresh(|auth| {
            auth.locations(places(Cookie::Refresh))
                .csrf(named("x-refresh-proof"), session)
        });
    for (path, right, wrong) in [
        ("/protected", "x-access-proof", "x-refresh-proof"),
        ("/refresh", "x-refresh-proof", "x-access-proof"),
    ] {
        assert_eq!(
            post(&world, path, Some((right, &value()))).await.status,
            200,
            "{path}"
        );
        assert_eq!(
            post(&world, path, Some((wrong, &value()))).await.status,
            403,
            "{path}"
        );
        assert_eq!(
            post(&world, path, Some(("x-csrf-token", &value()))).await.status,
            403,
            "{path}"
        );
    }
}

/// Differs: a form's field is read where it is named, and has no name of its own.
#[tokio::test]
async fn test_csrf_with_default_form_field() {
    for (csrf, status) in [(csrf().form_field("csrf_token"), 200), (csrf(), 403)] {
        let world = protected(&csrf);
        let cookies = signed_in(&world);
        let headers = [("cookie", cookies.as_str()), ("content-type", FORM)];
        let body = format!("csrf_token={}", value());
        for path in ["/protected", "/refresh"] {
            assert_eq!(
                world.ask("POST", path, &headers, &body).await.status,
                status,
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn test_csrf_with_custom_form_field() {
    let world = protected(&csrf().form_field("proof"));
    let cookies = signed_in(&world);
    let headers = [("cookie", cookies.as_str()), ("content-type", FORM)];
    for path in ["/protected", "/refresh"] {
        for (field, status) in [("proof", 200), ("csrf_token", 403)] {
            let body = format!("{field}={}", value());
            let reply = world.ask("POST", path, &headers, &body).await;
            assert_eq!(reply.status, status, "{path} {field}");
        }
    }
}

#[tokio::test]
async fn test_custom_csrf_methods() {
    let world = protected(&csrf().methods([Method::GET]));
    assert_eq!(post(&world, "/protected", None).await.status, 200);
    let cookies = signed_in(&world);
    assert_eq!(world.get("/protected", &[("cookie", &cookies)]).await.status, 403);
    let headers = [("cookie", &*cookies), ("x-csrf-token", &value())];
    assert_eq!(world.get("/protected", &headers).await.status, 200);
}

#[tokio::test]
async fn test_csrf_token_not_in_cookie() {
    let world = protected(&csrf().without_cookie());
    let cookie = format!(
        "{}={}",
        CookieMode::Host.name(Cookie::Access),
        world.access_token()
    );
    for (proof, status) in [(value(), 200), (csrf().token(b"bob", [1; 16]), 403)] {
        let headers = [("cookie", &*cookie), ("x-csrf-token", &*proof)];
        assert_eq!(world.ask("POST", "/protected", &headers, "").await.status, status);
    }
}

#[tokio::test]
async fn test_jwt_optional_with_csrf_enabled() {
    let world = protected(&csrf());
    world.ask("POST", "/optional", &[], "").await.assert_subject(None);
    assert_eq!(post(&world, "/optional", None).await.status, 403);
    post(&world, "/optional", Some(("x-csrf-token", &value())))
        .await
        .assert_subject(Some("alice"));
}
