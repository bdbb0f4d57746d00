use http::{HeaderName, header::AUTHORIZATION};
use jeton_axum::TokenLocation;
use serde_json::json;

use crate::support::{World, bearer, replaced};

fn looking_at(location: TokenLocation) -> World {
    World::new().access(|auth| auth.locations([location]))
}

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

/// Differs: a comma begins a second set of credentials, even an empty one. Blanks around the token mean nothing.
#[tokio::test]
async fn test_header_with_trailing_spaces_and_commas() {
    let world = World::new();
    let token = world.access_token();
    for header in [format!("Bearer {token}   "), format!("  Bearer   {token}")] {
        let reply = world.get("/protected", &[("authorization", &header)]).await;
        reply.assert_subject(Some("alice"));
    }
    let message = "Expected 'Authorization: Bearer <token>' with one token and nothing after it";
    for header in [format!("Bearer {token},   "), format!("Bearer {token},")] {
        let reply = world.get("/protected", &[("authorization", &header)]).await;
        reply.assert_refused(400, "invalid_request", message);
    }
}

/// Differs, as above: a list is not searched in a header of another name either.
#[tokio::test]
async fn test_custom_header_name() {
    let world = looking_at(TokenLocation::header_named(
        HeaderName::from_static("foo"),
        "Bearer",
    ));
    let header = bearer(&world.access_token());
    let reply = world.get("/protected", &[("authorization", &header)]).await;
    reply.assert_refused(401, "token_missing", "Token is missing");
    let reply = world.get("/protected", &[("foo", &header)]).await;
    reply.assert_subject(Some("alice"));
    for (list, status) in [
        (format!("{header}, Basic YQ"), 400),
        (format!("Basic YQ, {header}"), 401),
    ] {
        let reply = world.get("/protected", &[("foo", &list)]).await;
        assert_eq!(reply.status, status, "{list}");
    }
}

/// Differs, as above. The token alone is taken where that is said, beside the scheme or, with none, in its place.
#[tokio::test]
async fn test_custom_header_type() {
    let named = |scheme| TokenLocation::header_named(AUTHORIZATION, scheme);
    let token = World::new().access_token();
    let [jwt, scheme, alone, nothing] =
        ["JWT ", "Bearer ", "", "Basic "].map(|kind| format!("{kind}{token}"));
    for (location, good, absent) in [
        (named("JWT"), vec![&jwt], vec![&scheme, &nothing]),
        (
            named("JWT").or_bare(),
            vec![&jwt, &alone],
            vec![&scheme, &nothing],
        ),
        (named("").or_bare(), vec![&alone], vec![&jwt, &scheme, &nothing]),
    ] {
        let world = looking_at(location.clone());
        for header in good {
            let reply = world.get("/protected", &[("authorization", header)]).await;
            assert_eq!(reply.status, 200, "{location:?} {header}");
        }
        for header in absent {
            let reply = world.get("/protected", &[("authorization", header)]).await;
            reply.assert_refused(401, "token_missing", "Token is missing");
        }
    }
    let reply = looking_at(named("JWT"))
        .get("/protected", &[("authorization", &alone)])
        .await;
    let message = "The token's header must hold its scheme, one token and nothing else";
    reply.assert_refused(400, "invalid_request", message);
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
