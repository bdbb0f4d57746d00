use jeton_server::{model::key::Purpose, service::machinery::clock::Clock};

use super::{kid, published};
use crate::actors::{Actor, Server};

#[tokio::test]
async fn what_a_lost_access_key_signed_is_refused_and_who_refreshes_goes_on() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    romel.assert_is_in().await;
    let lost = kid(&romel.access);
    let new = server.rotate(Purpose::Access, None, true).await.kid.unwrap();
    server.catches_up().await;
    let refused = romel.get("/protected").await;
    refused.assert_error(401, "invalid_token", "Invalid token");
    romel.renew().await;
    romel.assert_is_in().await;
    assert_eq!(kid(&romel.access), new);
    let keys = published(&server).await;
    assert!(keys == [new] && !keys.contains(&lost));
}

#[tokio::test]
async fn a_lost_refresh_key_takes_its_sessions_with_it() {
    let server = Server::start().await;
    let (romel, john) = (server.signed_up("Romel").await, server.signed_up("john").await);
    let plan = server.rotate(Purpose::Refresh, None, true).await;
    assert_eq!(plan.sessions_ended, 2);
    server.catches_up().await;
    for user in [&romel, &john] {
        let refused = user.get("/protected").await;
        refused.assert_error(401, "token_revoked", "Token has been revoked");
        let refused = server.visitor().refresh(&user.refresh).await;
        refused.assert_error(401, "invalid_token", "Invalid token");
        let mut again = user.another_session().await;
        again.renew().await;
        again.assert_is_in().await;
        assert_eq!(Some(kid(&again.refresh)), plan.kid);
    }
}

/// A node that had not heard yet moved a session on under the lost key.
#[tokio::test]
async fn a_session_that_slipped_through_ends_too() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let lost = kid(&romel.refresh);
    server.rotate(Purpose::Refresh, None, true).await;
    server.catches_up().await;
    let late = romel.another_session().await;
    late.assert_is_in().await;
    server
        .sql(&format!(
            "UPDATE sessions SET refresh_key = '{lost}' WHERE ended_at IS NULL"
        ))
        .await;
    let now = server.clock().now().into();
    server.service().clear_keys(now).await.unwrap();
    late.get("/protected").await.assert_code(401, "token_revoked");
}

/// The new key has no time to be heard of, and its refresh tokens are good everywhere at once.
#[tokio::test]
async fn a_node_that_has_not_heard_of_the_new_key_reads_of_it_when_it_must() {
    let here = Server::start().await;
    let romel = here.signed_up("Romel").await;
    let there = here.another_node().await;
    here.rotate(Purpose::Refresh, None, true).await;
    here.catches_up().await;
    let again = romel.another_session().await;
    let first = here.visitor().refresh(&again.refresh).await;
    let second = there.visitor().refresh(&again.refresh).await;
    second.assert_status(200);
    assert_eq!(first.text("refresh_token"), second.text("refresh_token"));
    let third = there.visitor().refresh(first.text("refresh_token")).await;
    third.assert_status(200);
}
