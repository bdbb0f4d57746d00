use http::{HeaderMap, HeaderValue, Method, header::COOKIE};
use jeton_axum::{
    TokenLocation,
    cookies::{Cookie, CookieMode},
    csrf::{Csrf, CsrfError, HEADER, is_safe},
};

use crate::support::{Access, Reply, World, bearer};

const MODE: CookieMode = CookieMode::Host;
const NAME: &str = MODE.name(Cookie::Csrf);
const SESSION: &[u8] = b"session-1";

fn csrf() -> Csrf {
    Csrf::new([9; 32], MODE).unwrap()
}

/// A guard that takes cookies, with CSRF protection bound to `sid`.
fn protected() -> World {
    taking_cookies().with(|auth| auth.csrf(csrf(), |token| token.claims().sid.as_deref().map(str::as_bytes)))
}

fn taking_cookies() -> World {
    let access = TokenLocation::cookie(MODE.name(Cookie::Access));
    World::new().with(|auth| auth.locations([TokenLocation::header(), access]))
}

fn session_token(world: &World) -> String {
    world.token_of(Access {
        sid: Some("session-1".to_owned()),
        ..Access::default()
    })
}

async fn post(world: &World, cookies: &str, header: Option<&str>) -> Reply {
    let headers = [("cookie", Some(cookies)), ("x-csrf-token", header)];
    let headers: Vec<_> = headers
        .iter()
        .filter_map(|(name, value)| Some((*name, (*value)?)))
        .collect();
    world.request("POST", "/me", &headers).await
}

fn cookies(world: &World, csrf: &str) -> String {
    format!(
        "{}={}; {NAME}={csrf}",
        MODE.name(Cookie::Access),
        session_token(world)
    )
}

#[tokio::test]
async fn the_double_submit_lets_a_cookie_change_something() {
    let world = protected();
    let value = csrf().token(SESSION, [1; 16]);
    post(&world, &cookies(&world, &value), Some(&value))
        .await
        .assert_ok("alice");
}

#[tokio::test]
async fn reading_needs_no_csrf_token() {
    let world = protected();
    let cookie = format!("{}={}", MODE.name(Cookie::Access), session_token(&world));
    for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
        let reply = world.request(method, "/me", &[("cookie", &cookie)]).await;
        assert_eq!(reply.status, 200, "{method}");
    }
    for method in ["POST", "PUT", "PATCH", "DELETE", "CONNECT", "QUERY", "get"] {
        let reply = world.request(method, "/me", &[("cookie", &cookie)]).await;
        assert_eq!(reply.status, 403, "{method}");
    }
}

#[tokio::test]
async fn a_bearer_header_needs_no_csrf_token() {
    let world = protected();
    let headers = [("authorization", &*bearer(&session_token(&world)))];
    world.request("POST", "/me", &headers).await.assert_ok("alice");
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let world = protected();
    let good = csrf().token(SESSION, [1; 16]);
    let other = csrf().token(b"session-2", [1; 16]);
    let forged = Csrf::new([8; 32], MODE).unwrap().token(SESSION, [1; 16]);
    let without = format!("{}={}", MODE.name(Cookie::Access), session_token(&world));
    let with = |value: &str| cookies(&world, value);

    let missing =
        "CSRF token is missing: repeat the value of the cookie __Host-jeton_csrf in the header X-CSRF-Token";
    let no_cookie = "CSRF cookie __Host-jeton_csrf is missing: sign in again to get one";
    let mismatch = "CSRF token does not match the cookie as it is now: repeat the value of the cookie __Host-jeton_csrf in the header X-CSRF-Token";
    let foreign = "CSRF token is not of this session: sign in again to get one that is";
    let twice = "CSRF token was sent more than once: send one cookie and one header X-CSRF-Token";
    for (cookies, header, message) in [
        (with(&good), None, missing),
        (without.clone(), Some(good.as_str()), no_cookie),
        (without, None, no_cookie),
        (with(&good), Some(other.as_str()), mismatch),
        (with(&good), Some(""), mismatch),
        (with(&other), Some(other.as_str()), foreign),
        (with(&forged), Some(forged.as_str()), foreign),
        (with("planted"), Some("planted"), foreign),
        (with(""), Some(""), foreign),
        (
            format!("{}; {NAME}={good}", with(&good)),
            Some(good.as_str()),
            twice,
        ),
    ] {
        let reply = post(&world, &cookies, header).await;
        reply.assert_refused(403, "csrf_failed", message);
        assert_eq!(reply.header("www-authenticate"), None);
    }
}

#[tokio::test]
async fn without_protection_cookies_change_nothing() {
    let world = taking_cookies();
    let value = csrf().token(SESSION, [1; 16]);
    let reply = post(&world, &cookies(&world, &value), Some(&value)).await;
    let expected = "Cookies do not authenticate requests that change something here: send the token as Authorization: Bearer";
    reply.assert_refused(403, "csrf_failed", expected);
}

#[tokio::test]
async fn a_token_without_a_session_changes_nothing_from_a_cookie() {
    let world = protected();
    let value = csrf().token(b"", [1; 16]);
    let cookies = format!("{}={}; {NAME}={value}", MODE.name(Cookie::Access), world.token());
    let reply = post(&world, &cookies, Some(&value)).await;
    let expected =
        "This token has no session and may not be used from a cookie: send it as Authorization: Bearer";
    reply.assert_refused(403, "csrf_failed", expected);
}

#[tokio::test]
async fn a_bad_token_is_bad_before_csrf_is_asked() {
    let world = protected();
    let cookies = format!("{}=junk", MODE.name(Cookie::Access));
    post(&world, &cookies, None)
        .await
        .assert_refused(401, "invalid_token", "Invalid token");
}

#[tokio::test]
async fn an_optional_cookie_is_checked_too() {
    let world = protected();
    let cookie = format!("{}={}", MODE.name(Cookie::Access), session_token(&world));
    assert_eq!(
        world
            .request("POST", "/feed", &[("cookie", &cookie)])
            .await
            .status,
        403
    );
    world.request("POST", "/feed", &[]).await.assert_ok("nobody");
}

#[test]
fn the_token_is_the_nonce_and_its_hmac_in_base64url() {
    let token = csrf().token(SESSION, [0; 16]);
    let (nonce, tag) = token.split_once('.').unwrap();
    assert_eq!((nonce, tag.len()), ("AAAAAAAAAAAAAAAAAAAAAA", 43));
    // Computed once with Python's hmac module: HMAC-SHA-256(09 × 32, "session-1" ‖ 00 × 16).
    assert_eq!(tag, "ypJrSv1Pog_AHD3qs90fyp3-Mok78Y36KgIF8INhb80");
    assert_eq!(token, csrf().token(SESSION, [0; 16]));
    assert_ne!(token, csrf().token(SESSION, [1; 16]));
}

#[test]
fn every_changed_character_is_noticed() {
    let good = csrf().token(SESSION, [5; 16]);
    for at in 0..good.len() {
        let mut bad = good.clone().into_bytes();
        bad[at] = if bad[at] == b'Q' { b'R' } else { b'Q' };
        let bad = String::from_utf8(bad).unwrap();
        assert_eq!(check(&bad, &bad), Err(CsrfError::NotOfThisSession), "{at}");
        assert!(
            matches!(check(&good, &bad), Err(CsrfError::Mismatch { .. })),
            "{at}"
        );
    }
    for bad in [
        format!("{good}="),
        format!("{good}."),
        format!(".{good}"),
        good[..65].to_owned(),
        ".".to_owned(),
    ] {
        assert_eq!(check(&bad, &bad), Err(CsrfError::NotOfThisSession), "{bad}");
    }
    assert_eq!(check(&good, &good), Ok(()));
}

fn check(cookie: &str, header: &str) -> Result<(), CsrfError> {
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, HeaderValue::try_from(format!("{NAME}={cookie}")).unwrap());
    headers.insert(HEADER, HeaderValue::try_from(header).unwrap());
    csrf().check(&headers, SESSION)
}

#[test]
fn two_csrf_headers_are_refused() {
    let good = csrf().token(SESSION, [5; 16]);
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, HeaderValue::try_from(format!("{NAME}={good}")).unwrap());
    headers.append(HEADER, HeaderValue::try_from(&good).unwrap());
    headers.append(HEADER, HeaderValue::try_from(&good).unwrap());
    assert_eq!(csrf().check(&headers, SESSION), Err(CsrfError::Twice));
}

#[test]
fn a_short_secret_is_refused() {
    let error = Csrf::new([9; 31], MODE).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a CSRF secret needs at least 32 random bytes, this one has 31"
    );
}

#[test]
fn no_secret_shows_in_debug() {
    let expected = r#"Csrf { cookie: Some("__Host-jeton_csrf"), header: "x-csrf-token", field: None, methods: None, .. }"#;
    assert_eq!(format!("{:?}", csrf()), expected);
}

#[test]
fn an_unknown_method_is_not_safe() {
    assert!(is_safe(&Method::GET));
    assert!(!is_safe(&Method::from_bytes(b"PROPFIND").unwrap()));
}

fn good(world: &World) -> (String, String) {
    let value = csrf().token(SESSION, [1; 16]);
    (cookies(world, &value), value)
}

fn asking(csrf: Csrf) -> World {
    taking_cookies().with(|auth| auth.csrf(csrf, |token| token.claims().sid.as_deref().map(str::as_bytes)))
}

#[tokio::test]
async fn the_header_may_have_another_name() {
    let world = asking(csrf().header(http::HeaderName::from_static("x-form-proof")));
    let (cookies, value) = good(&world);
    let reply = world
        .request("POST", "/me", &[("cookie", &cookies), ("x-form-proof", &value)])
        .await;
    reply.assert_ok("alice");
    let reply = post(&world, &cookies, Some(&value)).await;
    let expected =
        "CSRF token is missing: repeat the value of the cookie __Host-jeton_csrf in the header x-form-proof";
    reply.assert_refused(403, "csrf_failed", expected);
}

#[tokio::test]
async fn the_methods_may_be_chosen() {
    let world = asking(csrf().methods([Method::GET]));
    let (cookies, value) = good(&world);
    for (method, header, status) in [
        ("GET", None, 403),
        ("GET", Some(&value), 200),
        ("POST", None, 200),
    ] {
        let mut headers = vec![("cookie", cookies.as_str())];
        headers.extend(header.map(|value| ("x-csrf-token", value.as_str())));
        let reply = world.request(method, "/me", &headers).await;
        assert_eq!(reply.status, status, "{method} {header:?}");
    }
}

#[tokio::test]
async fn the_cookie_can_be_done_without() {
    let world = asking(csrf().without_cookie());
    let cookie = format!("{}={}", MODE.name(Cookie::Access), session_token(&world));
    let value = csrf().token(SESSION, [1; 16]);
    post(&world, &cookie, Some(&value)).await.assert_ok("alice");
    let missing = post(&world, &cookie, None).await;
    let expected = "CSRF token is missing: send the page's CSRF token in the header X-CSRF-Token";
    missing.assert_refused(403, "csrf_failed", expected);
    let other = csrf().token(b"session-2", [1; 16]);
    assert_eq!(post(&world, &cookie, Some(&other)).await.status, 403);
}

#[tokio::test]
async fn protection_can_be_switched_off_by_its_dangerous_name() {
    let world = taking_cookies().with(jeton_axum::Auth::danger_without_csrf);
    let cookie = format!("{}={}", MODE.name(Cookie::Access), session_token(&world));
    post(&world, &cookie, None).await.assert_ok("alice");
}

#[test]
fn a_new_token_is_the_sessions_and_another_each_time() {
    let csrf = Csrf::new([7; 32], CookieMode::Host).unwrap().without_cookie();
    let [one, other] = [(); 2].map(|()| csrf.new_token(b"session").unwrap());
    assert_ne!(one, other);
    let mut headers = http::HeaderMap::new();
    headers.insert(HEADER, one.parse().unwrap());
    assert!(csrf.check(&headers, b"session").is_ok());
    assert!(csrf.check(&headers, b"another").is_err());
}
