//! What a node does that lacks a key, or cannot read them.

use std::time::Instant;

use jeton_server::model::key::Purpose;
use serde_json::json;

use super::{AGE, HEARD, kid, pass};
use crate::actors::{Actor, Server};

#[tokio::test]
async fn nodes_that_switch_at_different_moments_give_the_same_tokens() {
    let here = Server::start().await;
    let romel = here.signed_up("Romel").await;
    let there = here.another_node().await;
    let new = here.rotate(Purpose::Refresh, None, false).await.kid.unwrap();
    for node in [&here, &there] {
        node.catches_up().await;
        node.goes_deaf();
    }
    pass(&here, HEARD).await;
    // This one is late: for it the old key still signs.
    let first = here.visitor().refresh(&romel.refresh).await;
    let second = there.visitor().refresh(&romel.refresh).await;
    assert_eq!(kid(first.text("refresh_token")), new);
    assert_eq!(first.text("refresh_token"), second.text("refresh_token"));
    // And the other way round: it is the first, and the row is under the old key again.
    let third = there.visitor().refresh(first.text("refresh_token")).await;
    let fourth = here.visitor().refresh(first.text("refresh_token")).await;
    assert_ne!(kid(third.text("refresh_token")), new);
    assert_eq!(third.text("refresh_token"), fourth.text("refresh_token"));
    let fifth = here.visitor().refresh(third.text("refresh_token")).await;
    assert_eq!(kid(fifth.text("refresh_token")), new);
}

#[tokio::test]
async fn a_node_that_missed_a_rotation_reads_of_it_when_a_session_names_its_key() {
    let here = Server::start().await;
    let romel = here.signed_up("Romel").await;
    let there = here.another_node().await;
    there.goes_deaf();
    let new = here.rotate(Purpose::Refresh, None, false).await.kid.unwrap();
    here.catches_up().await;
    pass(&here, HEARD).await;
    let first = here.visitor().refresh(&romel.refresh).await;
    assert_eq!(kid(first.text("refresh_token")), new);
    let second = there.visitor().refresh(&romel.refresh).await;
    second.assert_status(200);
    assert_eq!(first.text("refresh_token"), second.text("refresh_token"));
}

#[tokio::test]
async fn a_node_that_cannot_open_a_key_keeps_what_it_has_and_is_not_ready() {
    let server = Server::start().await;
    let time = server.service().store().database_time().await.unwrap();
    server.clock().set(time);
    let mut romel = server.signed_up("Romel").await;
    let old = kid(&romel.access);
    let new = server.rotate(Purpose::Access, None, false).await.kid.unwrap();
    let algorithm = async |name: &str| {
        server
            .sql(&format!(
                "UPDATE keys SET algorithm = '{name}' WHERE kid = '{new}'"
            ))
            .await;
        server.catches_up().await;
    };
    let readiness = async || server.visitor().get("/readyz").await;
    algorithm("XS256").await;
    readiness().await.assert_error(
        503,
        "key_missing",
        "There is a key in the database that this node cannot open",
    );
    pass(&server, AGE + HEARD).await;
    romel.renew().await;
    assert_eq!(kid(&romel.access), old, "it is accepted, and the best there is");
    romel.assert_is_in().await;

    algorithm("ES256").await;
    romel.renew().await;
    assert_eq!(kid(&romel.access), new);
    server.clock().set(time);
    readiness().await.assert(200, &json!({ "status": "ready" }));
}

#[tokio::test]
async fn a_node_that_cannot_read_the_keys_is_as_stale_as_without_the_revocations() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let lag_of = |at| server.service().revocations().set().lag(at).unwrap();
    let later = Instant::now() + AGE;
    let before = lag_of(later);
    server.sql("ALTER TABLE keys RENAME TO lost_keys").await;
    let outcome = server.service().catch_up(Instant::now()).await;
    assert!(outcome.is_err());
    assert_eq!(lag_of(later), before, "the revocations do not count as read");
    romel.assert_is_in().await;
    server.sql("ALTER TABLE lost_keys RENAME TO keys").await;
    server.catches_up().await;
    assert!(lag_of(later) < before);
}

#[tokio::test]
async fn a_key_that_was_given_up_never_signs() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let old = kid(&romel.access);
    let new = server.rotate(Purpose::Access, None, false).await.kid.unwrap();
    server.catches_up().await;
    let keys = server
        .service()
        .key_administration(jeton_server::model::audit::Actor::CommandLine);
    keys.retire(&new).await.unwrap();
    pass(&server, AGE + HEARD).await;
    romel.renew().await;
    assert_eq!(kid(&romel.access), old);
    assert_eq!(super::published(&server).await, [old]);
}
