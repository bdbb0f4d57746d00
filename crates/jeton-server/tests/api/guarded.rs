//! What every route behind the guard refuses, whichever it is.

use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::actors::{Actor, Call, Server, Visitor};

const GUARDED: [(Method, &str); 14] = [
    (Method::GET, "/protected"),
    (Method::GET, "/profile"),
    (Method::GET, "/get-jwt"),
    (Method::GET, "/sessions"),
    (Method::DELETE, "/sessions/019b0000-0000-7000-8000-000000000000"),
    (Method::POST, "/sign-token"),
    (Method::POST, "/verify-token"),
    (Method::POST, "/logout"),
    (Method::POST, "/password"),
    (Method::GET, "/admin/users"),
    (Method::POST, "/admin/users"),
    (Method::GET, "/admin/keys"),
    (Method::POST, "/admin/keys"),
    (
        Method::DELETE,
        "/admin/users/019b0000-0000-7000-8000-000000000000",
    ),
];

fn requests(visitor: &Visitor) -> impl Iterator<Item = Call> {
    GUARDED.into_iter().map(|(method, path)| {
        let request = visitor.call(method.clone(), path);
        if method == Method::POST {
            request.json(&json!({}))
        } else {
            request
        }
    })
}

#[tokio::test]
async fn a_request_without_a_token_gets_a_plain_challenge() {
    let visitor = Server::start().await.visitor();
    for request in requests(&visitor) {
        let reply = request.await;
        reply.assert_error(401, "token_missing", "Token is missing");
        assert_eq!(reply.header("www-authenticate"), "Bearer realm=\"jeton\"");
    }
}

#[tokio::test]
async fn a_header_without_a_bearer_token_is_a_missing_token() {
    let visitor = Server::start().await.visitor();
    for header in [
        "",
        "   ",
        "Bearer",
        "bearer  ",
        "Basic dXNlcjpwYXNz",
        "Digest a=b, c=d",
    ] {
        for request in requests(&visitor) {
            let reply = request.header("authorization", header).await;
            reply.assert_error(401, "token_missing", "Token is missing");
        }
    }
}

#[tokio::test]
async fn a_header_that_could_mean_anything_is_a_bad_request() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let access = &romel.access;
    let (two, comma) = (
        format!("Bearer {access} {access}"),
        format!("Bearer {access},{access}"),
    );
    let odd: [&[u8]; 5] = [
        two.as_bytes(),
        comma.as_bytes(),
        b"Bearer \xff\xfe",
        "Bearer tökén".as_bytes(),
        b"\x80",
    ];
    for request in requests(&server.visitor()) {
        for header in odd {
            request
                .clone()
                .header("authorization", header)
                .await
                .assert_code(400, "invalid_request");
        }
        let bearer = format!("Bearer {access}");
        let twice = request
            .bearer(access)
            .another_header("authorization", &bearer)
            .await;
        twice.assert_error(
            400,
            "invalid_request",
            "Send one Authorization header, not several",
        );
    }
    romel.assert_is_in().await;
}

#[tokio::test]
async fn what_was_not_signed_here_is_invalid() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let stranger = Server::start().await.signed_up("Romel").await;
    let parts: Vec<_> = romel.access.split('.').collect();
    let (header, claims, signature) = (parts[0], parts[1], parts[2]);
    let none = base64_simd::URL_SAFE_NO_PAD.encode_to_string(r#"{"alg":"none","typ":"at+jwt"}"#);
    let long = "x".repeat(100_000);
    let forged = [
        "nonsense".to_owned(),
        "..".to_owned(),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{signature}x"),
        format!("{header}.{claims}.{signature}="),
        format!(
            "{header}.{}.{signature}",
            stranger.access.split('.').nth(1).unwrap()
        ),
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        stranger.access,
        romel.refresh.clone(),
        long,
    ];
    for token in forged {
        for request in requests(&server.visitor()) {
            // At logout a refresh token is one that may ask.
            if token == romel.refresh && request.is_for("/logout") {
                continue;
            }
            let reply = request.bearer(&token).await;
            reply.assert_error(401, "invalid_token", "Invalid token");
            assert!(
                reply
                    .header("www-authenticate")
                    .contains("error=\"invalid_token\"")
            );
        }
    }
    romel.assert_is_in().await;
}

#[tokio::test]
async fn what_was_good_once_is_expired_or_revoked() {
    let server = Server::start().await;
    let (ended, late) = (server.signed_up("Romel").await, server.signed_up("late").await);
    ended.post("/logout", &json!({})).await.assert_status(200);
    for request in requests(&server.visitor()) {
        let reply = request.bearer(&ended.access).await;
        reply.assert_error(401, "token_revoked", "Token has been revoked");
        assert!(
            reply
                .header("www-authenticate")
                .contains("error=\"invalid_token\"")
        );
    }
    server.clock().advance(Duration::from_secs(931));
    for request in requests(&server.visitor()) {
        let reply = request.bearer(&late.access).await;
        reply.assert_error(401, "token_expired", "Token has expired");
        assert!(
            reply
                .header("www-authenticate")
                .contains("error=\"invalid_token\"")
        );
    }
}

#[tokio::test]
async fn the_word_bearer_may_be_written_in_any_case() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    for scheme in ["Bearer ", "bearer ", "BEARER  ", "Bearer\t"] {
        let header = format!("{scheme}{}", romel.access);
        let reply = server
            .visitor()
            .get("/protected")
            .header("authorization", header)
            .await;
        reply.assert_status(200);
    }
    let bare = server
        .visitor()
        .get("/protected")
        .header("authorization", &romel.access)
        .await;
    bare.assert_error(
        400,
        "invalid_request",
        "Expected 'Authorization: Bearer <token>': the word Bearer is missing",
    );
}
