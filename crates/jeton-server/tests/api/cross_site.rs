//! What another site's page makes a browser send.

use http::Method;
use serde_json::json;

use crate::actors::{Actor, Call, Server, SignedIn};

const SENTENCE: &str =
    "Another site's page may not do this; name its origin in JETON_CORS_ORIGINS if it should";

/// Each route that changes something, as somebody who may.
fn unsafe_requests(romel: &SignedIn) -> Vec<Call> {
    let account = json!({ "username": "Romel", "password": romel.password });
    let newcomer = json!({ "username": "newcomer", "password": "newcomers own passphrase" });
    vec![
        romel.post("/register", &newcomer),
        romel.post("/login", &account),
        romel.post("/token", &account),
        romel.post("/set-jwt", &account),
        romel.post("/sign-token", &json!({})),
        romel.post("/password", &json!({})),
        romel.post("/password/reset", &json!({})),
        romel.post("/admin/users", &json!({})),
        romel.post("/verify-token", &json!({})),
        romel.post("/refresh", &json!({ "refresh_token": romel.refresh })),
        romel.post("/logout", &json!({})),
        romel.delete(&format!("/sessions/{}", romel.session())),
    ]
}

#[tokio::test]
async fn a_foreign_page_changes_nothing() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    for request in unsafe_requests(&romel) {
        for origin in [
            "https://evil.example",
            "null",
            "",
            "http://localhost:5001",
            "https://localhost:5000",
            "http://localhost",
        ] {
            let reply = request
                .clone()
                .header("origin", origin)
                .header("sec-fetch-site", "cross-site")
                .await;
            reply.assert_error(403, "cross_site", SENTENCE);
            request
                .clone()
                .header("origin", origin)
                .await
                .assert_error(403, "cross_site", SENTENCE);
        }
        let reply = request.header("sec-fetch-site", "cross-site").await;
        reply.assert_error(403, "cross_site", SENTENCE);
    }
    romel.assert_is_in().await;
    let sessions = romel.get("/sessions").await;
    assert_eq!(sessions.json["sessions"].as_array().unwrap().len(), 1);
    let newcomer = server
        .visitor()
        .login("newcomer", "newcomers own passphrase")
        .await;
    newcomer.assert_code(401, "invalid_credentials");
    server.visitor().refresh(&romel.refresh).await.assert_status(200);
}

#[tokio::test]
async fn its_own_pages_and_programs_are_no_strangers() {
    let server = Server::start().await;
    let visitor = server.visitor();
    let origins = [
        vec![
            ("origin", "http://localhost:5000"),
            ("sec-fetch-site", "same-origin"),
        ],
        vec![("origin", "http://127.0.0.1:5000"), ("host", "127.0.0.1:5000")],
        vec![("origin", "http://localhost:8080"), ("host", "localhost:8080")],
        vec![("origin", "http://[::1]:5000"), ("host", "127.0.0.1:5000")],
        vec![("origin", "http://localhost"), ("host", "localhost")],
        vec![("host", "jeton.internal:80")],
        vec![("sec-fetch-site", "same-origin")],
        vec![("sec-fetch-site", "none")],
        vec![],
    ];
    for (number, headers) in origins.into_iter().enumerate() {
        let body = json!({ "username": format!("name{number}"), "password": "pass1425" });
        let request = visitor.post("/register", &body);
        let request = headers
            .into_iter()
            .fold(request, |request, (name, value)| request.header(name, value));
        request.await.assert_status(201);
    }
}

/// A name of somebody's own that points to this address (DNS rebinding) is in `Host` and `Origin` alike.
#[tokio::test]
async fn a_page_is_not_ours_by_having_reached_us_under_its_own_name() {
    let local = Server::start().await;
    let public = Server::with(&[("issuer", "https://id.example")]).await;
    let body = json!({ "username": "newcomer", "password": "newcomers own passphrase" });
    for (server, origin, host) in [
        (&local, "http://evil.example:5000", "evil.example:5000"),
        (&local, "http://evil.example", "evil.example"),
        (&local, "https://localhost:5000", "localhost:5000"),
        (
            &local,
            "http://localhost.evil.example:5000",
            "localhost.evil.example:5000",
        ),
        (&local, "http://localhost:3000", "localhost:5000"),
        (&local, "http://evil.example:5000", "localhost:5000"),
        (&public, "https://evil.example", "evil.example"),
        (&public, "http://id.example", "id.example"),
        (&public, "https://id.example:444", "id.example:444"),
        (&public, "http://localhost:5000", "localhost:5000"),
    ] {
        let reply = server
            .visitor()
            .post("/register", &body)
            .header("origin", origin)
            .header("host", host)
            .await;
        reply.assert_error(403, "cross_site", SENTENCE);
    }
}

#[tokio::test]
async fn reading_is_open_to_any_page_the_browser_lets_read() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let reply = romel
        .get("/protected")
        .header("origin", "https://evil.example")
        .await;
    reply.assert_status(200);
    assert!(!reply.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn origins_in_the_settings_may_call_with_credentials() {
    let origins = "https://app.example,https://admin.example:8443";
    let server = Server::with(&[("issuer", "https://id.example"), ("cors-origins", origins)]).await;
    let romel = server.signed_up("Romel").await;
    for origin in origins.split(',') {
        let reply = romel
            .post("/sign-token", &json!({}))
            .header("origin", origin)
            .await;
        reply.assert_code(403, "insufficient_scope");
        assert_eq!(reply.header("access-control-allow-origin"), origin);
        assert_eq!(reply.header("access-control-allow-credentials"), "true");
        let exposed = reply.header("access-control-expose-headers");
        for name in [
            "retry-after",
            "www-authenticate",
            "x-request-id",
            "jeton-device",
            "x-token-expires-in",
        ] {
            assert!(
                exposed.split(',').any(|exposed| exposed == name),
                "{name}: {exposed}"
            );
        }
    }
    for stranger in [
        "https://evil.example",
        "https://app.example:444",
        "http://app.example",
        "https://APP.example",
    ] {
        let reply = romel
            .post("/sign-token", &json!({}))
            .header("origin", stranger)
            .await;
        reply.assert_error(403, "cross_site", SENTENCE);
        assert!(!reply.headers.contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn a_browser_that_asks_first_is_answered_for_the_origins_in_the_settings() {
    let server = Server::with(&[("cors-origins", "https://app.example")]).await;
    let ask = |origin| {
        server
            .visitor()
            .call(Method::OPTIONS, "/refresh")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,content-type,x-csrf-token",
            )
    };
    let reply = ask("https://app.example").await;
    reply.assert_status(200);
    assert_eq!(reply.header("access-control-allow-origin"), "https://app.example");
    assert_eq!(reply.header("access-control-max-age"), "600");
    assert_eq!(
        reply.header("access-control-allow-headers"),
        "authorization,content-type,x-csrf-token,jeton-device"
    );
    let stranger = ask("https://evil.example").await;
    assert!(!stranger.headers.contains_key("access-control-allow-origin"));
}
