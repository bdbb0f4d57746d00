use jeton::{IssueError, jws};
use serde_json::{Value, json};

use crate::support::{User, World, map, secret, user};

fn header(token: &str) -> Value {
    let keys = secret(1).verifying_key();
    let verified = jws::Verifier::new(keys).verify(token).unwrap();
    Value::Object(verified.signatures()[0].protected().clone())
}

fn with_foo() -> User {
    User {
        header: map(json!({ "foo": "bar" })),
        ..user("alice")
    }
}

#[tokio::test]
async fn test_jwt_headers_in_access_token() {
    let world = World::new();
    let token = world.tokens.create_access_token(&with_foo()).unwrap();
    assert_eq!(
        header(&token),
        json!({ "typ": "at+jwt", "alg": "HS256", "foo": "bar" })
    );
    world
        .with_token("/protected", &token)
        .await
        .assert_subject(Some("alice"));
}

#[tokio::test]
async fn test_jwt_headers_in_refresh_token() {
    let world = World::new();
    let token = world.tokens.create_refresh_token(&with_foo()).unwrap();
    assert_eq!(
        header(&token),
        json!({ "typ": "rt+jwt", "alg": "HS256", "foo": "bar" })
    );
    assert_eq!(world.with_token("/refresh", &token).await.status, 200);
}

#[tokio::test]
async fn test_jwt_header_in_access_token_specified_at_creation() {
    let world = World::new();
    let token = world
        .tokens
        .access_token(&with_foo())
        .header("foo", "own")
        .create()
        .unwrap()
        .text;
    assert_eq!(
        header(&token),
        json!({ "typ": "at+jwt", "alg": "HS256", "foo": "own" })
    );
    world
        .with_token("/protected", &token)
        .await
        .assert_subject(Some("alice"));
    for own in ["typ", "alg", "kid", "crit", "b64"] {
        let refused = world
            .tokens
            .access_token(&user("alice"))
            .header(own, "none")
            .create();
        assert_eq!(
            refused.unwrap_err(),
            IssueError::HeaderMember(own.to_owned()).into()
        );
    }
}

/// Differs: a member is JSON by its type. What cannot be written is one of the library's own.
#[test]
fn test_non_serializable_headers() {
    let world = World::new();
    for own in ["typ", "alg", "kid", "crit", "b64"] {
        let odd = User {
            header: map(json!({ own: "none" })),
            ..user("alice")
        };
        let refused = Err(IssueError::HeaderMember(own.to_owned()).into());
        assert_eq!(world.tokens.create_access_token(&odd), refused);
        assert_eq!(world.tokens.create_refresh_token(&odd), refused);
    }
}

#[tokio::test]
async fn test_jwt_header_in_refresh_token_specified_at_creation() {
    let world = World::new();
    let token = world
        .tokens
        .refresh_token(&user("alice"))
        .header("foo", "bar")
        .create()
        .unwrap()
        .text;
    assert_eq!(header(&token)["foo"], "bar");
    assert_eq!(world.with_token("/refresh", &token).await.status, 200);
}

#[test]
fn test_jwt_header_in_access_token_specified_at_creation_override() {
    let world = World::new();
    let alice = with_foo();
    let token = world.tokens.access_token(&alice).header("foo", "own");
    let token = token.header("ping", "pong").create().unwrap().text;
    assert_eq!(
        header(&token),
        json!({ "typ": "at+jwt", "alg": "HS256", "foo": "own", "ping": "pong" })
    );
}

#[test]
fn test_jwt_header_in_refresh_token_specified_at_creation_override() {
    let world = World::new();
    let alice = with_foo();
    let token = world.tokens.refresh_token(&alice).header("foo", "own");
    let token = token.header("ping", "pong").create().unwrap().text;
    assert_eq!(
        header(&token),
        json!({ "typ": "rt+jwt", "alg": "HS256", "foo": "own", "ping": "pong" })
    );
}
