//! Tokens in the query, the body, other headers and WebSocket subprotocols.

use axum::{Json, Router, body::Body, extract::Request, response::Response, routing::any};
use http::{HeaderName, Method};
use jeton::testkit::{RESERVED_NAMES, nested_in_texts};
use jeton_axum::{
    Auth, Bearer, FoundIn, SignedIn, TokenLocation,
    cookies::{Cookie, CookieMode},
    csrf::Csrf,
};
use serde_json::{Value, json};

use crate::support::{Access, Reply, World, bearer, request, send, with_bearer};

const FORM: &str = "application/x-www-form-urlencoded";

fn everywhere() -> World {
    World::new().with(|auth| {
        auth.locations([
            TokenLocation::header(),
            TokenLocation::cookie("session"),
            TokenLocation::query("token"),
            TokenLocation::json("access_token"),
            TokenLocation::subprotocol("access_token"),
        ])
    })
}

/// `/` says where the token was, `/echo` answers the body, `/me` the subject: all below the guard.
fn guarded(auth: &Auth<Access>) -> Router {
    Router::new()
        .route(
            "/",
            any(async |_: Bearer<Access>, place: FoundIn| format!("{place:?}")),
        )
        .route("/echo", any(async |_: Bearer<Access>, body: String| body))
        .route(
            "/feed",
            any(async |token: Option<Bearer<Access>>| format!("{}", token.is_some())),
        )
        .route_layer(auth.guard())
        .with_state(auth.clone())
}

async fn ask(world: &World, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let (parts, _) = request(method, path, headers).into_parts();
    let request = Request::from_parts(parts, Body::from(body.to_owned()));
    send(guarded(&world.auth), request).await
}

async fn post_json(world: &World, path: &str, body: &Value) -> Reply {
    let body = body.to_string();
    ask(
        world,
        "POST",
        path,
        &[("content-type", "application/json")],
        &body,
    )
    .await
}

#[tokio::test]
async fn every_place_is_found_and_named() {
    let world = everywhere();
    let token = world.token();
    let found = |headers: Vec<(&'static str, String)>, path: String| {
        let world = &world;
        async move {
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            ask(world, "GET", &path, &headers, "").await
        }
    };
    found(vec![("authorization", bearer(&token))], "/".into())
        .await
        .assert_ok("Header");
    found(vec![("cookie", format!("session={token}"))], "/".into())
        .await
        .assert_ok("Cookie");
    found(vec![], format!("/?page=1&token={token}"))
        .await
        .assert_ok("Query");
    let offer = format!("chat, access_token, {token}");
    found(vec![("sec-websocket-protocol", offer)], "/".into())
        .await
        .assert_ok("Subprotocol");
    let body = json!({ "page": [{"access_token": 1}], "access_token": token });
    post_json(&world, "/", &body).await.assert_ok("Json");
}

#[tokio::test]
async fn where_nobody_has_asked_for_a_token_none_was_found() {
    let world = World::new();
    let app = Router::new()
        .route("/", any(async |place: FoundIn| format!("{place:?}")))
        .route(
            "/perhaps",
            any(async |place: Option<FoundIn>| format!("{place:?}")),
        )
        .route(
            "/behind",
            any(async |_: Option<Bearer<Access>>, place: Option<FoundIn>| format!("{place:?}")),
        )
        .with_state(world.auth.clone());
    let ask = async |path| send(app.clone(), with_bearer(path, &world.token())).await;
    // Nobody has looked yet: neither "no token" nor "none" would be true.
    let sentence = "This route asks where the token is before it asks for the token: put FoundIn behind the other argument";
    ask("/").await.assert_refused(500, "guard_missing", sentence);
    ask("/perhaps")
        .await
        .assert_refused(500, "guard_missing", sentence);
    ask("/behind").await.assert_ok("Some(Header)");
    send(app.clone(), request("GET", "/behind", &[]))
        .await
        .assert_ok("None");
}

#[tokio::test]
async fn a_service_that_is_not_axum_s_reads_the_place_from_the_request() {
    let world = World::new();
    let inner = tower::service_fn(async |request: Request| {
        let place = FoundIn::of(request.extensions());
        Ok::<_, std::convert::Infallible>(Response::new(Body::from(format!("{place:?}"))))
    });
    let app = Router::new()
        .route_service("/", inner)
        .route_layer(world.auth.require::<SignedIn<Access>>());
    send(app, with_bearer("/", &world.token()))
        .await
        .assert_ok("Some(Header)");
}

#[tokio::test]
async fn an_empty_place_passes_the_question_on() {
    let world = everywhere();
    let token = world.token();
    let path = format!("/?token={token}");
    for headers in [
        vec![("cookie", "session=")],
        vec![("authorization", "Basic YWxpY2U6c2VjcmV0")],
        vec![("sec-websocket-protocol", "chat")],
    ] {
        ask(&world, "GET", &path, &headers, "").await.assert_ok("Query");
    }
    for empty in ["/?token=", "/?token", "/?", "/"] {
        let reply = ask(&world, "GET", empty, &[], "").await;
        reply.assert_refused(401, "token_missing", "Token is missing");
        let feed = empty.replacen('/', "/feed", 1);
        ask(&world, "GET", &feed, &[], "").await.assert_ok("false");
    }
}

#[tokio::test]
async fn two_tokens_in_two_places_are_refused() {
    let world = everywhere();
    let token = world.token();
    let header = bearer(&token);
    let path = format!("/?token={token}");
    let expected = "Send the token in one place, not in several";
    let reply = ask(&world, "GET", &path, &[("authorization", &header)], "").await;
    reply.assert_refused(400, "invalid_request", expected);
    let body = json!({ "access_token": token });
    post_json(&world, &path, &body)
        .await
        .assert_refused(400, "invalid_request", expected);
    // A cookie comes along by itself: it is no second token.
    let cookie = format!("session={token}");
    ask(
        &world,
        "GET",
        "/",
        &[("authorization", &header), ("cookie", &cookie)],
        "",
    )
    .await
    .assert_ok("Header");
}

const UNSOUND: &str = "The body has a member twice, nests too deeply, or uses a reserved name";

#[tokio::test]
async fn a_broken_place_ends_the_search_but_spoils_no_earlier_token() {
    let world = everywhere();
    let token = world.token();
    let reply = ask(&world, "GET", &format!("/?token={token}&token={token}"), &[], "").await;
    let expected = "The token's query parameter was sent more than once";
    reply.assert_refused(400, "invalid_request", expected);
    let json = ("content-type", "application/json");
    let deep = format!(
        r#"{{"access_token":"a","b":{}{}}}"#,
        "[".repeat(32),
        "]".repeat(32)
    );
    for (body, message) in [
        ("{", "The body is not JSON"),
        ("{}x", "The body is not JSON"),
        (r#"{"access_token":1}"#, "The token's member must be one string"),
        (
            r#"{"access_token":null}"#,
            "The token's member must be one string",
        ),
        (r#"["access_token","a"] {}"#, "The body is not JSON"),
        (r#"{"access_token":"a","access_token":"a"}"#, UNSOUND),
        (r#"{"access_token":"a","b":[{"c":1,"c":2}]}"#, UNSOUND),
        (
            r#"{"access_token":"a","$serde_json::private::RawValue":"1"}"#,
            UNSOUND,
        ),
        (
            r#"{"access_token":"a","b":{"$serde_json::private::Number":"1"}}"#,
            UNSOUND,
        ),
        (&deep, UNSOUND),
        (&nested_in_texts(RESERVED_NAMES[0], 55), UNSOUND),
    ] {
        let reply = ask(&world, "POST", "/", &[json], body).await;
        reply.assert_refused(400, "invalid_request", message);
        let header = bearer(&token);
        let reply = ask(&world, "POST", "/", &[json, ("authorization", &header)], body).await;
        reply.assert_ok("Header");
    }
    for body in ["", "[]", "1", "\"access_token\"", "null", "{}"] {
        let reply = ask(&world, "POST", "/", &[json], body).await;
        reply.assert_refused(401, "token_missing", "Token is missing");
    }
}

#[tokio::test]
async fn the_handler_gets_the_whole_body() {
    let world = everywhere();
    let body = json!({ "access_token": world.token(), "note": "hello" });
    post_json(&world, "/echo", &body)
        .await
        .assert_ok(&body.to_string());
}

#[tokio::test]
async fn a_body_is_json_when_it_says_so() {
    let world = everywhere();
    let body = json!({ "access_token": world.token() }).to_string();
    for (kind, status) in [
        ("application/json;charset=UTF-8", 200),
        ("Application/JSON", 200),
        ("application/problem+json", 200),
        ("text/plain", 401),
        ("application/jsonp", 401),
        ("", 401),
    ] {
        let reply = ask(&world, "POST", "/", &[("content-type", kind)], &body).await;
        assert_eq!(reply.status, status, "{kind}");
    }
}

#[tokio::test]
async fn a_large_body_is_413_before_it_is_read() {
    let world = everywhere().with(|auth| auth.body_limit(1000));
    let large = json!({ "note": "x".repeat(1000), "access_token": world.token() });
    let reply = post_json(&world, "/", &large).await;
    reply.assert_refused(413, "invalid_request", "The body is too large");
    let text = "x".repeat(2000);
    let header = bearer(&world.token());
    let headers = [("authorization", &*header), ("content-type", "text/plain")];
    ask(&world, "POST", "/echo", &headers, &text)
        .await
        .assert_ok(&text);
}

#[tokio::test]
async fn answers_to_addresses_with_tokens_are_not_kept() {
    let world = everywhere();
    for path in [
        format!("/?token={}", world.token()),
        "/feed".to_owned(),
        "/".to_owned(),
    ] {
        let reply = ask(&world, "GET", &path, &[], "").await;
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"), "{path}");
    }
    let plain = World::new();
    let header = bearer(&plain.token());
    let reply = ask(&plain, "GET", "/", &[("authorization", &header)], "").await;
    assert_eq!(
        (reply.header("cache-control"), reply.header("referrer-policy")),
        (None, None)
    );
}

#[tokio::test]
async fn without_its_layer_such_a_place_is_a_loud_mistake() {
    let world = everywhere();
    let reply = send(world.app(), request("GET", "/me", &[])).await;
    let expected = "This route is not set up to be asked: its token location, form field, renewal or hints need Auth::guard as a layer";
    reply.assert_refused(500, "guard_missing", expected);
    // Another layer that only asks does not do.
    let asked = world.app().layer(world.auth.require::<SignedIn<Access>>());
    assert_eq!(send(asked, request("GET", "/me", &[])).await.status, 500);
    let app = world.app().layer(world.auth.guard());
    assert_eq!(send(app, request("GET", "/me", &[])).await.status, 401);
}

#[tokio::test]
async fn the_guard_laid_over_a_route_judges_it_and_no_other() {
    let world = World::new();
    let query = world.auth.clone().locations([TokenLocation::query("token")]);
    let app = Router::new()
        .route("/report", any(async |_: Bearer<Access>| "report"))
        .route_layer(query.require::<SignedIn<Access>>())
        .route_layer(query.guard())
        .merge(Router::new().route("/me", any(async |_: Bearer<Access>| "me")))
        .with_state(world.auth.clone());
    let token = world.token();
    let header = bearer(&token);
    let with_header = |path| request("GET", path, &[("authorization", header.as_str())]);
    send(
        app.clone(),
        request("GET", &format!("/report?token={token}"), &[]),
    )
    .await
    .assert_ok("report");
    assert_eq!(send(app.clone(), with_header("/report")).await.status, 401);
    send(app.clone(), with_header("/me")).await.assert_ok("me");
    assert_eq!(
        send(app, request("GET", &format!("/me?token={token}"), &[]))
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_header_may_have_another_name_and_scheme() {
    let name = HeaderName::from_static("x-api-token");
    let world = World::new().with(|auth| {
        auth.locations([
            TokenLocation::header_named(name, "Token"),
            TokenLocation::cookie("session"),
        ])
    });
    let token = world.token();
    world
        .get("/me", &[("x-api-token", &format!("token {token}"))])
        .await
        .assert_ok("alice");
    world
        .get("/feed", &[("authorization", &bearer(&token))])
        .await
        .assert_ok("nobody");
    let malformed = "The token's header must hold its scheme, one token and nothing else";
    for value in [
        token.clone(),
        format!("Token {token} x"),
        format!("Token {token},{token}"),
    ] {
        let reply = world.get("/me", &[("x-api-token", &value)]).await;
        reply.assert_refused(400, "invalid_request", malformed);
    }
    let value = format!("Token {token}");
    let twice = [("x-api-token", value.as_str()), ("x-api-token", value.as_str())];
    let expected = "The token's header was sent more than once";
    world
        .get("/me", &twice)
        .await
        .assert_refused(400, "invalid_request", expected);
    let cookie = format!("session={token}");
    let both = [("x-api-token", "Token"), ("cookie", cookie.as_str())];
    world
        .get("/me", &both)
        .await
        .assert_refused(401, "token_missing", "Token is missing");
}

#[tokio::test]
async fn a_subprotocol_holds_the_token_after_its_marker() {
    let world = everywhere();
    let token = world.token();
    let spread = [
        ("sec-websocket-protocol", "access_token"),
        ("sec-websocket-protocol", token.as_str()),
    ];
    ask(&world, "GET", "/", &spread, "")
        .await
        .assert_ok("Subprotocol");
    for offer in ["access_token", "access_token,", "chat"] {
        let reply = ask(&world, "GET", "/", &[("sec-websocket-protocol", offer)], "").await;
        reply.assert_refused(401, "token_missing", "Token is missing");
    }
    let reply = ask(
        &world,
        "GET",
        "/",
        &[("sec-websocket-protocol", "access_token, junk")],
        "",
    )
    .await;
    reply.assert_refused(401, "invalid_token", "Invalid token");
}

/// A guard over cookies whose CSRF token may stand in the form field `proof`.
fn with_forms() -> (World, String, String) {
    let mode = CookieMode::Host;
    let csrf = Csrf::new([9; 32], mode).unwrap();
    let value = csrf.token(b"session-1", [1; 16]);
    let world = World::new().with(|auth| {
        auth.locations([TokenLocation::cookie(mode.name(Cookie::Access))])
            .csrf(csrf.form_field("proof"), |token| {
                token.claims().sid.as_deref().map(str::as_bytes)
            })
    });
    let sid = Some("session-1".to_owned());
    let token = world.token_of(Access {
        sid,
        ..Access::default()
    });
    let cookies = format!(
        "{}={token}; {}={value}",
        mode.name(Cookie::Access),
        mode.name(Cookie::Csrf)
    );
    (world, cookies, value)
}

#[tokio::test]
async fn a_form_may_carry_the_csrf_token() {
    let (world, cookies, value) = with_forms();
    let headers = [("cookie", cookies.as_str()), ("content-type", FORM)];
    let body = format!("note=hello+you&proof={value}");
    ask(&world, "POST", "/echo", &headers, &body)
        .await
        .assert_ok(&body);
    let in_header = [
        ("cookie", cookies.as_str()),
        ("content-type", FORM),
        ("x-csrf-token", &value),
    ];
    ask(&world, "POST", "/echo", &in_header, "note=hello")
        .await
        .assert_ok("note=hello");

    let missing = "CSRF token is missing: repeat the value of the cookie __Host-jeton_csrf in the header X-CSRF-Token or the form field proof";
    let reply = ask(&world, "POST", "/echo", &headers, "note=hello").await;
    reply.assert_refused(403, "csrf_failed", missing);
    let as_text = [("cookie", cookies.as_str()), ("content-type", "text/plain")];
    let reply = ask(&world, "POST", "/echo", &as_text, &body).await;
    reply.assert_refused(403, "csrf_failed", missing);
    let reply = ask(
        &world,
        "POST",
        "/echo",
        &headers,
        &format!("{body}&proof={value}"),
    )
    .await;
    assert_eq!(reply.status, 403);
    let reply = ask(&world, "POST", "/echo", &headers, "proof=planted").await;
    assert_eq!(reply.status, 403);
    assert_eq!(
        ask(&world, Method::GET.as_str(), "/", &headers, "").await.status,
        200
    );
}

#[tokio::test]
async fn json_extractors_still_work_behind_the_guard() {
    let world = everywhere();
    let app = Router::new()
        .route(
            "/",
            any(async |_: Bearer<Access>, Json(body): Json<Value>| body["n"].to_string()),
        )
        .route_layer(world.auth.guard())
        .with_state(world.auth.clone());
    let body = json!({ "access_token": world.token(), "n": 7 }).to_string();
    let (parts, _) = request("POST", "/", &[("content-type", "application/json")]).into_parts();
    send(app, Request::from_parts(parts, Body::from(body)))
        .await
        .assert_ok("7");
}

#[tokio::test]
async fn another_guard_over_the_route_does_not_do() {
    let world = World::new();
    let query = world.auth.clone().locations([TokenLocation::query("token")]);
    let app = Router::<()>::new()
        .route("/", any(async || "served"))
        .route_layer(query.require::<SignedIn<Access>>())
        .route_layer(world.auth.guard());
    let reply = send(app, request("GET", &format!("/?token={}", world.token()), &[])).await;
    assert_eq!(reply.status, 500);
}
