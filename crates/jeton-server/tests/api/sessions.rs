use std::time::Duration;

use serde_json::{Value, json};

use crate::actors::{Actor, Server, SignedIn};

mod id;

async fn listed(user: &SignedIn) -> Vec<Value> {
    let reply = user.get("/sessions").await;
    reply.assert_status(200);
    reply.json["sessions"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_session_says_where_and_when_it_began_and_when_it_ends() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let now = server.clock().seconds();
    let (day, body) = (86_400, json!({ "username": "Romel", "password": romel.password }));
    let reply = server
        .visitor()
        .post("/login", &body)
        .header("user-agent", "Chromium 140 on Debian")
        .await;
    let here = server.visitor().get_with("/sessions", reply.text("token")).await;
    let here = here.json["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|session| session["current"] == true);
    assert_eq!(
        *here.unwrap(),
        json!({
            "id": crate::actors::claims_of(reply.text("token"))["sid"], "device": "Chromium 140 on Debian",
            "created_at": now, "last_seen_at": now, "expires_at": now + 7 * day, "ends_at": now + 30 * day,
            "current": true,
        })
    );
}

#[tokio::test]
async fn users_see_their_own_sessions_the_newest_first() {
    let server = Server::start().await;
    let first = server.signed_up("Romel").await;
    server.clock().advance(Duration::from_secs(1));
    server.signed_up("Ramon").await;
    let second = first.another_session().await;
    for (who, current) in [(&first, 1), (&second, 0)] {
        let sessions = listed(who).await;
        let ids: Vec<_> = sessions.iter().map(|session| session["id"].clone()).collect();
        assert_eq!(ids, [second.session(), first.session()]);
        for (place, session) in sessions.iter().enumerate() {
            assert_eq!(session["current"], place == current);
            assert_eq!(session["device"], "unknown device");
        }
    }
}

#[tokio::test]
async fn a_refresh_moves_last_seen_and_expiry_and_nothing_else() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let before = listed(&romel).await.remove(0);
    server.clock().advance(Duration::from_hours(1));
    romel.renew().await;
    let after = listed(&romel).await.remove(0);
    for moved in ["last_seen_at", "expires_at"] {
        assert_eq!(
            after[moved].as_i64().unwrap() - before[moved].as_i64().unwrap(),
            3600
        );
    }
    for same in ["id", "created_at", "ends_at", "device"] {
        assert_eq!(after[same], before[same]);
    }
}

#[tokio::test]
async fn sessions_that_ended_or_expired_are_not_listed() {
    let server = Server::start().await;
    let forgotten = server.signed_up("Romel").await;
    let ended = forgotten.another_session().await;
    ended.post("/logout", &json!({})).await.assert_status(200);
    assert_eq!(listed(&forgotten).await.len(), 1);
    server.clock().advance(Duration::from_hours(24 * 7));
    let now = forgotten.another_session().await;
    let ids: Vec<_> = listed(&now)
        .await
        .into_iter()
        .map(|session| session["id"].clone())
        .collect();
    assert_eq!(ids, [now.session()]);
}

#[tokio::test]
async fn the_hundred_and_first_session_ends_the_oldest() {
    let server = Server::start().await;
    let oldest = server.signed_up("Romel").await;
    let neighbour = server.signed_up("Ramon").await;
    server.clock().advance(Duration::from_secs(1));
    let second = oldest.another_session().await;
    for _ in 0..98 {
        server.clock().advance(Duration::from_secs(1));
        oldest.another_session().await;
    }
    assert_eq!(listed(&oldest).await.len(), 100);
    oldest.assert_is_in().await;

    server.clock().advance(Duration::from_secs(1));
    let newest = oldest.another_session().await;
    oldest.assert_is_out().await;
    for kept in [&second, &newest, &neighbour] {
        kept.assert_is_in().await;
    }
    assert_eq!(listed(&newest).await.len(), 100);
}

#[tokio::test]
async fn nobody_else_sees_them() {
    let visitor = Server::start().await.visitor();
    visitor
        .get("/sessions")
        .await
        .assert_error(401, "token_missing", "Token is missing");
}

#[tokio::test]
async fn a_device_has_a_name_its_owner_recognises() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let body = json!({ "username": "Romel", "password": romel.password });
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
    for user_agent in [firefox, "curl/8.5.0"] {
        server.clock().advance(Duration::from_secs(1));
        let login = server.visitor().post("/login", &body);
        login.header("user-agent", user_agent).await.assert_status(200);
    }
    let devices: Vec<_> = listed(&romel)
        .await
        .iter()
        .map(|session| session["device"].clone())
        .collect();
    assert_eq!(devices, ["curl 8.5", "Firefox on Linux", "unknown device"]);
}
