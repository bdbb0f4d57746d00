//! The audit trail as its owner reads and checks it, beside a running service and without one.

use std::{fs, process::Command};

use serde_json::{Value, json};
use ureq::http::StatusCode;

use crate::process::{Finished, Home, Server};

/// Somebody registers, signs in and out, and the service stops in order.
fn a_day(home: &Home) {
    let mut server = home.start();
    server.register("Romel");
    let token = server.login("Romel").text("access_token");
    let out = server.post("/logout", Some(&token), &json!({}));
    assert_eq!(out.status, StatusCode::OK);
    end(&mut server);
}

fn end(server: &mut Server) {
    server.terminate();
    assert!(server.wait(), "it did not end well");
}

fn verified(home: &Home) -> Finished {
    let said = home.run(["audit", "verify"]);
    assert!(said.succeeded, "{said:?}");
    said
}

fn head(home: &Home) -> String {
    verified(home).out.lines().last().unwrap().to_owned()
}

#[test]
fn a_service_that_stopped_has_sealed_everything() {
    let home = Home::new();
    a_day(&home);
    let said = verified(&home).out;
    // Three keys were made at the first start.
    assert!(
        said.starts_with("The trail is as it was written: 6 events under"),
        "{said}"
    );
    assert!(!said.contains("not sealed"), "{said}");
}

#[test]
fn a_running_service_seals_within_a_second() {
    let home = Home::new();
    let server = home.start();
    server.register("Romel");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while verified(&home).out.contains("not sealed") {
        assert!(std::time::Instant::now() < deadline, "nothing was sealed");
    }
    assert!(verified(&home).out.contains("4 events under"));
}

#[test]
fn the_log_says_the_head_when_the_service_stops() {
    let home = Home::new();
    let log = home.path().join("log");
    let mut command = home.command([]);
    command.stderr(std::fs::File::create(&log).unwrap());
    let mut child = command.spawn().unwrap();
    let written = || std::fs::read_to_string(&log).unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !written().contains("listening on") {
        assert!(
            std::time::Instant::now() < deadline,
            "it does not start: {}",
            written()
        );
    }
    let pid = child.id().to_string();
    assert!(
        std::process::Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert!(child.wait().unwrap().success());
    let kept = head(&home);
    assert!(
        written().contains(&kept),
        "{kept} is not in the log: {}",
        written()
    );
}

#[test]
fn a_head_kept_elsewhere_is_looked_for() {
    let home = Home::new();
    a_day(&home);
    let kept = head(&home);
    a_day(&home);
    let same = home.run(["audit", "verify", "--head", &kept]);
    assert!(
        same.succeeded && !same.out.contains(&kept),
        "the chain has grown: {same:?}"
    );
    let (position, mac) = kept.split_once(':').unwrap();
    let ahead = format!("{}:{mac}", position.parse::<u64>().unwrap() + 1000);
    let cut_off = home.run(["audit", "verify", "--head", &ahead]);
    assert!(
        !cut_off.succeeded && cut_off.err.contains("the end of the chain was cut off"),
        "{cut_off:?}"
    );
    let nonsense = home.run(["audit", "verify", "--head", "nonsense"]);
    assert!(
        !nonsense.succeeded && nonsense.err.contains("POSITION:MAC"),
        "{nonsense:?}"
    );
}

/// A database of the version before: its events carry no proof.
fn of_the_version_before(home: &Home) {
    let program = "import sqlite3\n\
                   file = sqlite3.connect('jeton.db')\n\
                   file.execute('UPDATE audit SET writer = NULL, place = NULL, mac = NULL')\n\
                   file.execute(\"INSERT INTO audit_marks (name, number) SELECT 'unproven', max(number) FROM audit\")\n\
                   file.commit()";
    let mut python = Command::new("python3");
    let said = Finished::of(
        python
            .args(["-c", program])
            .current_dir(home.path())
            .output()
            .unwrap(),
    );
    assert!(said.succeeded, "{said:?}");
}

#[test]
fn a_trail_of_the_version_before_goes_on() {
    let home = Home::new();
    a_day(&home);
    of_the_version_before(&home);
    let mut server = home.start();
    end(&mut server);
    let said = verified(&home).out;
    assert!(said.contains("6 events are from before"), "{said}");
    assert!(home.run(["audit", "upgraded"]).succeeded);
    verified(&home);
}

#[test]
fn a_running_service_notices_that_the_trail_was_cut_off() {
    let home = Home::new();
    let server = home.start();
    server.register("Romel");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while verified(&home).out.contains("not sealed") {
        assert!(std::time::Instant::now() < deadline, "nothing was sealed");
    }
    assert_eq!(server.metric("audit_alarms_total").to_string(), "0");
    let program = "import sqlite3\n\
                   file = sqlite3.connect('jeton.db', timeout=30)\n\
                   file.execute('DELETE FROM audit_seals')\n\
                   file.execute('DELETE FROM audit')\n\
                   file.execute(\"UPDATE sqlite_sequence SET seq = 0 WHERE name = 'audit'\")\n\
                   file.commit()";
    let mut python = Command::new("python3");
    let said = Finished::of(
        python
            .args(["-c", program])
            .current_dir(home.path())
            .output()
            .unwrap(),
    );
    assert!(said.succeeded, "{said:?}");
    while server.metric("audit_alarms_total") < 1.0 {
        assert!(std::time::Instant::now() < deadline, "nobody noticed");
    }
    assert!(!home.run(["audit", "verify"]).succeeded);
}

#[test]
fn it_is_listed_for_people_and_for_programs() {
    let home = Home::new();
    a_day(&home);
    let all = home.run(["audit", "list"]).out;
    let actions: Vec<_> = all
        .lines()
        .map(|line| line.split_whitespace().nth(2).unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "key.made",
            "key.made",
            "key.made",
            "user.registered",
            "login.succeeded",
            "session.ended"
        ]
    );
    let of_romel = home.run(["audit", "list", "--user", "romel", "--json", "--limit", "2"]);
    let lines: Vec<Value> = of_romel
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["action"], "session.ended");
    assert_eq!(lines[1]["detail"]["reason"], "logout");
    assert!(lines[0]["personal"]["device"].is_string(), "{lines:?}");
    let session = lines[0]["session"].as_str().unwrap();
    let of_session = home.run(["audit", "list", "--session", session, "--action", "session.ended"]);
    assert_eq!(of_session.out.lines().count(), 1, "{of_session:?}");
    assert_eq!(home.run(["audit", "list", "--since", "2h"]).out, all);
    assert_eq!(home.run(["audit", "list", "--since", "2100-01-01"]).out, "");
    for (option, value, expected) in [
        ("--since", "whenever", "write a time in UTC"),
        ("--action", "nothing", "no such action"),
        ("--user", "nobody", "there is no user of that name"),
    ] {
        let refused = home.run(["audit", "list", option, value]);
        assert!(
            !refused.succeeded && refused.err.contains(expected),
            "{refused:?}"
        );
    }
}

#[test]
fn an_export_is_checked_by_the_script_in_the_documentation() {
    let home = Home::new();
    a_day(&home);
    let said = home.run(["audit", "export", "trail.jsonl"]);
    assert!(
        said.succeeded && said.err.contains("6 events were written"),
        "{said:?}"
    );
    let again = home.run(["audit", "export", "trail.jsonl"]);
    assert!(
        !again.succeeded && again.err.contains("trail.jsonl"),
        "no file is overwritten: {again:?}"
    );
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/audit.md")).unwrap();
    let script = page
        .split("```python\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    fs::write(home.path().join("verify.py"), script).unwrap();
    let check = || {
        let mut python = Command::new("python3");
        python.args(["verify.py", "jeton.key", "trail.jsonl"]);
        Finished::of(python.current_dir(home.path()).output().unwrap())
    };
    let good = check();
    assert!(good.succeeded, "{good:?}");
    assert_eq!(good.out.trim(), head(&home));

    let file = home.path().join("trail.jsonl");
    let trail = fs::read_to_string(&file).unwrap();
    for (one, other) in [
        ("login.succeeded", "login.failed"),
        (r#"\"device\""#, r#"\"divice\""#),
    ] {
        let changed = trail.replacen(one, other, 1);
        assert_ne!(changed, trail);
        fs::write(&file, changed).unwrap();
        assert!(!check().succeeded, "{one} was changed");
    }
}

#[test]
fn a_change_behind_the_services_back_is_named() {
    let home = Home::new();
    a_day(&home);
    let database = fs::read(home.path().join("jeton.db")).unwrap();
    let mut changed = database.clone();
    // The same length, so that the page stays a page.
    let (from, to) = (b"user.registered", b"user.imported!!");
    let at = database
        .windows(from.len())
        .position(|bytes| bytes == from)
        .unwrap();
    changed[at..at + to.len()].copy_from_slice(to);
    fs::write(home.path().join("jeton.db"), changed).unwrap();
    let said = home.run(["audit", "verify"]);
    assert!(
        !said.succeeded && said.err.contains("was changed, or written by somebody"),
        "{said:?}"
    );
}

#[test]
fn without_the_master_key_nothing_is_verified_and_no_key_is_made() {
    let home = Home::new();
    a_day(&home);
    let key = home.path().join("jeton.key");
    fs::remove_file(&key).unwrap();
    let said = home.run(["audit", "verify"]);
    assert!(
        !said.succeeded && said.err.contains("no new key was made"),
        "{said:?}"
    );
    assert!(!key.exists());
    assert!(home.run(["audit", "list"]).succeeded, "reading needs none");
}
