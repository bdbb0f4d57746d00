use std::time::Duration;

use jeton_server::{
    model::session::EndReason,
    service::{
        sessions::signed_in::SignedInSession,
        tokens::explain::{SessionFacts, WhyOver},
    },
};

use super::live;
use crate::actors::{Actor, Server, SignedIn};

async fn over(server: &Server, token: &str) -> (WhyOver, SessionFacts) {
    match server.service().signed_in_session(token).await.unwrap() {
        SignedInSession::Over(facts) => {
            let now = server.service().clock().now().into();
            (facts.why_over(now), *facts)
        }
        other => panic!("{other:?}"),
    }
}

async fn is_unknown(server: &Server, token: &str) -> bool {
    let found = server.service().signed_in_session(token).await.unwrap();
    matches!(found, SignedInSession::Unknown)
}

#[tokio::test]
async fn a_page_sees_who_is_signed_in_and_changes_nothing() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let (before, user) = live(&server, &romel).await;
    assert_eq!(user.username.as_str(), "Romel");
    let old = romel.clone();
    romel.renew().await;
    let (replayable, _) = live(&server, &old).await;
    let (after, _) = live(&server, &romel).await;
    assert_eq!((before.id, before.generation.0), (after.id, 0));
    assert_eq!((replayable.generation.0, replayable.replays), (1, 0));
    server.clock().advance(Duration::from_mins(1));
    let (why, facts) = over(&server, &old.refresh).await;
    assert_eq!((why, facts.ended()), (WhyOver::Superseded, None));
    romel.renew().await;
    romel.assert_is_in().await;
}

#[tokio::test]
async fn a_page_is_told_why_a_session_is_over() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let other = romel.another_session().await;
    let path = format!("/sessions/{}", romel.session());
    other.delete(&path).await.assert_status(200);
    let (why, facts) = over(&server, &romel.refresh).await;
    assert_eq!(why, WhyOver::Ended(EndReason::EndedByOwner));
    assert_eq!(facts.cause.unwrap().action, "session.ended");
    server.clock().advance(Duration::from_hours(24 * 7));
    assert_eq!(over(&server, &other.refresh).await.0, WhyOver::Expired);
    server.clock().advance(Duration::from_hours(1));
    assert_eq!(over(&server, &other.refresh).await.0, WhyOver::Expired);
    server.sql("DELETE FROM users").await;
    assert_eq!(over(&server, &romel.refresh).await.0, WhyOver::Gone);
}

#[tokio::test]
async fn a_token_of_nobodys_is_unknown() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let foreign: SignedIn = Server::start().await.signed_up("Romel").await;
    for token in ["", "no token", &romel.access, &foreign.refresh] {
        assert!(is_unknown(&server, token).await, "{token}");
    }
}
