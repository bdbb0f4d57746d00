//! From SQLite to PostgreSQL while clients keep refreshing: everybody goes on with the token they have.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use ureq::http::StatusCode;

use crate::{
    databases::{postgres, runtime, sqlite, start_on, wait_for},
    process::{Finished, Home, Server},
};

const SOURCE: &str = "sqlite://jeton.db";

/// Refreshes until it is told to stop. Gives its last token; while the source is shut it keeps the one it has.
fn keep_refreshing(server: &Server, name: &str, moved: &AtomicBool, refreshes: &AtomicUsize) -> String {
    let mut token = server.login(name).text("refresh_token");
    while !moved.load(Ordering::SeqCst) {
        let reply = server.post("/refresh", Some(&token), &json!({}));
        if reply.status == StatusCode::OK {
            token = reply.text("refresh_token");
            refreshes.fetch_add(1, Ordering::SeqCst);
        } else {
            assert_eq!(
                (reply.status, reply.text("error")),
                (StatusCode::SERVICE_UNAVAILABLE, "read_only".to_owned()),
                "{reply:?}"
            );
        }
    }
    token
}

fn migrate(home: &Home, to: &str) -> Command {
    home.command(["migrate", "--from", SOURCE, "--to", to])
}

#[test]
fn everybody_goes_on_after_a_move() {
    let home = Home::new();
    let target = postgres();
    let mut command = home.command([]);
    command.env("JETON_RATE_LIMIT", "off");
    let server = Server::start(command);
    let names = ["ada", "ben", "cy", "dan"];
    for name in names.iter().chain(&["Romel", "jane"]) {
        assert_eq!(server.register(name).status, StatusCode::CREATED);
    }
    let (quiet, ended) = (server.login("Romel"), server.login("Romel"));
    let (quiet, ended) = (
        [quiet.text("access_token"), quiet.text("refresh_token")],
        [ended.text("access_token"), ended.text("refresh_token")],
    );
    assert_eq!(
        server.post("/logout", Some(&ended[0]), &json!({})).status,
        StatusCode::OK
    );
    let issued: Value =
        serde_json::from_str(&home.run(["users", "reset-password", "jane", "--json"]).out).unwrap();

    let (moved, refreshes) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (said, tokens) = std::thread::scope(|scope| {
        let (server, moved, refreshes) = (&server, &moved, &refreshes);
        let clients = names.map(|name| scope.spawn(move || keep_refreshing(server, name, moved, refreshes)));
        while refreshes.load(Ordering::SeqCst) < 20 {
            std::thread::yield_now();
        }
        let said = Finished::of(migrate(&home, target.url()).output().unwrap());
        moved.store(true, Ordering::SeqCst);
        (said, clients.map(|client| client.join().unwrap()))
    });
    assert!(said.succeeded, "{said:?}");
    assert!(said.out.contains("Both sides have the same rows"), "{said:?}");
    assert!(said.err.contains("takes nothing new"), "{said:?}");

    let late = server.login("ada");
    assert_eq!(
        (late.status, late.text("error")),
        (StatusCode::SERVICE_UNAVAILABLE, "read_only".into())
    );
    server.kill();
    let refused = home.run([]);
    assert!(
        !refused.succeeded && refused.err.contains("was moved to"),
        "{refused:?}"
    );

    let server = start_on(&home, target.url());
    for (name, token) in names.iter().zip(tokens) {
        let reply = server.post("/refresh", Some(&token), &json!({}));
        assert_eq!(reply.status, StatusCode::OK, "{name} was logged out: {reply:?}");
    }
    assert_eq!(server.get("/protected", &quiet[0]).status, StatusCode::OK);
    assert_eq!(
        server.post("/refresh", Some(&quiet[1]), &json!({})).status,
        StatusCode::OK
    );
    assert_eq!(server.get("/protected", &ended[0]).text("error"), "token_revoked");
    assert_eq!(
        server.post("/refresh", Some(&ended[1]), &json!({})).text("error"),
        "token_revoked"
    );
    let reset =
        json!({ "username": "jane", "code": issued["code"], "new_password": "a passphrase of her own" });
    assert_eq!(
        server.post("/password/reset", None, &reset).status,
        StatusCode::OK
    );
    drop(server);
    let mut verify = home.command(["audit", "verify"]);
    verify.env("JETON_DATABASE_URL", target.url());
    let verified = Finished::of(verify.output().unwrap());
    assert!(verified.succeeded, "{verified:?}");
}

/// Reads what a move says until it says this.
fn wait_until_it_says(moving: &mut Child, words: &str) {
    let mut said = BufReader::new(moving.stderr.take().unwrap()).lines();
    assert!(
        said.any(|line| line.unwrap().contains(words)),
        "it never said {words}"
    );
}

#[test]
fn a_move_that_is_killed_is_begun_again_and_comes_to_its_end() {
    let home = Home::new();
    let target = postgres();
    let server = home.start();
    assert_eq!(server.register("Romel").status, StatusCode::CREATED);
    let token = server.login("Romel").text("refresh_token");
    server.kill();
    sqlite(
        &home,
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000) \
         INSERT INTO users (id, username, username_key, username_skeleton, password_hash, created_at) \
         SELECT randomblob(16), 'u' || n, 'u' || n, 'u' || n, '', 0 FROM numbers",
    );
    let start = || {
        migrate(&home, target.url())
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };

    let mut moving = start();
    wait_for(&target, "SELECT count(*) FROM users");
    moving.kill().unwrap();
    moving.wait().unwrap();
    let refused = home
        .command([])
        .env("JETON_DATABASE_URL", target.url())
        .output()
        .unwrap();
    let refused = Finished::of(refused);
    assert!(
        !refused.succeeded && refused.err.contains("half filled"),
        "{refused:?}"
    );
    drop(home.start());
    runtime().block_on(target.sql("DELETE FROM users WHERE username LIKE 'u%1'"));

    let mut moving = start();
    wait_until_it_says(&mut moving, "takes nothing new");
    moving.kill().unwrap();
    moving.wait().unwrap();

    let said = Finished::of(migrate(&home, target.url()).output().unwrap());
    assert!(said.succeeded, "{said:?}");
    assert!(said.out.contains("20001 rows"), "{said:?}");
    let arrived = runtime().block_on(target.count("SELECT count(*) FROM users"));
    assert_eq!(arrived, 20_001);
    let server = start_on(&home, target.url());
    assert_eq!(server.login("Romel").status, StatusCode::OK);
    assert_eq!(
        server.post("/refresh", Some(&token), &json!({})).status,
        StatusCode::OK
    );
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    let home = Home::new();
    for arguments in [
        ["migrate", "--from", SOURCE, "--reopen", SOURCE].as_slice(),
        &["migrate", "--from", SOURCE],
        &["migrate", "--to", SOURCE],
    ] {
        let mut command = home.command([]);
        let said = Finished::of(command.args(arguments).output().unwrap());
        assert!(!said.succeeded, "{said:?}");
    }
    let said = home.run(["migrate", "--from", SOURCE, "--to", "sqlite://other.db"]);
    assert!(said.err.contains("there is no file"), "{said:?}");
    let mut files = std::fs::read_dir(home.path()).unwrap();
    assert!(files.next().is_none(), "something was made");
}
