//! A handler that judges its request by itself, and cookies beside what a script sends.

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::any,
};
use http::{HeaderName, header::AUTHORIZATION, request::Parts};
use jeton_axum::{
    Auth, TokenLocation,
    cookies::{Cookie, CookieMode},
    csrf::Csrf,
};

use crate::support::{Access, Reply, World, bearer, request, send};

const MODE: CookieMode = CookieMode::Host;
const SESSION: &[u8] = b"session-1";

fn csrf() -> Csrf {
    Csrf::new([9; 32], MODE).unwrap()
}

/// A guard that takes cookies alone, with CSRF protection.
fn cookies_alone(csrf: Csrf) -> World {
    World::new().with(|auth| {
        auth.locations([TokenLocation::cookie(MODE.name(Cookie::Access))])
            .csrf(csrf, |token| token.claims().sid.as_deref().map(str::as_bytes))
    })
}

/// The cookies of a browser that signed in, with this CSRF token.
fn jar(world: &World, csrf: &str) -> String {
    let token = world.token_of(Access {
        sid: Some("session-1".to_owned()),
        ..Access::default()
    });
    let [access, proof] = [Cookie::Access, Cookie::Csrf].map(|cookie| MODE.name(cookie));
    format!("{access}={token}; {proof}={csrf}")
}

async fn at_once(State(auth): State<Auth<Access>>, parts: Parts) -> Response {
    match auth.authenticate(&parts) {
        Ok(token) => token
            .map_or_else(String::new, |token| token.subject().unwrap().to_owned())
            .into_response(),
        Err(rejection) => auth.refuse(rejection).into_response(),
    }
}

async fn waiting(State(auth): State<Auth<Access>>, parts: Parts) -> Response {
    match auth.authenticate_async(&parts).await {
        Ok(token) => token
            .map_or_else(String::new, |token| token.subject().unwrap().to_owned())
            .into_response(),
        Err(rejection) => auth.refuse(rejection).into_response(),
    }
}

async fn ask(world: &World, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
    let app = Router::new()
        .route("/at_once", any(at_once))
        .route("/waiting", any(waiting))
        .with_state(world.auth.clone());
    send(app, request(method, path, headers)).await
}

#[tokio::test]
async fn a_handler_that_judges_by_itself_asks_for_the_csrf_token_too() {
    let world = cookies_alone(csrf());
    let value = csrf().token(SESSION, [1; 16]);
    let cookies = jar(&world, &value);
    let missing =
        "CSRF token is missing: repeat the value of the cookie __Host-jeton_csrf in the header X-CSRF-Token";
    for path in ["/at_once", "/waiting"] {
        let alone = [("cookie", &*cookies)];
        ask(&world, "GET", path, &alone).await.assert_ok("alice");
        let reply = ask(&world, "POST", path, &alone).await;
        reply.assert_refused(403, "csrf_failed", missing);
        let proved = [("cookie", &*cookies), ("x-csrf-token", &*value)];
        ask(&world, "POST", path, &proved).await.assert_ok("alice");
        ask(&world, "POST", path, &[]).await.assert_ok("");
    }
}

#[tokio::test]
async fn a_guard_of_cookies_alone_ignores_them_beside_authorization() {
    let world = cookies_alone(csrf());
    let cookies = jar(&world, "");
    let good = bearer(&world.token());
    world.get("/me", &[("cookie", &cookies)]).await.assert_ok("alice");
    for authorization in [&*good, "Bearer junk", "Basic YWxpY2U6c2VjcmV0", "Bearer", ""] {
        let headers = [("cookie", &*cookies), ("authorization", authorization)];
        let reply = world.get("/me", &headers).await;
        reply.assert_refused(401, "token_missing", "Token is missing");
        world.get("/feed", &headers).await.assert_ok("nobody");
    }
}

/// The header of one's own counts as `Authorization` does, wherever the cookie stands in the order.
#[tokio::test]
async fn a_header_of_ones_own_makes_cookies_ignored_before_it() {
    let own = HeaderName::from_static("x-token");
    let world = World::new().with(|auth| {
        auth.locations([
            TokenLocation::cookie("session"),
            TokenLocation::header_named(own, "Token"),
        ])
    });
    let cookie = format!("session={}", world.token());
    world.get("/me", &[("cookie", &cookie)]).await.assert_ok("alice");
    for (value, code) in [("Token junk", "invalid_token"), ("Other x", "token_missing")] {
        let reply = world.get("/me", &[("cookie", &cookie), ("x-token", value)]).await;
        assert_eq!(reply.status, 401, "{value}");
        assert!(reply.body.contains(code), "{value}: {}", reply.body);
    }
}

/// Two sets of credentials are two, also where a guard looks elsewhere.
#[tokio::test]
async fn two_authorization_headers_are_refused_beside_a_header_of_ones_own() {
    let own = TokenLocation::header_named(HeaderName::from_static("x-token"), "Token");
    let world = World::new().with(|auth| auth.locations([own]));
    let good = format!("Token {}", world.token());
    let one = [("x-token", &*good), ("authorization", "Basic YQ")];
    world.get("/me", &one).await.assert_ok("alice");
    let two = [one[0], one[1], one[1]];
    let reply = world.get("/me", &two).await;
    let message = "Send one Authorization header, not several";
    reply.assert_refused(400, "invalid_request", message);
}

#[tokio::test]
async fn a_scheme_of_ones_own_takes_no_other() {
    for name in [AUTHORIZATION, HeaderName::from_static("x-token")] {
        for location in [
            TokenLocation::header_named(name.clone(), "Token"),
            TokenLocation::header_named(name.clone(), "Token").or_bare(),
        ] {
            let world = World::new().with(|auth| auth.locations([location]));
            let token = world.token();
            for (scheme, good) in [
                ("Token", true),
                ("token", true),
                ("Bearer", false),
                ("Tokens", false),
            ] {
                let value = format!("{scheme} {token}");
                let reply = world.get("/me", &[(name.as_str(), &value)]).await;
                if good {
                    reply.assert_ok("alice");
                } else {
                    reply.assert_refused(401, "token_missing", "Token is missing");
                }
            }
        }
    }
}

/// Two CSRF tokens of one session are both good, and still the page must repeat the one in the cookie.
#[tokio::test]
async fn a_form_repeats_the_cookie_and_no_other_token_of_the_session() {
    let csrf = csrf().form_field("proof");
    let world = cookies_alone(csrf.clone());
    let [kept, other] = [1, 2].map(|nonce| csrf.token(SESSION, [nonce; 16]));
    let cookies = jar(&world, &kept);
    let app = world.app().layer(world.auth.guard());
    let mismatch = "CSRF token does not match the cookie as it is now: repeat the value of the cookie __Host-jeton_csrf in the header X-CSRF-Token or the form field proof";
    for (value, is_kept) in [(&kept, true), (&other, false)] {
        let headers = [
            ("cookie", &*cookies),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let (parts, _) = request("POST", "/me", &headers).into_parts();
        let form = http::Request::from_parts(parts, format!("proof={value}").into());
        let in_header = [("cookie", &*cookies), ("x-csrf-token", value)];
        for request in [form, request("POST", "/me", &in_header)] {
            let reply = send(app.clone(), request).await;
            if is_kept {
                reply.assert_ok("alice");
            } else {
                reply.assert_refused(403, "csrf_failed", mismatch);
            }
        }
    }
}
