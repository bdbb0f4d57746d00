use std::{borrow::Cow, collections::HashMap};

use jeton::{Claims, IssueError};
use jeton_axum::{Identity, NotIssued, Tokens};
use serde_json::json;

use crate::support::{AUDIENCE, ISSUER, User, World, map, secret, user};

fn with_foo() -> User {
    User {
        claims: map(json!({ "foo": "bar" })),
        ..user("alice")
    }
}

async fn claims(world: &World, token: &str) -> serde_json::Value {
    world.with_token("/protected", token).await.json()["claims"].clone()
}

#[tokio::test]
async fn test_additional_claims_in_access_token() {
    let world = World::new();
    let token = world.tokens.create_access_token(&with_foo()).unwrap();
    assert_eq!(claims(&world, &token).await, json!({ "foo": "bar" }));
}

#[test]
fn test_non_serializable_claims() {
    /// JSON has no objects keyed by lists.
    #[derive(serde::Serialize)]
    struct Odd(HashMap<Vec<u8>, u8>);
    impl Claims for Odd {
        const TYP: &'static str = "at+jwt";
    }
    struct Someone;
    impl Identity<Odd> for Someone {
        fn subject(&self) -> Cow<'_, str> {
            "alice".into()
        }
        fn claims(&self) -> Odd {
            Odd(HashMap::from([(vec![1], 2)]))
        }
    }
    let tokens = Tokens::<Odd>::new(secret(1), ISSUER, AUDIENCE, jeton_axum::SystemClock);
    assert!(tokens.create_access_token(&Someone).is_err());
    let merged = tokens.access_token(&Someone).claim("foo", "bar").create();
    assert!(matches!(merged, Err(NotIssued::Token(IssueError::Claims(_)))));
}

#[tokio::test]
async fn test_token_from_complex_object() {
    let world = World::new();
    let token = world.tokens.create_access_token(&with_foo()).unwrap();
    let reply = world.with_token("/protected", &token).await.json();
    assert_eq!(reply, json!({ "sub": "alice", "claims": { "foo": "bar" } }));
}

/// Differs: a user's claims are their access tokens' alone. A refresh token lives for days, and whoever
/// refreshes asks for the claims of that day; it gets claims of its own where it is created.
#[tokio::test]
async fn test_additional_claims_in_refresh_token() {
    let world = World::new();
    let token = world.tokens.create_refresh_token(&with_foo()).unwrap();
    let reply = world.with_token("/refresh", &token).await.json();
    assert_eq!(reply["claims"], json!({}));
}

#[tokio::test]
async fn test_additional_claims_in_refresh_token_specified_at_creation() {
    let world = World::new();
    let token = world
        .tokens
        .refresh_token(&user("alice"))
        .claim("foo", "bar")
        .create()
        .unwrap()
        .text;
    let reply = world.with_token("/refresh", &token).await.json();
    assert_eq!(reply["claims"], json!({ "foo": "bar" }));
}

#[tokio::test]
async fn test_additional_claims_in_access_token_specified_at_creation() {
    let world = World::new();
    let token = world
        .tokens
        .access_token(&user("alice"))
        .claim("foo", "bar")
        .create()
        .unwrap()
        .text;
    assert_eq!(claims(&world, &token).await, json!({ "foo": "bar" }));
}

#[tokio::test]
async fn test_addition_claims_merge() {
    let world = World::new();
    let token = world
        .tokens
        .access_token(&with_foo())
        .claim("default", "value")
        .create()
        .unwrap()
        .text;
    assert_eq!(
        claims(&world, &token).await,
        json!({ "foo": "bar", "default": "value" })
    );
}

#[tokio::test]
async fn test_addition_claims_merge_tie_goes_to_create_access_token() {
    let world = World::new();
    let token = world
        .tokens
        .access_token(&with_foo())
        .claim("foo", "own")
        .create()
        .unwrap()
        .text;
    assert_eq!(claims(&world, &token).await, json!({ "foo": "own" }));
    let registered = world
        .tokens
        .access_token(&with_foo())
        .claim("sub", "mallory")
        .create();
    let twice = IssueError::DuplicateClaim("sub".to_owned());
    assert_eq!(registered.unwrap_err(), twice.into());
}
