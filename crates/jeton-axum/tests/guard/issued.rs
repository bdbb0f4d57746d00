//! Tokens that an application issues, and the answers they go out with.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderValue, StatusCode, header::SET_COOKIE};
use jeton::{Claims, IssueError};
use jeton_axum::{
    Auth, Bearer, Identity, Issued, NotIssued, SetCookies, Tokens,
    cookies::{Cookie, CookieError, CookieMode, Cookies},
};
use serde::{Deserialize, Serialize};

use crate::support::{AUDIENCE, Access, ISSUER, key, request, send};

const MODE: CookieMode = CookieMode::Host;

#[derive(Serialize, Deserialize)]
struct Note {
    text: String,
}

impl Claims for Note {
    const TYP: &'static str = "at+jwt";
}

struct Alice;

impl Identity<Access> for Alice {
    fn subject(&self) -> Cow<'_, str> {
        "alice".into()
    }

    fn claims(&self) -> Access {
        Access::default()
    }
}

struct Writer(usize);

impl Identity<Note> for Writer {
    fn subject(&self) -> Cow<'_, str> {
        "writer".into()
    }

    fn claims(&self) -> Note {
        Note {
            text: "x".repeat(self.0),
        }
    }
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(1_800_000_000_700)
}

fn tokens<C: Claims + Serialize>() -> Tokens<C> {
    Tokens::new(key(7), ISSUER, AUDIENCE, now)
}

#[test]
fn a_new_token_comes_with_its_id_and_its_end() {
    let tokens = tokens::<Access>();
    let auth = Auth::<Access>::new(tokens.verifier(), now);
    let short = Duration::from_millis(90_900);
    for (token, lifetime) in [
        (tokens.access_token(&Alice).create(), Duration::from_mins(15)),
        (
            tokens.access_token(&Alice).lifetime(short).create(),
            Duration::from_secs(90),
        ),
        (
            tokens.access_token(&Alice).header("x", 1).create(),
            Duration::from_mins(15),
        ),
    ] {
        let Issued {
            text, id, expires_at, ..
        } = token.unwrap();
        let read = auth.check(&text).unwrap();
        assert_eq!((read.id(), read.expires_at()), (Some(&*id), expires_at));
        assert_eq!(expires_at, now() - Duration::from_millis(700) + lifetime);
    }
    let refresh = tokens.refresh_token(&Alice).create().unwrap();
    assert_eq!(refresh.lifetime, Duration::from_hours(7 * 24));
    assert!(!format!("{refresh:?}").contains(&refresh.text));
}

#[test]
fn what_verifies_them_can_be_made_stricter() {
    let tokens = tokens::<Access>();
    let token = tokens.create_access_token(&Alice).unwrap();
    let at = |auth: Auth<Access>| auth.check(&token).is_ok();
    assert!(at(Auth::new(
        tokens.verifier_builder().require("jti").build(),
        now
    )));
    assert!(!at(Auth::new(
        tokens.verifier_builder().require("tenant").build(),
        now
    )));
    let late = || now() + Duration::from_mins(15);
    assert!(at(Auth::new(tokens.verifier(), late)));
    let strict = tokens.verifier_builder().leeway(Duration::ZERO).build();
    assert!(!at(Auth::new(strict, late)));
}

fn lines(response: &Response) -> Vec<&str> {
    let lines = response.headers().get_all(SET_COOKIE).iter();
    lines.map(|line| line.to_str().unwrap()).collect()
}

#[test]
fn signing_in_sets_the_cookies_for_as_long_as_their_tokens_live() {
    let tokens = tokens::<Access>();
    let access = tokens.access_token(&Alice).create().unwrap();
    let refresh = tokens.refresh_token(&Alice).create().unwrap();
    let week = 7 * 24 * 3600;
    let end = "SameSite=Lax; Secure";
    let set = MODE.signed_in(&access, Some(&refresh), Some("proof")).unwrap();
    let response = (set, "welcome").into_response();
    let expected = [
        format!(
            "__Host-jeton_access={}; Path=/; Max-Age=900; {end}; HttpOnly",
            access.text
        ),
        format!(
            "__Host-jeton_refresh={}; Path=/; Max-Age={week}; {end}; HttpOnly",
            refresh.text
        ),
        format!("__Host-jeton_csrf=proof; Path=/; Max-Age={week}; {end}"),
    ];
    assert_eq!(lines(&response), expected);
    assert_eq!(response.headers()["cache-control"], "no-store");

    let own = Cookies::builder(MODE)
        .name(Cookie::Access, "own")
        .build()
        .unwrap();
    let response = own
        .signed_in(&access, None, Some("proof"))
        .unwrap()
        .into_response();
    let [first, second] = lines(&response)[..] else {
        panic!("two lines");
    };
    assert!(first.starts_with("own=") && second.contains("csrf=proof; Path=/; Max-Age=900"));
    let response = own.signed_in(&access, None, None).unwrap().into_response();
    assert_eq!(lines(&response).len(), 1);
}

#[test]
fn signing_out_clears_the_cookies() {
    let response = (StatusCode::ACCEPTED, MODE.signed_out(), "bye").into_response();
    assert_eq!((response.status().as_u16(), lines(&response).len()), (202, 3));
    assert!(lines(&response).iter().all(|line| line.contains("Max-Age=0")));
    assert_eq!(response.headers()["cache-control"], "no-store");
}

#[test]
fn cookies_are_added_to_those_that_are_there() {
    let own: SetCookies = [HeaderValue::from_static("theme=dark")].into_iter().collect();
    let response = (own, MODE.signed_out(), ()).into_response();
    assert_eq!((lines(&response)[0], lines(&response).len()), ("theme=dark", 4));
    let lines: Vec<HeaderValue> = MODE.signed_out().into_iter().collect();
    assert!(lines.iter().all(HeaderValue::is_sensitive));
}

/// Signs in a writer whose token is too long for a cookie, or for any verifier.
fn sign_in(length: usize) -> Result<SetCookies, NotIssued> {
    let access = tokens::<Note>().access_token(&Writer(length)).create()?;
    Ok(MODE.signed_in(&access, None, None)?)
}

#[tokio::test]
async fn a_token_that_is_not_issued_is_an_answer() {
    assert!(sign_in(10).is_ok());
    assert_eq!(
        sign_in(4000).unwrap_err(),
        NotIssued::Cookie(CookieError::TooLong)
    );
    let error = sign_in(40_000).unwrap_err();
    assert!(
        matches!(error, NotIssued::Token(IssueError::TooLarge { .. })),
        "{error}"
    );

    let response = sign_in(4000).into_response();
    let kept = response.extensions().get::<NotIssued>();
    assert_eq!(kept, Some(&NotIssued::Cookie(CookieError::TooLong)));

    let app = Router::new().route("/", get(async || sign_in(40_000)));
    let reply = send(app, request("GET", "/", &[])).await;
    reply.assert_refused(500, "token_not_issued", "The token could not be issued");
}

#[tokio::test]
async fn a_lifetime_of_no_second_is_refused_for_one_token_too() {
    let tokens = tokens::<Access>();
    for lifetime in [Duration::ZERO, Duration::from_millis(999)] {
        let access = tokens.access_token(&Alice).lifetime(lifetime).create();
        assert_eq!(access.unwrap_err(), IssueError::NoLifetime.into());
        let refresh = tokens.refresh_token(&Alice).lifetime(lifetime).create();
        assert_eq!(refresh.unwrap_err(), IssueError::NoLifetime.into());
    }
    let auth = Auth::<Access>::new(tokens.verifier(), now);
    let app = Router::new()
        .route("/", get(async |_: Bearer<Access>| "served"))
        .with_state(auth);
    let token = tokens.create_access_token(&Alice).unwrap();
    send(app, crate::support::with_bearer("/", &token))
        .await
        .assert_ok("served");
}
