//! Paths and methods there are not.

use http::Method;

use crate::actors::{Actor, Server};

#[tokio::test]
async fn there_is_nothing_where_there_is_no_route() {
    let visitor = Server::start().await.visitor();
    let sentence = "There is nothing here; GET /openapi.json lists the routes";
    for path in [
        "/nothing",
        "/login/",
        "//login",
        "/Login",
        "/login/x",
        "/sessions/",
        "/sessions/a/b",
        "/.well-known",
        "/../login",
        "/%6cogin%00",
        "/register%2f",
        "/*",
        "/{id}",
        "/sessions/%2e%2e/x",
    ] {
        for method in [
            Method::GET,
            Method::POST,
            Method::DELETE,
            Method::from_bytes(b"BREW").unwrap(),
        ] {
            visitor
                .call(method, path)
                .await
                .assert_error(404, "not_found", sentence);
        }
    }
}

#[tokio::test]
async fn a_query_changes_no_route() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let in_query = format!("/protected?access_token={0}&token={0}", romel.access);
    server
        .visitor()
        .get(&in_query)
        .await
        .assert_error(401, "token_missing", "Token is missing");
    romel.get("/protected?a=b&a=c&%00").await.assert_status(200);
}

#[tokio::test]
async fn a_session_id_that_is_no_text_is_no_session() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let reply = romel.delete("/sessions/%ff%fe").await;
    assert!(reply.status.is_client_error(), "{}", reply.body);
    romel.assert_is_in().await;
}

#[tokio::test]
async fn a_request_id_is_kept_if_it_is_plain_and_a_trusted_proxys_and_replaced_if_it_is_not() {
    let server = Server::with(&[("trusted-proxies", "10.0.0.0/8")]).await;
    let visitor = server.visitor();
    let named = |id: &str, peer: &str| visitor.get("/nothing").header("x-request-id", id).from(peer);
    for peer in ["10.0.0.7", "::ffff:10.0.0.7"] {
        let kept = named("proxy-7.a_B", peer).await;
        assert_eq!(kept.header("x-request-id"), "proxy-7.a_B");
    }
    let long = "x".repeat(65);
    for odd in ["", "two words", "<b>", "a\"b", &long] {
        let reply = named(odd, "10.0.0.7").await;
        assert_ne!(reply.header("x-request-id"), odd);
        assert_eq!(reply.header("x-request-id").len(), 36);
    }
    for stranger in ["192.0.2.1", "11.0.0.1", "::1"] {
        let reply = named("proxy-7.a_B", stranger).await;
        assert_eq!(reply.header("x-request-id").len(), 36, "{stranger}");
    }
    let unknown = visitor
        .get("/nothing")
        .header("x-request-id", "proxy-7.a_B")
        .await;
    assert_eq!(unknown.header("x-request-id").len(), 36);
    let one = visitor.get("/healthz").await;
    let other = visitor.get("/healthz").await;
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
}
