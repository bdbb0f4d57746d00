use serde_json::json;

use crate::support::{World, bearer, replaced};

/// Differs: one `Authorization` header is one set of credentials (RFC 9110 §11.6.2). A list of schemes in it
/// is refused or is another scheme's, never searched.
#[tokio::test]
async fn test_default_headers() {
    let world = World::new();
    let token = world.access_token();
    world
        .with_token("/protected", &token)
        .await
        .assert_subject(Some("alice"));
    let reply = world
        .get("/protected", &[("authorization", "Basic YWxpY2U6c2VjcmV0")])
        .await;
    reply.assert_refused(401, "token_missing", "Token is missing");
    assert!(
        reply.headers["www-authenticate"]
            .to_str()
            .unwrap()
            .starts_with("Bearer ")
    );
    for (list, status) in [
        (format!("Bearer {token}, Basic YQ"), 400),
        (format!("Basic YQ, Bearer {token}"), 401),
    ] {
        assert_eq!(
            world.get("/protected", &[("authorization", &list)]).await.status,
            status,
            "{list}"
        );
    }
}

#[tokio::test]
async fn test_missing_headers() {
    let reply = World::new().get("/protected", &[]).await;
    reply.assert_refused(401, "token_missing", "Token is missing");
    let reply = World::new().access(replaced).get("/protected", &[]).await;
    assert_eq!(
        (reply.status, reply.body),
        (401, json!({ "oops": "token_missing" }).to_string())
    );
}

/// Differs: 401 and not 422, since there is no token.
#[tokio::test]
async fn test_header_without_jwt() {
    for header in ["Bearer ", "Bearer", "bearer  "] {
        let reply = World::new().get("/protected", &[("authorization", header)]).await;
        reply.assert_refused(401, "token_missing", "Token is missing");
    }
}

#[tokio::test]
async fn test_custom_error_msg_key() {
    let world = World::new().access(replaced);
    let reply = world
        .get("/protected", &[("authorization", &bearer("junk"))])
        .await;
    assert_eq!(
        (reply.status, reply.body),
        (401, json!({ "oops": "invalid_token" }).to_string())
    );
    assert_eq!(reply.headers["cache-control"], "no-store");
}
