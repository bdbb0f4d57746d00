//! Browsers are shown the way to the sign-in page, and back.

use std::time::Duration;

use axum::{
    Router,
    extract::Query,
    response::IntoResponse,
    routing::{any, get},
};
use http::Request;
use jeton_axum::{Auth, Authorized, Bearer, Fresh, Rejection, ReturnTo, SignedIn, TokenLocation};
use serde::Deserialize;

use crate::support::{Access, Reply, World, request, send};

const BROWSER: &[(&str, &str)] = &[("accept", "text/html,application/xhtml+xml;q=0.9")];

fn auth(auth: Auth<Access>) -> Auth<Access> {
    auth.locations([TokenLocation::header(), TokenLocation::cookie("session")])
        .sign_in_page("/sign-in")
}

fn app(world: &World) -> Router {
    let layered = Router::new()
        .route("/layered", get(async || "served"))
        .route_layer(world.auth.require::<SignedIn<Access>>());
    let nested = Router::new().route("/notes", any(async |_: Bearer<Access>| "notes"));
    Router::new()
        .route("/me", any(async |_: Bearer<Access>| "me"))
        .route("/feed", any(async |_: Option<Bearer<Access>>| "feed"))
        .route("/pay", any(async |_: Authorized<Fresh<Access, 300>>| "paid"))
        .nest("/nested", nested)
        .merge(layered)
        .with_state(world.auth.clone())
}

async fn ask(world: &World, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
    send(app(world), request(method, path, headers)).await
}

#[track_caller]
fn assert_sent(reply: &Reply, location: &str) {
    assert_eq!(
        (reply.status.as_u16(), reply.header("location"), &*reply.body),
        (303, Some(location), "")
    );
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("www-authenticate"), None);
}

#[tokio::test]
async fn a_browser_without_a_good_token_is_sent_to_sign_in() {
    let world = World::new().with(auth);
    for (path, location) in [
        ("/me", "/sign-in?return_to=%2Fme"),
        (
            "/me?page=2&x=%2F",
            "/sign-in?return_to=%2Fme%3Fpage%3D2%26x%3D%252F",
        ),
        ("/layered", "/sign-in?return_to=%2Flayered"),
        (
            "/nested/notes?a=b",
            "/sign-in?return_to=%2Fnested%2Fnotes%3Fa%3Db",
        ),
    ] {
        assert_sent(&ask(&world, "GET", path, BROWSER).await, location);
    }
    assert_sent(
        &ask(&world, "HEAD", "/me", BROWSER).await,
        "/sign-in?return_to=%2Fme",
    );
    let old = world.token();
    world.clock.pass(Duration::from_hours(1));
    for token in ["junk", &old] {
        let cookie = format!("session={token}");
        let headers = [BROWSER[0], ("cookie", &cookie)];
        for path in ["/me", "/feed"] {
            let location = format!("/sign-in?return_to=%2F{}", &path[1..]);
            assert_sent(&ask(&world, "GET", path, &headers).await, &location);
        }
    }
}

#[tokio::test]
async fn who_signed_in_too_long_ago_is_sent_and_who_may_not_is_not() {
    let world = World::new().with(auth);
    let cookie = format!("session={}", world.token());
    let headers = [BROWSER[0], ("cookie", &cookie)];
    assert_sent(
        &ask(&world, "GET", "/pay", &headers).await,
        "/sign-in?return_to=%2Fpay",
    );
    let twice = format!("{cookie}; {cookie}");
    let reply = ask(&world, "GET", "/me", &[BROWSER[0], ("cookie", &twice)]).await;
    assert_eq!(reply.status, 400);
    ask(&world, "GET", "/me", &headers).await.assert_ok("me");
    ask(&world, "GET", "/feed", BROWSER).await.assert_ok("feed");
}

#[tokio::test]
async fn scripts_and_forms_get_their_401() {
    let world = World::new().with(auth);
    let navigate = ("sec-fetch-mode", "navigate");
    for (method, headers) in [
        ("GET", &[][..]),
        ("GET", &[("accept", "*/*")]),
        ("GET", &[("accept", "application/json")]),
        ("GET", &[BROWSER[0], ("sec-fetch-mode", "cors")]),
        ("GET", &[BROWSER[0], ("sec-fetch-mode", "websocket")]),
        ("POST", &[BROWSER[0], navigate]),
        ("DELETE", BROWSER),
    ] {
        let reply = ask(&world, method, "/me", headers).await;
        reply.assert_refused(401, "token_missing", "Token is missing");
        assert!(reply.header("location").is_none() && reply.header("www-authenticate").is_some());
    }
    let reply = ask(&world, "GET", "/me", &[navigate]).await;
    assert_sent(&reply, "/sign-in?return_to=%2Fme");
}

#[tokio::test]
async fn no_path_leads_to_another_site() {
    let world = World::new().with(auth);
    let app = Router::new()
        .fallback(async |_: Bearer<Access>| "found")
        .with_state(world.auth.clone());
    for path in [
        "//evil.example/",
        "//evil.example",
        "http://evil.example//evil.example",
    ] {
        let mut asked = Request::builder().uri(path);
        asked = asked.header(BROWSER[0].0, BROWSER[0].1);
        let reply = send(app.clone(), asked.body(axum::body::Body::empty()).unwrap()).await;
        assert_sent(&reply, "/sign-in?return_to=%2F");
    }
}

#[tokio::test]
async fn a_token_in_the_address_does_not_go_on_from_there() {
    let world = World::new().with(|guard| auth(guard).locations([TokenLocation::query("token")]));
    let app = app(&world).layer(world.auth.guard());
    let reply = send(app, request("GET", "/me?token=junk&page=2", BROWSER)).await;
    assert_sent(&reply, "/sign-in?return_to=%2Fme");
}

#[tokio::test]
async fn the_page_may_have_a_query_of_its_own() {
    let world = World::new().with(|auth| auth.sign_in_page("/enter?lang=de"));
    let reply = ask(&world, "GET", "/me", BROWSER).await;
    assert_sent(&reply, "/enter?lang=de&return_to=%2Fme");
}

#[test]
fn a_page_elsewhere_is_refused() {
    for page in [
        "sign-in",
        "https://evil.example/",
        "//evil.example",
        "/a b",
        "/a#b",
        "",
    ] {
        let set_up = std::panic::AssertUnwindSafe(|| World::new().with(|auth| auth.sign_in_page(page)));
        assert!(std::panic::catch_unwind(set_up).is_err(), "{page}");
    }
}

/// The redirect that a refusal becomes is that of the request it was made for.
#[tokio::test]
async fn who_judges_by_hand_can_show_the_way_too() {
    let world = World::new().with(auth);
    let (parts, ()) = request("GET", "/by-hand", BROWSER).map(drop).into_parts();
    assert!(world.auth.authenticate(&parts).unwrap().is_none());
    let refused = world.auth.refuse(Rejection::Missing);
    assert_eq!(refused.into_response().status(), 401);
    let response = world
        .auth
        .refuse_request(&parts, Rejection::Missing)
        .into_response();
    assert_eq!(response.headers()["location"], "/sign-in?return_to=%2Fby-hand");
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    return_to: ReturnTo,
}

#[tokio::test]
async fn the_way_back_is_a_path_of_this_site() {
    let app = Router::new().route(
        "/",
        get(async |Query(asked): Query<Asked>| asked.return_to.to_string()),
    );
    for (sent, read) in [
        ("", "/"),
        ("?return_to=", "/"),
        ("?return_to=%2Fnotes%3Fpage%3D2%23top", "/notes?page=2#top"),
        ("?return_to=%2F%2Fevil.example", "/"),
        ("?return_to=%2F%5Cevil.example", "/"),
        ("?return_to=%2F%09%2Fevil.example", "/"),
        ("?return_to=%2F%0A%2Fevil.example", "/"),
        ("?return_to=%09%2Fevil", "/"),
        ("?return_to=%5C%5Cevil.example", "/"),
        ("?return_to=https%3A%2F%2Fevil.example", "/"),
        ("?return_to=javascript%3Aalert(1)", "/"),
        ("?return_to=notes", "/"),
        ("?return_to=%2F%22%3E%3Cscript%3E", "/"),
        ("?return_to=%2Fm%C3%BCller", "/"),
        ("?return_to=%2Fa%2F..%2F%2Fevil.example", "/"),
        (
            "?return_to=%2Fgo%3Furl%3Dhttps%3A%2F%2Felse.example",
            "/go?url=https://else.example",
        ),
    ] {
        send(app.clone(), request("GET", &format!("/{sent}"), &[]))
            .await
            .assert_ok(read);
    }
}
