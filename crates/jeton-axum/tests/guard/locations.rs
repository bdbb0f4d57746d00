use jeton_axum::TokenLocation;

use crate::support::{World, bearer};

fn header_or_cookie() -> World {
    World::new().with(|auth| auth.locations([TokenLocation::header(), TokenLocation::cookie("session")]))
}

fn cookie(token: &str) -> String {
    format!("theme=dark; session={token}; lang=en")
}

#[tokio::test]
async fn a_cookie_is_not_looked_at_unless_asked_for() {
    let world = World::new();
    let reply = world.get("/me", &[("cookie", &cookie(&world.token()))]).await;
    reply.assert_refused(401, "token_missing", "Token is missing");
}

#[tokio::test]
async fn a_cookie_is_read_where_the_header_is_absent() {
    let world = header_or_cookie();
    world
        .get("/me", &[("cookie", &cookie(&world.token()))])
        .await
        .assert_ok("alice");
}

#[tokio::test]
async fn any_authorization_header_makes_cookies_ignored() {
    let world = header_or_cookie();
    let good = cookie(&world.token());
    for (authorization, status, code) in [
        ("", 401, "token_missing"),
        ("Bearer", 401, "token_missing"),
        ("Basic YWxpY2U6c2VjcmV0", 401, "token_missing"),
        ("Bearer a b", 400, "invalid_request"),
        ("Bearer junk", 401, "invalid_token"),
    ] {
        let reply = world
            .get("/me", &[("authorization", authorization), ("cookie", &good)])
            .await;
        assert_eq!(reply.status.as_u16(), status, "{authorization}");
        assert!(reply.body.contains(code), "{authorization}: {}", reply.body);
    }
}

#[tokio::test]
async fn the_order_of_locations_does_not_bring_an_ignored_cookie_back() {
    let world =
        World::new().with(|auth| auth.locations([TokenLocation::cookie("session"), TokenLocation::header()]));
    let headers = [
        ("authorization", "Bearer junk"),
        ("cookie", &cookie(&world.token())),
    ];
    world
        .get("/me", &headers)
        .await
        .assert_refused(401, "invalid_token", "Invalid token");
}

#[tokio::test]
async fn a_good_header_wins_over_a_broken_cookie() {
    let world = header_or_cookie();
    let headers = [
        ("authorization", bearer(&world.token())),
        ("cookie", cookie("junk")),
    ];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    world.get("/me", &headers).await.assert_ok("alice");
}

#[tokio::test]
async fn the_first_cookie_that_is_there_decides() {
    let world = World::new()
        .with(|auth| auth.locations([TokenLocation::cookie("first"), TokenLocation::cookie("second")]));
    let good = world.token();
    let reply = world
        .get("/me", &[("cookie", &format!("second={good}; first=junk"))])
        .await;
    reply.assert_refused(401, "invalid_token", "Invalid token");
    world
        .get("/me", &[("cookie", &format!("second={good}"))])
        .await
        .assert_ok("alice");
}

#[tokio::test]
async fn a_cookie_sent_twice_is_refused_even_if_both_are_good() {
    let world = header_or_cookie();
    let token = world.token();
    let expected = "The token's cookie was sent more than once: delete this site's cookies and sign in again";
    let in_one = format!("session={token}; session={token}");
    world
        .get("/feed", &[("cookie", &in_one)])
        .await
        .assert_refused(400, "invalid_request", expected);
    let one = format!("session={token}");
    let in_two = [("cookie", one.as_str()), ("cookie", one.as_str())];
    world
        .get("/feed", &in_two)
        .await
        .assert_refused(400, "invalid_request", expected);
}

#[tokio::test]
async fn an_emptied_cookie_is_an_absent_token() {
    let world = header_or_cookie();
    world
        .get("/feed", &[("cookie", "session=")])
        .await
        .assert_ok("nobody");
}

#[tokio::test]
async fn a_bare_token_passes_only_where_it_is_allowed() {
    let world = World::new().with(|auth| auth.locations([TokenLocation::header().or_bare()]));
    world
        .get("/me", &[("authorization", &world.token())])
        .await
        .assert_ok("alice");
    world
        .get("/me", &[("authorization", &bearer(&world.token()))])
        .await
        .assert_ok("alice");
    let reply = world.get("/me", &[("authorization", "junk")]).await;
    reply.assert_refused(401, "invalid_token", "Invalid token");
    for value in ["Bearer", "", "Basic YWxpY2U6c2VjcmV0"] {
        let reply = world.get("/me", &[("authorization", value)]).await;
        reply.assert_refused(401, "token_missing", "Token is missing");
    }
}

#[tokio::test]
async fn a_guard_changed_for_one_route_leaves_the_others_alone() {
    let world = World::new();
    let bare = world.auth.clone().locations([TokenLocation::header().or_bare()]);
    let token = world.token();
    assert!(
        world
            .get("/me", &[("authorization", &token)])
            .await
            .status
            .is_client_error()
    );
    let world = world.with(|_| bare);
    world
        .get("/me", &[("authorization", &token)])
        .await
        .assert_ok("alice");
}

#[tokio::test]
async fn a_guard_of_cookies_alone_challenges_nobody_for_bearer() {
    let cookies = World::new().with(|auth| auth.locations([TokenLocation::cookie("session")]));
    let good = cookies.token();
    for headers in [
        &[][..],
        &[("cookie", "session=a.b.c")],
        &[("authorization", &format!("Bearer {good}"))],
    ] {
        let reply = cookies.get("/me", headers).await;
        assert_eq!(reply.status, 401, "{headers:?}");
        assert!(!reply.headers.contains_key("www-authenticate"), "{headers:?}");
    }
    let both =
        World::new().with(|auth| auth.locations([TokenLocation::header(), TokenLocation::cookie("session")]));
    let reply = both.get("/me", &[]).await;
    assert!(reply.headers.contains_key("www-authenticate"));
}

#[test]
#[should_panic(expected = "without a location no request can bring a token")]
fn a_guard_without_locations_is_refused() {
    let _ = World::new().with(|auth| auth.locations([]));
}

#[test]
#[should_panic(expected = "needs `.or_bare()`")]
fn a_header_that_can_hold_no_token_is_refused() {
    let header = || TokenLocation::header_named(http::HeaderName::from_static("x-token"), "");
    let world = World::new().with(|auth| auth.locations([header().or_bare()]));
    let _ = world.auth.locations([header()]);
}
