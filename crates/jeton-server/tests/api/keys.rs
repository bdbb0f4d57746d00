//! Keys that follow each other while people are signed in: nobody notices a planned rotation, and nothing that a lost
//! key signed is accepted.

use std::time::Duration;

use jeton::{Algorithm, KeySet, Verified, Verifier};
use jeton_server::{
    model::key::Purpose,
    service::machinery::{claims::Access, clock::Clock},
};
use serde_json::json;

use crate::actors::{Actor, Server, SignedIn, header_of};

mod emergency;
mod id_tokens;
mod nodes;
mod secret;

/// How long others keep the key set, and how long it takes until every node has heard.
const AGE: Duration = Duration::from_mins(5);
const HEARD: Duration = Duration::from_secs(40);

fn kid(token: &str) -> String {
    header_of(token)["kid"].as_str().unwrap().to_owned()
}

/// The names of the published keys.
async fn published(server: &Server) -> Vec<String> {
    let reply = server.visitor().get("/.well-known/jwks.json").await;
    let keys = reply.json["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

/// Time passes, and the node notices.
async fn pass(server: &Server, span: Duration) {
    server.clock().advance(span);
    server.catches_up().await;
}

#[tokio::test]
async fn a_planned_key_is_published_then_signs_and_the_one_before_is_accepted_to_the_last() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let old = kid(&romel.access);
    let plan = server.rotate(Purpose::Access, None, false).await;
    let new = plan.kid.unwrap();
    assert_eq!(plan.signs_from.seconds() - server.clock().seconds(), 340);
    assert_eq!(
        published(&server).await,
        std::slice::from_ref(&old),
        "nobody has told this node"
    );
    server.catches_up().await;
    let both = published(&server).await;
    assert!(both.len() == 2 && both.contains(&old) && both.contains(&new));

    pass(&server, Duration::from_secs(339)).await;
    romel.renew().await;
    assert_eq!(kid(&romel.access), old);
    let before = romel.clone();
    pass(&server, Duration::from_secs(1)).await;
    before.assert_is_in().await;
    romel.renew().await;
    assert_eq!(kid(&romel.access), new);
    romel.assert_is_in().await;
    assert_eq!(published(&server).await.len(), 2);

    // The last token of the old key has just expired, and not been refused before.
    pass(&server, Duration::from_secs(898)).await;
    before.assert_is_in().await;
    romel.assert_is_in().await;
    pass(&server, Duration::from_secs(75)).await;
    assert_eq!(published(&server).await, [new]);
    romel.renew().await;
    romel.assert_is_in().await;
}

#[tokio::test]
async fn clients_that_ask_for_rsa_get_it_and_verify_with_the_published_keys() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    server
        .rotate(Purpose::Access, Some(Algorithm::Rs256), false)
        .await;
    pass(&server, AGE + HEARD).await;
    let later = romel.another_session().await;
    assert_eq!(header_of(&later.access)["alg"], "RS256");
    let reply = server.visitor().get("/.well-known/jwks.json").await;
    let verifier = Verifier::builder(KeySet::from_jwks(&reply.body).unwrap())
        .issuer("http://localhost:5000")
        .audience("http://localhost:5000")
        .build();
    for token in [&romel.access, &later.access] {
        let token: Verified<Access> = verifier.verify_at(token, server.clock().now()).unwrap();
        assert_eq!(token.claims().username, "Romel");
    }
}

#[tokio::test]
async fn nobody_is_signed_out_by_another_refresh_key() {
    let server = Server::start().await;
    let (mut busy, mut away) = (server.signed_up("busy").await, server.signed_up("away").await);
    let old = kid(&busy.refresh);
    let new = server.rotate(Purpose::Refresh, None, false).await.kid.unwrap();
    pass(&server, Duration::from_secs(39)).await;
    away.renew().await;
    assert_eq!(kid(&away.refresh), old);
    pass(&server, Duration::from_secs(1)).await;
    let before = busy.refresh.clone();
    let renewed = busy.renew().await;
    assert_eq!(kid(&busy.refresh), new);
    let again = server.visitor().refresh(&before).await;
    assert_eq!(again.text("refresh_token"), renewed.text("refresh_token"));

    pass(&server, Duration::from_secs(7 * 86_400 - 2)).await;
    busy.renew().await;
    away.renew().await;
    assert_eq!(kid(&away.refresh), new);
    pass(&server, Duration::from_hours(48)).await;
    let now = server.clock().now().into();
    server.service().clear_keys(now).await.unwrap();
    for user in [&mut busy, &mut away] {
        user.renew().await;
        user.assert_is_in().await;
    }
    let refused = server.visitor().refresh(&before).await;
    refused.assert_error(401, "invalid_token", "Invalid token");
}

#[tokio::test]
async fn samples_of_the_playground_outlive_its_key_for_a_day() {
    let server = Server::start().await;
    let sample = server.visitor().get("/sign-token").await.text("token").to_owned();
    server
        .rotate(Purpose::Playground, Some(Algorithm::EdDsa), false)
        .await;
    pass(&server, HEARD).await;
    let later = server.visitor().get("/sign-token").await.text("token").to_owned();
    assert_eq!(header_of(&later)["alg"], "EdDSA");
    for token in [&sample, &later] {
        let reply = server
            .visitor()
            .post("/verify-token", &json!({ "token": token }))
            .await;
        reply.assert_status(200);
    }
    assert_eq!(published(&server).await.len(), 1, "it is nobody's to verify");
}

#[tokio::test]
async fn the_wait_is_as_long_as_others_may_keep_the_key_set() {
    let server = Server::with(&[("jwks-max-age", "1h")]).await;
    let reply = server.visitor().get("/.well-known/jwks.json").await;
    assert_eq!(reply.header("cache-control"), "public, max-age=3600");
    let plan = server.rotate(Purpose::Access, None, false).await;
    assert_eq!(plan.signs_from.seconds() - plan.published_at.seconds(), 3640);
}

/// One that signs under a longer lifetime says so, whatever the process that rotates is set to.
#[tokio::test]
async fn a_key_is_accepted_for_as_long_as_the_longest_lived_of_its_tokens() {
    let server = Server::start().await;
    let settings = [("JETON_ACCESS_LIFETIME", "2h")];
    let node = server.restarted_with(&settings).await;
    let romel: SignedIn = node.signed_up("Romel").await;
    server.rotate(Purpose::Access, None, false).await;
    pass(&node, Duration::from_secs(7198)).await;
    romel.assert_is_in().await;
}
