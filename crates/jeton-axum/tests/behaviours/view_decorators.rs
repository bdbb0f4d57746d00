mod routes;
mod tokens;

use std::time::Duration;

use jeton::{Algorithm, Issuer, SigningKey, Verifier, testkit::Forge};
use serde_json::json;

use crate::support::{AUDIENCE, ISSUER, Open, World, bearer, replaced, secret};

const INVALID: (u16, &str, &str) = (401, "invalid_token", "Invalid token");

/// Differs: a refresh token is 401 and not 422.
#[tokio::test]
async fn test_jwt_required() {
    let world = World::new();
    for token in [world.access_token(), world.fresh_token()] {
        world
            .with_token("/protected", &token)
            .await
            .assert_subject(Some("alice"));
    }
    world
        .get("/protected", &[])
        .await
        .assert_refused(401, "token_missing", "Token is missing");
    let (status, code, message) = INVALID;
    world
        .with_token("/protected", &world.refresh_token())
        .await
        .assert_refused(status, code, message);
    world
        .with_token("/refresh", &world.access_token())
        .await
        .assert_refused(status, code, message);
}

/// Differs: how long a sign-in stays fresh is the route's to say, not the token's, and the answer is RFC 9470's.
#[tokio::test]
async fn test_fresh_jwt_required() {
    let world = World::new();
    let fresh = world.fresh_token();
    assert_eq!(world.with_token("/fresh", &fresh).await.status, 200);
    let reply = world.with_token("/fresh", &world.access_token()).await;
    reply.assert_refused(
        401,
        "insufficient_user_authentication",
        "Sign in again to do this",
    );
    assert_eq!(
        world.with_token("/fresh", &world.refresh_token()).await.status,
        401
    );
    assert_eq!(world.get("/fresh", &[]).await.status, 401);
    world.clock.advance(Duration::from_mins(5));
    assert_eq!(world.with_token("/fresh", &fresh).await.status, 200);
    world.clock.advance(Duration::from_secs(1));
    let reply = world.with_token("/fresh", &fresh).await;
    assert!(
        reply.headers["www-authenticate"]
            .to_str()
            .unwrap()
            .ends_with(r#"max_age="300""#)
    );

    let world = World::new().access(replaced);
    let reply = world.with_token("/fresh", &world.access_token()).await;
    assert_eq!(
        reply.body,
        json!({ "oops": "insufficient_user_authentication" }).to_string()
    );
}

/// Differs: lists of schemes are not searched, and `Bearer` alone is 401.
#[tokio::test]
async fn test_jwt_optional_with_no_valid_jwt() {
    let world = World::new();
    world.get("/optional", &[]).await.assert_subject(None);
    world
        .get("/optional", &[("authorization", "Basic YWxpY2U6c2VjcmV0")])
        .await
        .assert_subject(None);
    world
        .with_token("/optional", &world.access_token())
        .await
        .assert_subject(Some("alice"));
    for header in ["Bearer ", "Bearer junk"] {
        assert_eq!(
            world.get("/optional", &[("authorization", header)]).await.status,
            401,
            "{header}"
        );
    }
    assert_eq!(
        world.with_token("/optional", &world.refresh_token()).await.status,
        401
    );
    let list = format!("Basic YQ, {}", bearer(&world.access_token()));
    world
        .get("/optional", &[("authorization", &list)])
        .await
        .assert_subject(None);
    let list = format!("{}, Basic YQ", bearer(&world.access_token()));
    assert_eq!(
        world.get("/optional", &[("authorization", &list)]).await.status,
        400
    );
}

/// Differs: 401 and not 422.
#[tokio::test]
async fn test_invalid_jwt() {
    let (status, code, message) = INVALID;
    let reply = World::new().with_token("/protected", "aaaaa.bbbbb.ccccc").await;
    reply.assert_refused(status, code, message);
    let reply = World::new()
        .access(replaced)
        .with_token("/protected", "aaaaa.bbbbb.ccccc")
        .await;
    assert_eq!(reply.body, json!({ "oops": "invalid_token" }).to_string());
}

/// Differs: a token without `sub` is refused where the verifier is told to `require` it; a service that
/// issues its own never writes one.
#[tokio::test]
async fn test_jwt_missing_claims() {
    let world = World::new();
    let issuer = Issuer::<Open>::new(secret(1), ISSUER, Duration::from_mins(15));
    let claims = Open::default();
    let nameless = issuer
        .draft(&claims)
        .audience(AUDIENCE)
        .issue_at(world.clock.now())
        .unwrap();
    let strict = Verifier::builder(secret(1).verifying_key())
        .issuer(ISSUER)
        .audience(AUDIENCE);
    world.app.access.replace_verifier(strict.require("sub").build());
    let (status, code, message) = INVALID;
    world
        .with_token("/protected", &nameless)
        .await
        .assert_refused(status, code, message);
    assert_eq!(
        world.with_token("/protected", &world.access_token()).await.status,
        200
    );
}

/// Differs: 401 and not 422; and whether audiences count has to be decided.
#[tokio::test]
async fn test_jwt_invalid_audience() {
    let issuer = Issuer::<Open>::new(secret(1), ISSUER, Duration::from_mins(15));
    let claims = Open::default();
    let issue = |world: &World, audience: Option<&'static str>| {
        let draft = issuer.draft(&claims).subject("alice");
        let draft = audience.map_or_else(
            || issuer.draft(&claims).subject("alice"),
            |name| draft.audience(name),
        );
        draft.issue_at(world.clock.now()).unwrap()
    };
    let world = World::new();
    for (audience, status) in [(Some(AUDIENCE), 200), (None, 401), (Some("other"), 401)] {
        let reply = world.with_token("/protected", &issue(&world, audience)).await;
        assert_eq!(reply.status, status, "{audience:?}");
    }
    let any = Verifier::builder(secret(1).verifying_key())
        .issuer(ISSUER)
        .any_audience()
        .build();
    world.app.access.replace_verifier(any);
    for audience in [Some(AUDIENCE), None, Some("other")] {
        assert_eq!(
            world
                .with_token("/protected", &issue(&world, audience))
                .await
                .status,
            200
        );
    }
}

/// Differs: 401 and not 422.
#[tokio::test]
async fn test_different_token_algorightm() {
    let secret_bytes: Vec<u8> = (0..64).map(|n| 31 ^ (3 * n)).collect();
    let hs512 = World::signing_with(SigningKey::hmac(Algorithm::Hs512, &secret_bytes).unwrap());
    let hs256 = World::signing_with(SigningKey::hs256(&secret_bytes).unwrap());
    assert_eq!(
        hs512.with_token("/protected", &hs512.access_token()).await.status,
        200
    );
    let (status, code, message) = INVALID;
    hs512
        .with_token("/protected", &hs256.access_token())
        .await
        .assert_refused(status, code, message);
}

#[tokio::test]
async fn test_non_string_identity() {
    let world = World::new();
    let claims = |sub: serde_json::Value| {
        json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": sub, "exp": world.now() + 60 }).to_string()
    };
    let forge = |sub| {
        let header = r#"{"typ":"at+jwt","alg":"HS256"}"#;
        Forge::new(header, claims(sub)).signed_by(&secret(1)).unwrap()
    };
    let (status, code, message) = INVALID;
    world
        .with_token("/protected", &forge(json!(1234)))
        .await
        .assert_refused(status, code, message);
    world
        .with_token("/protected", &forge(json!("1234")))
        .await
        .assert_subject(Some("1234"));
}
