//! Nothing that was sent comes back in a refusal: not in its sentence, not in its headers.

use http::Method;
use serde_json::json;

use super::{admin, everywhere};
use crate::actors::{Actor, Call, Reply, Server};

const MARKER: &str = "Zqmarker7";

async fn assert_refused_without_echo(call: Call) -> Reply {
    let reply = call.await;
    assert!(
        reply.is_error(),
        "{} {}: {}",
        reply.sent.method,
        reply.sent.path,
        reply.body
    );
    let answer = format!("{}{:?}", reply.body, reply.headers).to_lowercase();
    assert!(!answer.contains(&MARKER.to_lowercase()), "{answer}");
    reply
}

#[tokio::test]
async fn a_bad_body_is_not_repeated() {
    let ada = admin().await;
    for request in everywhere(&ada) {
        for body in [
            MARKER.to_owned(),
            format!("\"{MARKER}\""),
            format!("[\"{MARKER}\"]"),
            format!("{{\"{MARKER}\""),
            format!("{{{MARKER}: 1}}"),
            format!("{{\"username\": {MARKER}}}"),
            format!("{{\"username\": \"{MARKER}\" \"{MARKER}\"}}"),
            format!("{{\"{MARKER}\": 1}} {MARKER}"),
        ] {
            assert_refused_without_echo(request.clone().raw("application/json", body)).await;
        }
        assert_refused_without_echo(request.clone().raw(MARKER, "{}")).await;
        let large = MARKER.repeat(40_000);
        assert_refused_without_echo(request.raw("application/json", large)).await;
    }
}

#[tokio::test]
async fn a_bad_value_is_not_repeated() {
    let ada = admin().await;
    for path in ["/register", "/login", "/token", "/set-jwt"] {
        for body in [
            json!({ "username": { MARKER: MARKER }, "password": "pass1425" }),
            json!({ "username": "Romel", "password": [MARKER] }),
            json!({ "username": format!("{MARKER}\u{0}"), "password": MARKER }),
            json!({ "username": MARKER, "password": format!("{MARKER}\u{0}"), MARKER: MARKER }),
            json!({ "username": MARKER, "password": MARKER, "email": MARKER, "cookies": MARKER, "claims": MARKER }),
        ] {
            assert_refused_without_echo(ada.post(path, &body)).await;
        }
    }
    for body in [
        json!({ "username": MARKER, "claims": { MARKER: MARKER, "sub": MARKER } }),
        json!({ "username": MARKER, "claims": { MARKER: MARKER } }),
        json!({ "username": "ada", "claims": { MARKER: MARKER } }),
        json!({ "username": MARKER, "claims": MARKER }),
        json!({ "username": MARKER, "expires_in": MARKER }),
    ] {
        assert_refused_without_echo(ada.post("/set-jwt", &body)).await;
    }
    for (path, body) in [
        ("/sign-token", json!({ "exp": MARKER, MARKER: MARKER })),
        ("/verify-token", json!({ "token": [MARKER] })),
        ("/refresh", json!({ "refresh_token": { MARKER: MARKER } })),
        ("/refresh", json!({ "refresh_token": MARKER })),
        ("/logout", json!({ "scope": MARKER })),
        ("/logout", json!({ "scope": { MARKER: MARKER } })),
        (
            "/password",
            json!({ "current_password": MARKER, "new_password": MARKER }),
        ),
        (
            "/password",
            json!({ "current_password": MARKER, "new_password": format!("another {MARKER}") }),
        ),
        (
            "/password/reset",
            json!({ "username": MARKER, "code": MARKER, "new_password": MARKER.repeat(2) }),
        ),
        ("/password/reset", json!({ "username": MARKER, "code": [MARKER] })),
        (
            "/admin/users",
            json!({ "username": format!("{MARKER} {MARKER}") }),
        ),
        ("/admin/users", json!({ "username": "x", MARKER: MARKER })),
        (
            "/admin/users",
            json!({ "username": "x", "claims": { MARKER: MARKER.repeat(400) } }),
        ),
        ("/admin/users", json!({ "username": "x", "roles": [MARKER] })),
        ("/admin/users", json!({ "username": "x", "email": MARKER })),
    ] {
        assert_refused_without_echo(ada.post(path, &body)).await;
    }
    let without_a_header = ada
        .post("/verify-token", &json!({ "token": MARKER }))
        .without("authorization");
    assert_refused_without_echo(without_a_header)
        .await
        .assert_code(401, "invalid_token");
}

#[tokio::test]
async fn paths_methods_and_headers_are_not_repeated() {
    let server = Server::start().await;
    let (visitor, admin) = (server.visitor(), server.admin("ada").await);
    let method = Method::from_bytes(MARKER.as_bytes()).unwrap();
    for call in [
        visitor.get(&format!("/{MARKER}")),
        visitor.get(&format!("/nothing?{MARKER}={MARKER}")),
        visitor.call(method.clone(), "/login"),
        visitor.call(method, &format!("/{MARKER}")),
        visitor.delete(&format!("/sessions/{MARKER}")),
        admin.get(&format!("/admin/users/{MARKER}")),
        admin.get(&format!("/admin/users?{MARKER}={MARKER}")),
        admin.get(&format!("/admin/users?after={MARKER}&role={MARKER}")),
        admin.delete(&format!("/admin/users/{}/sessions/{MARKER}", admin.id)),
        server
            .signed_up("Romel")
            .await
            .delete(&format!("/sessions/{MARKER}")),
    ] {
        assert_refused_without_echo(call).await;
    }
    for (name, value) in [
        ("authorization", format!("Bearer {MARKER}")),
        ("authorization", format!("Bearer {MARKER} {MARKER}")),
        ("authorization", format!("{MARKER} {MARKER}")),
        ("authorization", format!("{MARKER}.{MARKER}.{MARKER}")),
        ("cookie", format!("jeton_access={MARKER}; {MARKER}={MARKER}")),
        ("x-csrf-token", MARKER.to_owned()),
        ("x-request-id", format!("{MARKER} {MARKER}")),
        ("user-agent", MARKER.to_owned()),
        ("accept", MARKER.to_owned()),
        ("host", MARKER.to_owned()),
    ] {
        for path in ["/protected", "/get-jwt", "/nothing"] {
            assert_refused_without_echo(visitor.get(path).header(name, &value)).await;
        }
        for path in ["/refresh", "/logout", "/verify-token"] {
            assert_refused_without_echo(visitor.post(path, &json!({})).header(name, &value)).await;
        }
    }
    for name in ["origin", "content-type", "sec-fetch-site"] {
        assert_refused_without_echo(visitor.post("/login", &json!({})).header(name, MARKER)).await;
    }
}
