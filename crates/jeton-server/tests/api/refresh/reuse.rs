use std::{collections::BTreeSet, time::Duration};

use http::Method;

use crate::actors::{Actor, Server};

const REUSED: &str =
    "This refresh token was used before, so somebody may hold a copy: its session has ended, sign in again";

#[tokio::test]
async fn a_lost_answer_is_given_again_with_the_identical_refresh_token() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let parent = romel.refresh.clone();
    romel.renew().await;
    server.clock().advance(Duration::from_secs(29));
    let again = server.visitor().refresh(&parent).await;
    again.assert_status(200);
    assert_eq!(again.text("refresh_token"), romel.refresh);
    server
        .visitor()
        .get_with("/protected", again.text("token"))
        .await
        .assert_status(200);
    romel.renew().await;
    romel.assert_is_in().await;
}

#[tokio::test]
async fn a_superseded_token_ends_its_session_and_no_other() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let (elsewhere, neighbour) = (romel.another_session().await, server.signed_up("Ramon").await);
    let grandparent = romel.clone();
    romel.renew().await;
    let parent = romel.clone();
    romel.renew().await;

    server
        .visitor()
        .refresh(&grandparent.refresh)
        .await
        .assert_error(401, "token_reused", REUSED);

    for member in [&grandparent, &parent, &romel] {
        member.assert_is_out().await;
    }
    elsewhere.assert_is_in().await;
    server
        .visitor()
        .refresh(&elsewhere.refresh)
        .await
        .assert_status(200);
    neighbour.assert_is_in().await;
}

#[tokio::test]
async fn a_parent_that_comes_after_the_grace_time_ends_its_session() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let (elsewhere, parent) = (romel.another_session().await, romel.refresh.clone());
    romel.renew().await;
    server.clock().advance(Duration::from_secs(30));
    server
        .visitor()
        .refresh(&parent)
        .await
        .assert_error(401, "token_reused", REUSED);
    romel.assert_is_out().await;
    elsewhere.assert_is_in().await;
}

#[tokio::test]
async fn a_parent_is_superseded_as_soon_as_its_successor_was_used() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let parent = romel.refresh.clone();
    romel.renew().await;
    server.visitor().refresh(&parent).await.assert_status(200);
    romel.renew().await;
    server
        .visitor()
        .refresh(&parent)
        .await
        .assert_error(401, "token_reused", REUSED);
    romel.assert_is_out().await;
}

#[tokio::test]
async fn the_grace_time_is_a_setting_and_may_be_none() {
    let server = Server::with(&[("refresh-grace", "0s")]).await;
    let mut romel = server.signed_up("Romel").await;
    let parent = romel.refresh.clone();
    romel.renew().await;
    server
        .visitor()
        .refresh(&parent)
        .await
        .assert_error(401, "token_reused", REUSED);
    romel.assert_is_out().await;
}

#[tokio::test]
async fn once_a_session_has_ended_its_tokens_are_revoked_not_reused() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let grandparent = romel.refresh.clone();
    romel.renew().await;
    romel.renew().await;
    server
        .visitor()
        .refresh(&grandparent)
        .await
        .assert_error(401, "token_reused", REUSED);
    for token in [&grandparent, &romel.refresh] {
        let reply = server.visitor().refresh(token).await;
        reply.assert_error(401, "token_revoked", "Token has been revoked");
    }
}

#[tokio::test]
async fn a_superseded_token_presented_at_logout_ends_its_session_too() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let (elsewhere, grandparent) = (romel.another_session().await, romel.refresh.clone());
    romel.renew().await;
    romel.renew().await;
    let reply = server
        .visitor()
        .call(Method::POST, "/logout")
        .bearer(grandparent)
        .await;
    reply.assert_error(401, "token_reused", REUSED);
    romel.assert_is_out().await;
    elsewhere.assert_is_in().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_refreshes_at_once_get_one_successor_and_leave_one_session() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let refresh = server
        .visitor()
        .call(Method::POST, "/refresh")
        .bearer(&romel.refresh);
    let racing: Vec<_> = (0..50)
        .map(|_| tokio::spawn(refresh.clone().into_future()))
        .collect();
    let (mut successors, mut access) = (BTreeSet::new(), BTreeSet::new());
    for reply in racing {
        let reply = reply.await.unwrap();
        reply.assert_status(200);
        successors.insert(reply.text("refresh_token").to_owned());
        access.insert(reply.text("token").to_owned());
    }
    assert_eq!((successors.len(), access.len()), (1, 50));
    for token in &access {
        server
            .visitor()
            .get_with("/protected", token)
            .await
            .assert_status(200);
    }
    let sessions = romel.get("/sessions").await;
    assert_eq!(sessions.json["sessions"].as_array().unwrap().len(), 1);
    server
        .visitor()
        .refresh(successors.first().unwrap())
        .await
        .assert_status(200);
    server
        .visitor()
        .refresh(&romel.refresh)
        .await
        .assert_error(401, "token_reused", REUSED);
}
