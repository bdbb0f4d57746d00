//! Answers to tokens that are not good.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    routing::any,
};
use jeton::{Issuer, Verifier};
use jeton_axum::Refused;
use serde_json::json;

use super::INVALID;
use crate::support::{AUDIENCE, App, ISSUER, Open, World, replaced, secret, send};

const QUARTER: Duration = Duration::from_mins(15);

/// Differs: 401 and not 422; and whether issuers count has to be decided.
#[tokio::test]
async fn test_jwt_invalid_issuer() {
    let world = World::new();
    let from = |issuer| {
        let issuer = Issuer::<Open>::new(secret(1), issuer, QUARTER);
        issuer.issue_at("alice", AUDIENCE, Open::default(), world.clock.now())
    };
    let nobody = {
        let claims = json!({ "aud": AUDIENCE, "sub": "alice", "exp": world.now() + 60 });
        let header = r#"{"typ":"at+jwt","alg":"HS256"}"#;
        jeton::testkit::Forge::new(header, claims.to_string()).signed_by(&secret(1))
    };
    let [good, other, nobody] = [from(ISSUER), from("https://other.example"), nobody].map(Result::unwrap);
    let (status, code, message) = INVALID;
    for bad in [&other, &nobody] {
        let reply = world.with_token("/protected", bad).await;
        reply.assert_refused(status, code, message);
    }
    world
        .with_token("/protected", &good)
        .await
        .assert_subject(Some("alice"));
    let any = Verifier::builder(secret(1).verifying_key())
        .any_issuer()
        .audience(AUDIENCE)
        .build();
    world.app.access.replace_verifier(any);
    for token in [good, other, nobody] {
        let reply = world.with_token("/protected", &token).await;
        reply.assert_subject(Some("alice"));
    }
}

/// Differs: 401 and not 422.
#[tokio::test]
async fn test_malformed_token() {
    let world = World::new();
    let (status, code, message) = INVALID;
    for path in ["/protected", "/optional", "/fresh", "/refresh"] {
        let reply = world.with_token(path, "foobarbaz").await;
        reply.assert_refused(status, code, message);
    }
}

#[tokio::test]
async fn test_expired_token() {
    for (set_up, body) in [
        (
            (|auth| auth) as fn(_) -> _,
            json!({ "error": "token_expired", "message": "Token has expired" }),
        ),
        (replaced, json!({ "oops": "token_expired" })),
    ] {
        let world = World::new().access(set_up);
        let token = world.access_token();
        world.clock.advance(QUARTER + Duration::from_mins(1));
        let reply = world.with_token("/protected", &token).await;
        assert_eq!((reply.status, reply.body), (401, body.to_string()));
        let challenge = r#"Bearer realm="api", error="invalid_token", error_description="Token has expired""#;
        assert_eq!(reply.headers["www-authenticate"], challenge);
    }
}

/// A token that a handler checks by itself is answered as those that the guard checks.
#[tokio::test]
async fn test_expired_token_via_decode_token() {
    async fn decoding(State(app): State<App>, token: String) -> Result<String, Refused> {
        let token = app
            .access
            .check(&token)
            .map_err(|rejection| app.access.refuse(rejection))?;
        Ok(token.subject().unwrap_or_default().to_owned())
    }
    let world = World::new().access(replaced);
    let token = world.access_token();
    let app = Router::new()
        .route("/", any(decoding))
        .with_state(world.app.clone());
    let ask = async || send(app.clone(), Request::new(Body::from(token.clone()))).await;
    assert_eq!(ask().await.body, "alice");
    world.clock.advance(QUARTER + Duration::from_mins(1));
    let reply = ask().await;
    let body = json!({ "oops": "token_expired" }).to_string();
    assert_eq!((reply.status, reply.body), (401, body));
}
