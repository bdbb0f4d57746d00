//! Set-ups that would do nothing are refused, when they are made or at the first request that shows it.

use std::{panic, time::Duration};

use axum::{Router, routing::get};
use http::HeaderName;
use jeton_axum::{
    Auth, SignedIn, SystemClock, TokenLocation, Tokens,
    cookies::{Cookie, CookieError, CookieMode},
    csrf::Csrf,
};

use crate::support::{AUDIENCE, Access, ISSUER, World, key, send, with_bearer};

const NONE: Duration = Duration::ZERO;
const HALF: Duration = Duration::from_millis(500);
const MINUTE: Duration = Duration::from_mins(1);

/// What a set-up panics with.
#[track_caller]
fn refusal<T>(set_up: impl FnOnce() -> T) -> String {
    let panic = panic::catch_unwind(panic::AssertUnwindSafe(|| drop(set_up())));
    let message = panic.expect_err("this set-up is refused");
    match message.downcast::<String>() {
        Ok(message) => *message,
        Err(message) => (*message.downcast::<&'static str>().unwrap()).to_owned(),
    }
}

fn auth() -> Auth<Access> {
    World::new().auth
}

fn renewing(auth: Auth<Access>, within: Duration) -> Auth<Access> {
    auth.renewal(within, async |_| Vec::new())
}

#[test]
fn a_window_of_no_time_is_refused() {
    assert!(refusal(|| renewing(auth(), NONE)).contains("Auth::renewal: within zero seconds"));
    assert!(refusal(|| auth().hints(NONE)).contains("Auth::hints: within zero seconds"));
    assert!(refusal(|| auth().body_limit(0)).contains("Auth::body_limit"));
}

#[test]
fn a_renewal_without_a_cookie_is_refused() {
    let renewing = renewing(auth(), MINUTE);
    assert!(refusal(|| renewing.guard()).contains("no location is a cookie"));
    let _ = renewing.locations([TokenLocation::cookie("session")]).guard();
}

#[tokio::test]
async fn what_waits_for_the_answer_needs_the_guards_layer() {
    let message = "This route is not set up to be asked: its token location, form field, renewal or hints need Auth::guard as a layer";
    let places = [TokenLocation::header(), TokenLocation::cookie("session")];
    let set_ups: [fn(Auth<Access>) -> Auth<Access>; 2] =
        [|auth| renewing(auth, MINUTE), |auth| auth.hints(MINUTE)];
    for set_up in set_ups {
        let world = World::new().with(|auth| set_up(auth.locations(places.clone())));
        let token = world.token();
        for path in ["/me", "/feed"] {
            let reply = send(world.app(), with_bearer(path, &token)).await;
            reply.assert_refused(500, "guard_missing", message);
            let guarded = world.app().layer(world.auth.guard());
            send(guarded, with_bearer(path, &token)).await.assert_ok("alice");
        }
        let layered = Router::new()
            .route("/", get(async || "served"))
            .route_layer(world.auth.require::<SignedIn<Access>>());
        let reply = send(layered.clone(), with_bearer("/", &token)).await;
        reply.assert_refused(500, "guard_missing", message);
        let guarded = layered.layer(world.auth.guard());
        send(guarded, with_bearer("/", &token)).await.assert_ok("served");
        // Who judges by hand gets no renewal, and has asked for none.
        assert!(world.auth.check(&token).is_ok());
    }
}

#[test]
fn a_location_that_can_hold_no_token_is_refused() {
    let own = || HeaderName::from_static("x-token");
    let at = |location: TokenLocation| refusal(|| auth().locations([TokenLocation::header(), location]));
    for scheme in ["", "Token v1", "Token,", "T\u{f6}ken"] {
        let message = at(TokenLocation::header_named(own(), scheme));
        assert!(message.contains("a scheme is one word"), "{scheme}: {message}");
    }
    for location in [
        TokenLocation::cookie(""),
        TokenLocation::query(""),
        TokenLocation::json(""),
        TokenLocation::subprotocol(""),
    ] {
        assert!(at(location).contains("a location needs a name"));
    }
    let _ = auth().locations([TokenLocation::header_named(own(), "").or_bare()]);
}

#[test]
fn only_a_header_has_a_scheme_to_leave_out() {
    let message = refusal(|| TokenLocation::cookie("session").or_bare());
    assert!(message.contains("or_bare"), "{message}");
}

#[test]
fn csrf_protection_of_no_method_is_refused() {
    let csrf = Csrf::new([9; 32], CookieMode::Host).unwrap();
    assert!(refusal(|| csrf.methods([])).contains("danger_without_csrf"));
}

#[test]
fn a_lifetime_below_a_second_is_refused() {
    let tokens = || Tokens::<Access>::new(key(7), ISSUER, AUDIENCE, SystemClock);
    for lifetime in [NONE, HALF] {
        assert!(refusal(|| tokens().access_lifetime(lifetime)).contains("access_lifetime"));
        assert!(refusal(|| tokens().refresh_lifetime(lifetime)).contains("refresh_lifetime"));
    }
}

#[test]
fn a_cookie_is_not_set_for_no_time() {
    let set = |age| CookieMode::Host.set(Cookie::Access, "a.b.c", age);
    assert_eq!(set(NONE), Err(CookieError::NoTime));
    for (age, seconds) in [(HALF, 1), (Duration::from_secs(1), 1), (MINUTE + HALF, 61)] {
        let line = set(age).unwrap();
        let expected = format!("; Max-Age={seconds};");
        assert!(line.to_str().unwrap().contains(&expected), "{line:?}");
    }
}
