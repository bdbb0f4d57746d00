//! Bodies that the guard reads, and those it lets alone.

use axum::{Router, body::Body, extract::DefaultBodyLimit, routing::any};
use http::Request;
use jeton_axum::{
    Auth, Bearer, TokenLocation,
    cookies::{Cookie, CookieMode},
    csrf::Csrf,
};

use crate::support::{Access, Reply, World, bearer, request, send};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const TWO_MEGABYTES: usize = 2 * 1024 * 1024;

/// Sends a body of so many bytes to a route that counts them.
async fn count(auth: &Auth<Access>, method: &str, headers: &[(&str, &str)], bytes: usize) -> Reply {
    let app = Router::new()
        .route(
            "/",
            any(async |_: Bearer<Access>, body: String| body.len().to_string()),
        )
        .route_layer(auth.guard())
        .layer(DefaultBodyLimit::disable())
        .with_state(auth.clone());
    let (parts, _) = request(method, "/", headers).into_parts();
    send(app, Request::from_parts(parts, Body::from(" ".repeat(bytes)))).await
}

#[tokio::test]
async fn two_megabytes_are_held_back_unless_it_is_said_otherwise() {
    let world =
        World::new().with(|auth| auth.locations([TokenLocation::header(), TokenLocation::json("token")]));
    let header = bearer(&world.token());
    let headers = [("authorization", &*header), ("content-type", JSON)];
    let reply = count(&world.auth, "POST", &headers, TWO_MEGABYTES).await;
    reply.assert_ok("2097152");
    let reply = count(&world.auth, "POST", &headers, TWO_MEGABYTES + 1).await;
    reply.assert_refused(413, "invalid_request", "The body is too large");
}

/// A body is held back only where something is looked for in a body of its kind, on a request of this method, that
/// has it nowhere else.
#[tokio::test]
async fn a_body_with_nothing_in_it_for_the_guard_is_let_alone() {
    let session = TokenLocation::cookie("session");
    let csrf = || Csrf::new([9; 32], CookieMode::Host).unwrap();
    let proof = csrf().token(b"session-1", [1; 16]);
    let with = |csrf: Csrf| {
        World::new().with(|auth| {
            auth.body_limit(10)
                .locations([session.clone()])
                .csrf(csrf, |token| token.claims().sid.as_deref().map(str::as_bytes))
        })
    };
    let cookies = |world: &World| {
        let sid = Some("session-1".to_owned());
        let token = world.token_of(Access {
            sid,
            ..Access::default()
        });
        let name = CookieMode::Host.name(Cookie::Csrf);
        format!("session={token}; {name}={proof}")
    };
    let [plain, forms] = [with(csrf()), with(csrf().form_field("proof"))];
    let header = ("x-csrf-token", &*proof);
    for (world, method, kind, proved, status) in [
        (&plain, "POST", JSON, Some(header), 200),
        (&plain, "POST", FORM, Some(header), 200),
        (&forms, "POST", JSON, Some(header), 200),
        (&forms, "GET", FORM, None, 200),
        (&forms, "POST", "text/plain", None, 403),
        (&forms, "POST", FORM, Some(header), 200),
        (&forms, "POST", FORM, None, 413),
    ] {
        let cookies = cookies(world);
        let mut headers = vec![("cookie", &*cookies), ("content-type", kind)];
        headers.extend(proved);
        let reply = count(&world.auth, method, &headers, 100).await;
        assert_eq!(reply.status, status, "{method} {kind} {proved:?}");
    }
}
