//! CSRF tokens in forms that also send files.

use axum::{
    Router,
    body::{Body, Bytes},
    routing::post,
};
use http::Request;
use jeton_axum::{
    Bearer, TokenLocation,
    cookies::{Cookie, CookieMode},
    csrf::Csrf,
};

use crate::support::{Access, Reply, World, bearer, send};

const MODE: CookieMode = CookieMode::Host;
const LIMIT: usize = 4096;

fn csrf() -> Csrf {
    Csrf::new([9; 32], MODE).unwrap().form_field("proof")
}

fn world() -> World {
    let places = [
        TokenLocation::header(),
        TokenLocation::cookie(MODE.name(Cookie::Access)),
    ];
    World::new().with(|auth| {
        auth.locations(places)
            .csrf(csrf(), |token| token.claims().sid.as_deref().map(str::as_bytes))
            .body_limit(LIMIT)
    })
}

fn token(world: &World) -> String {
    world.token_of(Access {
        sid: Some("session-1".to_owned()),
        ..Access::default()
    })
}

fn proof() -> String {
    csrf().token(b"session-1", [1; 16])
}

/// `/` answers how many bytes of a body arrived.
async fn ask(world: &World, content_type: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
    let app = Router::new()
        .route(
            "/",
            post(async |_: Bearer<Access>, body: Bytes| body.len().to_string()),
        )
        .route_layer(world.auth.guard())
        .with_state(world.auth.clone());
    let mut request = Request::post("/").header("content-type", content_type);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(app, request.body(Body::from(body)).unwrap()).await
}

fn cookies(world: &World) -> String {
    let names = [Cookie::Access, Cookie::Csrf].map(|cookie| MODE.name(cookie));
    format!("{}={}; {}={}", names[0], token(world), names[1], proof())
}

/// What a browser sends for a form with a field, a file and the proof, each of these lines ended by CR LF.
fn form(lines: &[&str]) -> Vec<u8> {
    let mut body = lines.join("\r\n").into_bytes();
    body.extend(b"\r\n");
    body
}

const TYPE: &str = "multipart/form-data; boundary=----WebKitFormBoundaryA1";
const NEXT: &str = "------WebKitFormBoundaryA1";
const END: &str = "------WebKitFormBoundaryA1--";
const FILE: &str = "Content-Disposition: form-data; name=\"file\"; filename=\"a;name=\"";
const PROOF: &str = "Content-Disposition: form-data; name=\"proof\"";

#[tokio::test]
async fn a_form_with_a_file_proves_itself_by_a_field() {
    let world = world();
    let cookies = cookies(&world);
    let value = &*proof();
    let file = [NEXT, FILE, "Content-Type: text/plain", "", "one\r\n\r\n--two"];
    let lower = "content-disposition:form-data;name=proof";
    let quoted = "multipart/form-data; charset=utf-8; Boundary=\"----WebKitFormBoundaryA1\"";
    for (content_type, body) in [
        (TYPE, form(&[&file[..], &[NEXT, PROOF, "", value, END]].concat())),
        (
            TYPE,
            form(&[&[NEXT, PROOF, "", value], &file[..], &[END]].concat()),
        ),
        (
            TYPE,
            form(&["a preamble", NEXT, PROOF, "", value, END, "an epilogue"]),
        ),
        (
            TYPE,
            form(&[NEXT, "Content-Type: text/plain", lower, "", value, END]),
        ),
        (quoted, form(&[NEXT, PROOF, "", value, END])),
    ] {
        let length = body.len().to_string();
        let shown = String::from_utf8_lossy(&body).into_owned();
        let reply = ask(&world, content_type, &[("cookie", &cookies)], body).await;
        assert_eq!((reply.status.as_u16(), &*reply.body), (200, &*length), "{shown}");
    }
}

#[tokio::test]
async fn a_form_without_the_proof_is_refused() {
    let world = world();
    let cookies = cookies(&world);
    let value = &*proof();
    let other = csrf().token(b"session-1", [2; 16]);
    let as_file = "Content-Disposition: form-data; name=\"proof\"; filename=\"proof\"";
    let named = "Content-Disposition: form-data; name=\"other\"; x=\"proof\"";
    let attached = "Content-Disposition: attachment; name=\"proof\"";
    let missing = "CSRF token is missing: repeat the value of the cookie __Host-jeton_csrf in the header X-CSRF-Token or the form field proof";
    for (content_type, body) in [
        (TYPE, Vec::new()),
        (TYPE, form(&[NEXT, as_file, "", value, END])),
        (TYPE, form(&[NEXT, named, "", value, END])),
        (TYPE, form(&[NEXT, attached, "", value, END])),
        (TYPE, form(&[NEXT, PROOF, "", value])),
        (TYPE, form(&[NEXT, PROOF, value, END])),
        ("multipart/form-data", form(&[NEXT, PROOF, "", value, END])),
        (
            "multipart/form-data; boundary=",
            form(&[NEXT, PROOF, "", value, END]),
        ),
        (
            "multipart/form-data; boundary=else",
            form(&[NEXT, PROOF, "", value, END]),
        ),
        (
            "multipart/mixed; boundary=----WebKitFormBoundaryA1",
            form(&[NEXT, PROOF, "", value, END]),
        ),
    ] {
        let shown = format!("{content_type}: {}", String::from_utf8_lossy(&body));
        let reply = ask(&world, content_type, &[("cookie", &cookies)], body).await;
        assert_eq!(reply.status, 403, "{shown}");
        assert!(reply.body.contains(missing), "{shown}: {}", reply.body);
    }
    for (body, message) in [
        (
            form(&[NEXT, PROOF, "", &other, END]),
            "CSRF token does not match the cookie",
        ),
        (
            form(&[NEXT, PROOF, "", "junk", END]),
            "CSRF token does not match the cookie",
        ),
        (
            form(&[NEXT, PROOF, "", value, NEXT, PROOF, "", value, END]),
            "CSRF token was sent more than once",
        ),
    ] {
        let reply = ask(&world, TYPE, &[("cookie", &cookies)], body).await;
        assert_eq!(reply.status, 403);
        assert!(reply.body.contains(message), "{}", reply.body);
    }
}

#[tokio::test]
async fn a_body_is_held_back_only_where_the_proof_can_be_in_it() {
    let world = world();
    let cookies = cookies(&world);
    let large = form(&[
        NEXT,
        FILE,
        "",
        &"x".repeat(2 * LIMIT),
        NEXT,
        PROOF,
        "",
        &proof(),
        END,
    ]);
    let length = large.len().to_string();
    let reply = ask(&world, TYPE, &[("cookie", &cookies)], large.clone()).await;
    reply.assert_refused(413, "invalid_request", "The body is too large");
    for headers in [
        vec![("cookie", &*cookies), ("x-csrf-token", &*proof())],
        vec![("authorization", &*bearer(&token(&world)))],
        vec![("cookie", &*cookies), ("authorization", &*bearer(&token(&world)))],
    ] {
        let reply = ask(&world, TYPE, &headers, large.clone()).await;
        reply.assert_ok(&length);
    }
    let reply = ask(&world, TYPE, &[], large).await;
    reply.assert_refused(401, "token_missing", "Token is missing");
}
