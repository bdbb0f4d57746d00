use std::time::Duration;

use crate::actors::{Actor, Server, claims_of};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_session_that_is_not_refreshed_for_seven_days_is_over() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let elsewhere = romel.another_session().await;
    server.clock().advance(Duration::from_secs(7 * 86_400 - 1));
    server
        .visitor()
        .refresh(&elsewhere.refresh)
        .await
        .assert_status(200);
    server.clock().advance(Duration::from_secs(1));
    for late in [Duration::ZERO, Duration::from_mins(1)] {
        server.clock().advance(late);
        let reply = server.visitor().refresh(&romel.refresh).await;
        reply.assert_error(401, "token_expired", "Token has expired");
        assert!(
            reply
                .header("www-authenticate")
                .contains("error=\"invalid_token\"")
        );
    }
}

#[tokio::test]
async fn each_refresh_gives_seven_days_more() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    for _ in 0..3 {
        server.clock().advance(6 * DAY);
        let reply = romel.renew().await;
        assert_eq!(reply.json["refresh_expires_in"], 7 * 86_400);
        assert_eq!(
            claims_of(&romel.refresh)["exp"],
            server.clock().seconds() + 7 * 86_400
        );
    }
    romel.assert_is_in().await;
}

#[tokio::test]
async fn thirty_days_after_sign_in_a_session_is_over_however_often_it_was_refreshed() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let signed_in = server.clock().seconds();
    for _ in 0..4 {
        server.clock().advance(6 * DAY);
        romel.renew().await;
    }
    server.clock().advance(Duration::from_mins(6 * 24 * 60 - 5));
    let last = romel.renew().await;
    assert_eq!(last.json["refresh_expires_in"], 300);
    assert_eq!(
        last.json["expires_in"], 300,
        "no access token outlives its session"
    );
    for token in [&romel.access, &romel.refresh] {
        assert_eq!(claims_of(token)["exp"], signed_in + 30 * 86_400);
    }
    server.clock().advance(Duration::from_mins(5));
    let reply = server.visitor().refresh(&romel.refresh).await;
    reply.assert_error(401, "token_expired", "Token has expired");
}

#[tokio::test]
async fn an_expired_access_token_does_not_end_the_session() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    server.clock().advance(Duration::from_secs(931));
    romel
        .get("/protected")
        .await
        .assert_error(401, "token_expired", "Token has expired");
    romel.renew().await;
    romel.assert_is_in().await;
}

#[tokio::test]
async fn an_access_token_is_good_for_its_lifetime_and_the_leeway_of_two_clocks() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    server.clock().advance(Duration::from_secs(929));
    romel.assert_is_in().await;
    server.clock().advance(Duration::from_secs(1));
    romel.get("/protected").await.assert_code(401, "token_expired");
}
