//! Renewal of cookies behind the application's back, and hints for clients that renew themselves.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, response::AppendHeaders, routing::any};
use http::{HeaderValue, StatusCode, header::SET_COOKIE};
use jeton::Verified;
use jeton_axum::{
    Bearer, TokenLocation, TokenStatus,
    cookies::{Cookie, CookieMode},
};

use crate::support::{Access, Hand, LIFETIME, Reply, World, bearer, issuer, key, request, send};

const MODE: CookieMode = CookieMode::Host;
const WITHIN: Duration = Duration::from_mins(5);

#[derive(Default)]
struct Session {
    ended: AtomicBool,
    renewals: AtomicUsize,
    subjects: Mutex<Vec<String>>,
}

fn new_cookie(clock: &Hand) -> HeaderValue {
    let token = issuer(key(7))
        .issue_at("alice", "api", Access::default(), clock.now())
        .unwrap();
    MODE.set(Cookie::Access, &token, LIFETIME).unwrap()
}

fn renewing() -> (World, Arc<Session>) {
    let session = Arc::new(Session::default());
    let (list, counter) = (Arc::clone(&session), Arc::clone(&session));
    let world = World::new();
    let clock = world.clock.clone();
    let world = world.with(|auth| {
        auth.locations([
            TokenLocation::header(),
            TokenLocation::cookie(MODE.name(Cookie::Access)),
        ])
        .revocations(move |_: &Verified<Access>| {
            if list.ended.load(Ordering::SeqCst) {
                TokenStatus::Revoked
            } else {
                TokenStatus::Live
            }
        })
        .hints(WITHIN)
        .renewal(WITHIN, move |old| {
            counter.renewals.fetch_add(1, Ordering::SeqCst);
            counter
                .subjects
                .lock()
                .unwrap()
                .push(old.subject().unwrap().to_owned());
            let cookie = new_cookie(&clock);
            async move { vec![cookie] }
        })
    });
    (world, session)
}

fn app(world: &World, session: &Arc<Session>) -> Router {
    let session = Arc::clone(session);
    let end = async move |_: Bearer<Access>| {
        session.ended.store(true, Ordering::SeqCst);
        "ended"
    };
    let logout = async |_: Bearer<Access>| {
        AppendHeaders(MODE.clear().map(|line| (SET_COOKIE, line)).collect::<Vec<_>>())
    };
    Router::new()
        .route("/me", any(async |_: Bearer<Access>| "me"))
        .route("/feed", any(async |_: Option<Bearer<Access>>| "feed"))
        .route("/open", any(async || "open"))
        .route("/broken", any(async |_: Bearer<Access>| StatusCode::CONFLICT))
        .route("/logout", any(logout))
        .route("/end", any(end))
        .route_layer(world.auth.guard())
        .with_state(world.auth.clone())
}

async fn get(world: &World, session: &Arc<Session>, path: &str, token: &str) -> Reply {
    let cookie = format!("{}={token}", MODE.name(Cookie::Access));
    send(app(world, session), request("GET", path, &[("cookie", &cookie)])).await
}

const ALMOST: Duration = Duration::from_mins(14);

#[tokio::test]
async fn a_cookie_near_its_end_is_renewed() {
    let (world, session) = renewing();
    let token = world.token();
    world.clock.pass(ALMOST);
    for path in ["/me", "/feed"] {
        let reply = get(&world, &session, path, &token).await;
        let set = reply.header("set-cookie").unwrap().to_owned();
        let new = set.split_once('=').unwrap().1.split(';').next().unwrap();
        assert!(new != token && world.auth.check(new).is_ok(), "{set}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.header("x-token-expires-in"), None);
    }
    assert_eq!(*session.subjects.lock().unwrap(), ["alice", "alice"]);
}

#[tokio::test]
async fn a_cookie_with_time_left_is_let_alone() {
    let (world, session) = renewing();
    let token = world.token();
    // At first, and when exactly the window is left.
    for wait in [Duration::ZERO, LIFETIME.saturating_sub(WITHIN)] {
        world.clock.pass(wait);
        let reply = get(&world, &session, "/me", &token).await;
        reply.assert_ok("me");
        assert_eq!(
            (reply.header("set-cookie"), reply.header("cache-control")),
            (None, None)
        );
    }
    assert_eq!(session.renewals.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_header_is_never_renewed_but_hinted() {
    let (world, session) = renewing();
    let token = bearer(&world.token());
    let headers = [("authorization", token.as_str())];
    let reply = send(app(&world, &session), request("GET", "/me", &headers)).await;
    assert_eq!(reply.header("x-token-expires-in"), None);
    world.clock.pass(ALMOST);
    let reply = send(app(&world, &session), request("GET", "/me", &headers)).await;
    assert_eq!(reply.header("set-cookie"), None);
    assert_eq!(reply.header("x-token-expires-in"), Some("60"));
    world.clock.pass(Duration::from_secs(70));
    let reply = send(app(&world, &session), request("GET", "/me", &headers)).await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("x-token-expires-in")),
        (200, Some("0"))
    );
}

#[tokio::test]
async fn who_logs_out_stays_logged_out() {
    let (world, session) = renewing();
    let token = world.token();
    world.clock.pass(ALMOST);
    let reply = get(&world, &session, "/logout", &token).await;
    let set: Vec<_> = reply.headers.get_all(SET_COOKIE).iter().collect();
    assert_eq!(set.len(), 3);
    assert!(
        set.iter()
            .all(|line| line.to_str().unwrap().contains("Max-Age=0"))
    );
    assert_eq!(session.renewals.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_session_that_ended_meanwhile_is_not_revived() {
    let (world, session) = renewing();
    let token = world.token();
    world.clock.pass(ALMOST);
    let reply = get(&world, &session, "/end", &token).await;
    reply.assert_ok("ended");
    assert_eq!(reply.header("set-cookie"), None);
    assert_eq!(session.renewals.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn errors_and_open_routes_renew_nothing() {
    let (world, session) = renewing();
    let token = world.token();
    world.clock.pass(ALMOST);
    for path in ["/broken", "/open"] {
        assert_eq!(
            get(&world, &session, path, &token).await.header("set-cookie"),
            None,
            "{path}"
        );
    }
    world.clock.pass(Duration::from_mins(5));
    assert_eq!(get(&world, &session, "/me", &token).await.status, 401);
    assert_eq!(session.renewals.load(Ordering::SeqCst), 0);
}
