//! Guessing passwords is slowed down, alike for every name.

use std::time::Duration;

use jeton_server::model::{
    audit::{Action, Event, Recorded},
    username::UsernameKey,
};
use serde_json::{Value, json};

use crate::actors::{Actor, Reply, Server};

const WRONG: &str = "not the password";

async fn fail(server: &Server, username: &str, times: u32) {
    for _ in 0..times {
        let reply = server.visitor().login(username, WRONG).await;
        reply.assert_code(401, "invalid_credentials");
    }
}

/// Fails until the name is locked, each time as soon as it may.
async fn lock(server: &Server, username: &str, lockout_after: u32) {
    let mut failures = 0;
    while failures < lockout_after {
        let reply = server.visitor().login(username, WRONG).await;
        if reply.status == 401 {
            failures += 1;
        } else {
            server.clock().advance(retry_after(&reply));
        }
    }
}

fn retry_after(reply: &Reply) -> Duration {
    Duration::from_secs(reply.header("retry-after").parse().unwrap())
}

fn assert_waits(reply: &Reply, seconds: u64) {
    let unit = if seconds == 1 { "second" } else { "seconds" };
    let sentence = format!("Too many failed attempts: try again in {seconds} {unit}");
    reply.assert_error(429, "too_many_attempts", &sentence);
    assert_eq!(retry_after(reply).as_secs(), seconds);
}

fn assert_locked(reply: &Reply) {
    let sentence = "Too many failed attempts: ask an administrator to unlock this name, or sign in from a device \
                    that has signed in before";
    reply.assert_error(429, "too_many_attempts", sentence);
    assert_eq!(reply.header("retry-after"), "900");
}

async fn events(server: &Server, action: Action) -> Vec<Recorded> {
    let events = server.service().store().events_after(0, 1000).await.unwrap();
    events
        .into_iter()
        .filter(|event| event.action == action.as_str())
        .collect()
}

fn detail(event: &Recorded) -> Value {
    serde_json::from_str(&event.detail).unwrap()
}

#[tokio::test]
async fn waits_grow_and_during_one_even_the_right_password_is_refused_without_a_hash() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    fail(&server, "Romel", 10).await;
    for wait in [1, 2, 4, 8] {
        let before = server.service().hashes_computed();
        for password in [WRONG, &romel.password] {
            assert_waits(&server.visitor().login("Romel", password).await, wait);
        }
        server.clock().advance(Duration::from_secs(wait - 1));
        assert_waits(&server.visitor().login("Romel", &romel.password).await, 1);
        assert_eq!(server.service().hashes_computed(), before);
        server.clock().advance(Duration::from_secs(1));
        fail(&server, "Romel", 1).await;
    }
    server.clock().advance(Duration::from_secs(16));
    romel.another_session().await;
}

#[tokio::test]
async fn a_success_is_no_failure_and_leaves_strangers_theirs() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    for _ in 0..3 {
        fail(&server, "Romel", 3).await;
        for _ in 0..15 {
            romel.another_session().await;
        }
    }
    fail(&server, "Romel", 1).await;
    assert_waits(&server.visitor().login("Romel", &romel.password).await, 1);
}

/// Trying passwords shows nothing of others who sign in, so that no name tells whether somebody has it.
#[tokio::test]
async fn who_watches_a_name_does_not_see_its_owner_sign_in() {
    let server = Server::with(&[("lockout-after", "13")]).await;
    let romel = server.signed_up("Romel").await;
    let mut seen = Vec::new();
    for username in ["Romel", "Nobody"] {
        let mut answers = Vec::new();
        for round in 0..20 {
            if username == "Romel" && round % 3 == 0 {
                server.visitor().login("Romel", &romel.password).await;
            }
            let reply = server.visitor().login(username, WRONG).await;
            answers.push((reply.status, reply.headers.get("retry-after").cloned()));
            if round >= 10 {
                server.clock().advance(Duration::from_secs(5));
            }
        }
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn every_route_that_takes_a_password_and_every_spelling_counts_together() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let routes = ["/login", "/token", "/set-jwt"].into_iter().cycle();
    let names = ["Romel", "ROMEL", "Ｒomel", "romel"].into_iter().cycle();
    for (path, username) in routes.zip(names).take(10) {
        let body = json!({ "username": username, "password": WRONG });
        server.visitor().post(path, &body).await.assert_status(401);
    }
    for path in ["/login", "/token", "/set-jwt"] {
        let body = json!({ "username": "Romel", "password": romel.password });
        assert_waits(&server.visitor().post(path, &body).await, 1);
    }
    server.signed_up("john").await;
}

#[tokio::test]
async fn names_nobody_has_are_slowed_down_and_locked_alike() {
    let server = Server::with(&[("lockout-after", "13")]).await;
    server.signed_up("Romel").await;
    let mut seen = Vec::new();
    for username in ["Romel", "Nobody", "no name\u{0}", ""] {
        let mut answers = Vec::new();
        for round in 0..18 {
            let before = server.service().hashes_computed();
            let mut reply = server.visitor().login(username, WRONG).await;
            reply.json.as_object_mut().unwrap().remove("request_id");
            let retry_after = reply.headers.get("retry-after").cloned();
            let hashes = server.service().hashes_computed() - before;
            answers.push((reply.status, reply.json, retry_after, hashes));
            if [10, 12, 14].contains(&round) {
                server.clock().advance(Duration::from_secs(5));
            }
        }
        let refused = answers.iter().filter(|answer| answer.0 == 429).count();
        assert_eq!(refused, 18 - 13, "{answers:?}");
        seen.push(answers);
    }
    assert!(seen.iter().all(|answers| *answers == seen[0]), "{seen:#?}");
}

#[tokio::test]
async fn a_locked_name_needs_an_administrator() {
    let server = Server::with(&[("lockout-after", "12")]).await;
    let romel = server.signed_up("Romel").await;
    lock(&server, "Romel", 12).await;
    for _ in 0..3 {
        let before = server.service().hashes_computed();
        assert_locked(&server.visitor().login("Romel", &romel.password).await);
        assert_eq!(server.service().hashes_computed(), before);
        server.clock().advance(Duration::from_hours(30 * 24));
    }
    let account = server
        .service()
        .throttle_key(&UsernameKey::parse("romel").unwrap());
    let event = Event::new(Action::UserUnlocked, server.service().clock().now().into());
    let store = server.service().store();
    assert!(store.unlock(&account, &event).await.unwrap());
    romel.another_session().await;
}

#[tokio::test]
async fn the_bounds_are_settings() {
    let server = Server::with(&[("free-failures", "2"), ("lockout-after", "0")]).await;
    fail(&server, "Romel", 2).await;
    for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] {
        assert_waits(&server.visitor().login("Romel", WRONG).await, wait);
        server.clock().advance(Duration::from_secs(wait));
        fail(&server, "Romel", 1).await;
    }
    for _ in 0..150 {
        assert_waits(&server.visitor().login("Romel", WRONG).await, 900);
        server.clock().advance(Duration::from_mins(15));
        fail(&server, "Romel", 1).await;
    }
}

#[tokio::test]
async fn nobody_can_lock_a_name_before_its_account_is_made() {
    let server = Server::with(&[("lockout-after", "12")]).await;
    lock(&server, "Romel", 12).await;
    assert_locked(&server.visitor().login("Romel", WRONG).await);
    let romel = server.signed_up("Romel").await;
    let unlocked = events(&server, Action::UserUnlocked).await;
    assert_eq!(unlocked.len(), 1);
    assert_eq!(unlocked[0].user.unwrap().to_string(), romel.id);
}

#[tokio::test]
async fn a_day_without_a_failure_forgets_those_before() {
    let server = Server::start().await;
    fail(&server, "Romel", 10).await;
    server.clock().advance(Duration::from_hours(24));
    fail(&server, "Romel", 10).await;
    assert_waits(&server.visitor().login("Romel", WRONG).await, 1);
}

#[tokio::test]
async fn an_attempt_nobody_had_time_to_judge_is_no_failure() {
    let server = Server::with(&[("hash-deadline", "0s")]).await;
    for _ in 0..30 {
        let reply = server.visitor().login("Romel", WRONG).await;
        reply.assert_code(503, "overloaded");
    }
}

#[tokio::test]
async fn it_can_be_switched_off_for_load_tests() {
    let server = Server::with(&[("rate-limit", "off"), ("address-limit", "1")]).await;
    let romel = server.signed_up("Romel").await;
    for _ in 0..15 {
        let reply = server.visitor().login("Romel", WRONG).from("192.0.2.1").await;
        reply.assert_code(401, "invalid_credentials");
    }
    romel.another_session().await;
}

#[tokio::test]
async fn each_failure_is_one_event_that_counts_those_turned_away_and_shows_no_name() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    fail(&server, "Romel", 10).await;
    for _ in 0..4 {
        server.visitor().login("Romel", WRONG).await.assert_status(429);
    }
    server.clock().advance(Duration::from_secs(1));
    fail(&server, "Romel", 1).await;
    server.visitor().login("Romel", WRONG).await.assert_status(429);
    server.clock().advance(Duration::from_secs(2));
    romel.another_session().await;
    for username in ["pass1425", "PASS1425", "no name\u{0}"] {
        let attempt = server.visitor().login(username, WRONG);
        attempt
            .header("user-agent", "curl/8.5.0")
            .from("192.0.2.1")
            .await
            .assert_status(401);
    }

    let failed = events(&server, Action::SignInFailed).await;
    assert_eq!(failed.len(), 11 + 3, "those turned away are counted, not listed");
    let (known, unknown) = failed.split_at(11);
    for (index, event) in known.iter().enumerate() {
        assert_eq!(event.user.unwrap().to_string(), romel.id);
        let expected = if index == 10 {
            json!({ "refused": 4 })
        } else {
            json!({})
        };
        assert_eq!(detail(event), expected);
    }
    let succeeded = events(&server, Action::SignedIn).await;
    assert_eq!(succeeded.len(), 2);
    assert_eq!(detail(&succeeded[0]), json!({}));
    assert_eq!(detail(&succeeded[1]), json!({ "refused": 1 }));

    let names: Vec<_> = unknown
        .iter()
        .map(|event| {
            assert_eq!(event.user, None);
            let (_, personal) = event.personal.clone().unwrap();
            let personal: Value = serde_json::from_str(&personal).unwrap();
            assert_eq!(
                personal,
                json!({ "device": "curl/8.5.0", "address": "192.0.2.1" })
            );
            detail(event)["name"].as_str().unwrap().to_owned()
        })
        .collect();
    assert!(names.iter().all(|name| name.len() == 64), "{names:?}");
    assert!(names[0] == names[1] && names[1] != names[2], "{names:?}");
    let trail = format!("{failed:?}").to_lowercase();
    assert!(
        !trail.contains("pass1425") && !trail.contains("no name"),
        "{trail}"
    );
}
