use std::time::Duration;

use jeton::{Issuer, Verifier};
use jeton_axum::Issuers;

use crate::support::{AUDIENCE, Access, World, bearer, key, verifier};

const ONE: &str = "https://one.example";
const TWO: &str = "https://two.example";

fn trusting(issuer: &str, byte: u8) -> Verifier {
    Verifier::builder(key(byte).verifying_key())
        .issuer(issuer)
        .audience(AUDIENCE)
        .build()
}

fn tenants() -> (World, Issuers) {
    let issuers = Issuers::new();
    issuers.set(ONE, trusting(ONE, 1));
    issuers.set(TWO, trusting(TWO, 2));
    (World::with_verifiers(issuers.clone()), issuers)
}

fn token(world: &World, issuer: &str, byte: u8) -> String {
    Issuer::<Access>::new(key(byte), issuer, Duration::from_mins(15))
        .issue_at("alice", AUDIENCE, Access::default(), world.clock.now())
        .unwrap()
}

async fn status(world: &World, token: &str) -> u16 {
    let reply = world.get("/me", &[("authorization", &bearer(token))]).await;
    reply.status.as_u16()
}

#[tokio::test]
async fn iss_chooses_whose_keys_count() {
    let (world, _) = tenants();
    assert_eq!(status(&world, &token(&world, ONE, 1)).await, 200);
    assert_eq!(status(&world, &token(&world, TWO, 2)).await, 200);
}

#[tokio::test]
async fn one_tenant_cannot_speak_for_another() {
    let (world, _) = tenants();
    assert_eq!(status(&world, &token(&world, ONE, 2)).await, 401);
    assert_eq!(status(&world, &token(&world, TWO, 1)).await, 401);
}

#[tokio::test]
async fn an_unknown_issuer_is_refused_like_any_bad_token() {
    let (world, _) = tenants();
    let foreign = token(&world, "https://three.example", 1);
    let reply = world.get("/me", &[("authorization", &bearer(&foreign))]).await;
    reply.assert_refused(401, "invalid_token", "Invalid token");
    assert_eq!(status(&world, "junk").await, 401);
}

#[tokio::test]
async fn a_token_without_iss_belongs_to_nobody() {
    let issuers = Issuers::new();
    issuers.set("", verifier(&key(1)));
    let world = World::with_verifiers(issuers);
    // {"typ":"at+jwt","alg":"HS256"} . {}
    let nameless = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiJ9.e30.AAAA";
    assert_eq!(status(&world, nameless).await, 401);
}

#[tokio::test]
async fn tenants_come_and_go_while_requests_are_served() {
    let (world, issuers) = tenants();
    let late = token(&world, "https://three.example", 3);
    assert_eq!(status(&world, &late).await, 401);
    issuers.set("https://three.example", trusting("https://three.example", 3));
    assert_eq!(status(&world, &late).await, 200);
    assert!(issuers.remove("https://three.example"));
    assert!(!issuers.remove("https://three.example"));
    assert_eq!(status(&world, &late).await, 401);
    assert_eq!(status(&world, &token(&world, ONE, 1)).await, 200);
}

#[tokio::test]
async fn one_verifier_can_take_the_place_of_several() {
    let (world, _) = tenants();
    let old = token(&world, ONE, 1);
    world.auth.replace_verifier(verifier(&key(7)));
    assert_eq!(status(&world, &old).await, 401);
    assert_eq!(status(&world, &world.token()).await, 200);
}
