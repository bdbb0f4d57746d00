//! What was answered 2xx survives `kill -9` at the next instant.

use std::{
    os::unix::fs::PermissionsExt,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::json;
use ureq::http::StatusCode;

use crate::process::{Home, credentials};

#[test]
fn an_account_is_there_after_a_kill() {
    let home = Home::new();
    let server = home.start();
    assert_eq!(server.register("Romel").status, StatusCode::CREATED);
    server.kill();
    assert_eq!(home.start().login("Romel").status, StatusCode::OK);
}

#[test]
fn a_token_logged_out_before_a_kill_stays_refused_after_it() {
    let home = Home::new();
    let server = home.start();
    server.register("Romel");
    let [ended, kept] = [server.login("Romel"), server.login("Romel")];
    let (ended, refresh) = (ended.text("access_token"), ended.text("refresh_token"));
    assert_eq!(
        server.post("/logout", Some(&ended), &json!({})).status,
        StatusCode::OK
    );
    server.kill();

    let server = home.start();
    let refused = server.get("/protected", &ended);
    assert_eq!(
        (refused.status, refused.text("error")),
        (StatusCode::UNAUTHORIZED, "token_revoked".to_owned())
    );
    let refused = server.post("/refresh", Some(&refresh), &json!({}));
    assert_eq!(
        (refused.status, refused.text("error")),
        (StatusCode::UNAUTHORIZED, "token_revoked".to_owned())
    );
    assert_eq!(
        server.get("/protected", &kept.text("access_token")).status,
        StatusCode::OK
    );
}

#[test]
fn a_rotation_is_there_after_a_kill_and_its_lost_answer_can_be_had_again() {
    let home = Home::new();
    let server = home.start();
    server.register("Romel");
    let first = server.login("Romel").text("refresh_token");
    let successor = server
        .post("/refresh", Some(&first), &json!({}))
        .text("refresh_token");
    server.kill();

    let server = home.start();
    let again = server.post("/refresh", Some(&first), &json!({}));
    assert_eq!(again.text("refresh_token"), successor);
    assert_eq!(
        server.post("/refresh", Some(&successor), &json!({})).status,
        StatusCode::OK
    );
}

#[test]
fn no_answered_registration_is_lost_when_the_process_is_killed_under_load() {
    let home = Home::new();
    let mut answered = Vec::new();
    for round in 0..3 {
        let server = home.start();
        let count = AtomicUsize::new(0);
        let names = std::thread::scope(|scope| {
            let writers = [0, 1].map(|writer| {
                let (server, count) = (&server, &count);
                scope.spawn(move || {
                    let mut registered = Vec::new();
                    loop {
                        let name = format!("user-{round}-{writer}-{}", registered.len());
                        match server.try_post("/register", None, &credentials(&name)) {
                            Ok(reply) if reply.status == StatusCode::CREATED => registered.push(name),
                            _ => return registered,
                        }
                        count.fetch_add(1, Ordering::SeqCst);
                    }
                })
            });
            while count.load(Ordering::SeqCst) < 20 {
                std::thread::yield_now();
            }
            server.kill_now();
            writers.map(|writer| writer.join().unwrap()).concat()
        });
        assert!(names.len() >= 20);
        answered.extend(names);
    }
    let server = home.start();
    for name in answered {
        assert_eq!(
            server.login(&name).status,
            StatusCode::OK,
            "{name} was answered and is lost"
        );
    }
}

#[test]
fn keys_survive_and_are_for_their_owner_alone() {
    let home = Home::new();
    let server = home.start();
    server.register("Romel");
    let token = server.login("Romel").text("access_token");
    server.kill();
    assert_eq!(home.start().get("/protected", &token).status, StatusCode::OK);
    for file in ["jeton.db", "jeton.key"] {
        let mode = home.path().join(file).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file} can be read by others");
    }
}
