//! A node whose clock is off, or has jumped: it answers nobody by it, and forgets nothing.

use std::time::{Duration, Instant, SystemTime};

use jeton_server::model::{
    confirmed_time::{BELIEVED_AFTER, TOLERANCE},
    time::Timestamp,
};
use serde_json::json;

use crate::actors::{Actor, Reply, Server, SignedIn};

const DAY: Duration = Duration::from_hours(24);

/// A server whose clock agrees with its database's, and its database's time.
async fn in_step() -> (Server, SystemTime) {
    let server = Server::start().await;
    let database = server.service().store().database_time().await.unwrap();
    server.clock().set(database);
    server.service().watch_clock(Instant::now()).await.unwrap();
    (server, database)
}

async fn shows(server: &Server, time: SystemTime) {
    server.clock().set(time);
    server.service().watch_clock(Instant::now()).await.unwrap();
}

/// What a person asks of a node, each by a way of its own.
async fn requests(server: &Server, romel: &SignedIn) -> Vec<Reply> {
    let credentials = json!({ "username": romel.username, "password": romel.password });
    let visitor = server.visitor();
    vec![
        romel.get("/protected").await,
        romel.get("/get-jwt").await,
        romel.post("/logout", &json!({})).await,
        visitor.refresh(&romel.refresh).await,
        visitor.post("/login", &credentials).await,
        visitor.post("/register", &json!({})).await,
        visitor.get("/nowhere").await,
    ]
}

#[tokio::test]
async fn a_node_whose_clock_is_off_answers_nothing_by_it() {
    let (server, database) = in_step().await;
    let mut romel = server.signed_up("Romel").await;
    for off in [database + 400 * DAY, database - Duration::from_mins(1)] {
        shows(&server, off).await;
        for reply in requests(&server, &romel).await {
            reply.assert_error(503, "clock_off", "This node's clock is off, try again shortly");
            assert_eq!(reply.header("retry-after"), "5");
        }
        let visitor = server.visitor();
        for path in [
            "/healthz",
            "/metrics",
            "/openapi.json",
            "/.well-known/jwks.json",
            "/.well-known/oauth-authorization-server",
            "/.well-known/openid-configuration",
        ] {
            visitor.get(path).await.assert_status(200);
        }
        visitor.get("/readyz").await.assert_code(503, "clock_off");
    }
    shows(&server, database).await;
    romel.assert_is_in().await;
    romel.renew().await;
    romel.assert_is_in().await;
}

#[tokio::test]
async fn nothing_is_forgotten_while_the_clock_is_off_or_was_not_looked_at() {
    let (server, database) = in_step().await;
    let passed = || server.service().passed(Instant::now());
    assert!(passed().is_some_and(|passed| passed >= Timestamp::from(database).minus(TOLERANCE)));
    shows(&server, database + 400 * DAY).await;
    assert_eq!(passed(), None);
    server.service().keep_time(Instant::now()).await.unwrap();
    assert_eq!(server.service().store().kept_time().await.unwrap(), None);
    shows(&server, database).await;
    assert!(passed().is_some());
    let fresh = server.another_node().await;
    assert_eq!(fresh.service().passed(Instant::now()), None);
}

/// The database's own clock has jumped while nobody ran, as far as anybody can tell.
#[tokio::test]
async fn what_was_kept_is_gone_on_from() {
    let (server, database) = in_step().await;
    let romel = server.signed_up("Romel").await;
    romel.post("/logout", &json!({})).await.assert_status(200);
    let kept = Timestamp::from(database).minus(400 * DAY);
    let seconds = kept.seconds();
    server
        .sql(&format!("UPDATE standing SET confirmed = {seconds}"))
        .await;
    let restarted = server.another_node().await;
    let service = restarted.service();
    let began = Instant::now();
    service.watch_clock(began).await.unwrap();
    assert_eq!(service.passed(began), Some(kept.minus(TOLERANCE)));
    let later = began + Duration::from_hours(1);
    assert_eq!(
        service.passed(later),
        Some(kept.plus(Duration::from_hours(1)).minus(TOLERANCE))
    );
    service.keep_time(later).await.unwrap();
    let counted = service.store().kept_time().await.unwrap().unwrap();
    assert_eq!(counted, kept.plus(Duration::from_hours(1)));

    // The clock stands still meanwhile, which is a jump the other way: it is compared with what it was ahead by.
    let believed = began + BELIEVED_AFTER;
    service.watch_clock(believed).await.unwrap();
    assert!(service.passed(believed).unwrap() < kept.plus(2 * DAY));
}

/// Whoever reads the table goes on from the last number: what is left out by a wrong clock is never read again.
#[tokio::test]
async fn what_is_read_by_a_wrong_clock_is_not_passed_over() {
    let (server, database) = in_step().await;
    let romel = server.signed_up("Romel").await;
    romel.post("/logout", &json!({})).await.assert_status(200);
    let longer = server.restarted_with(&[("JETON_ACCESS_LIFETIME", "24h")]).await;
    let john = longer.signed_up("john").await;
    john.post("/logout", &json!({})).await.assert_status(200);
    server.clock().set(database + Duration::from_hours(2));
    let late = server.another_node().await;
    late.service().watch_clock(Instant::now()).await.unwrap();
    late.catches_up().await;
    let news = late.service().revocations_since(0, Duration::ZERO).await;
    assert_eq!(news.unwrap().revocations.len(), 2);
    shows(&late, database).await;
    late.catches_up().await;
    for user in [&romel, &john] {
        let reply = late.visitor().get_with("/protected", &user.access).await;
        reply.assert_code(401, "token_revoked");
    }
}
