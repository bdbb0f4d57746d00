use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::http::StatusCode;

use crate::process::{Finished, Home, Server, credentials};

const CREATE: [&str; 6] = ["users", "create", "root", "--role", "admin", "--password-stdin"];

#[test]
fn an_administrator_made_on_the_command_line_signs_in_at_once() {
    let home = Home::new();
    let server = home.start();
    let made = home.run_with_input(CREATE, "pass1425\n");
    assert!(made.succeeded && made.out.ends_with(" root\n"), "{made:?}");
    let token = server.login("root").text("access_token");
    assert_eq!(server.get("/profile", &token).body["roles"], json!(["admin"]));
    let signed = server.post("/sign-token", Some(&token), &json!({ "hello": "world" }));
    assert_eq!(signed.status, StatusCode::OK);
}

#[test]
fn what_cannot_be_is_refused_and_the_password_is_not_repeated() {
    let home = Home::new();
    assert!(home.run_with_input(CREATE, "pass1425").succeeded);
    let taken = home.run_with_input(CREATE, "pass1425");
    assert!(
        !taken.succeeded && taken.err.contains("belongs to somebody"),
        "{taken:?}"
    );
    let common = home.run_with_input(["users", "create", "john", "--password-stdin"], "12341234");
    assert!(
        !common.succeeded && common.err.contains("most common"),
        "{common:?}"
    );
    assert!(!common.err.contains("12341234"));
    let role = home.run_with_input(
        ["users", "create", "john", "--role", "A b", "--password-stdin"],
        "pass1425",
    );
    assert!(!role.succeeded && role.err.contains("a role is"), "{role:?}");
    let on_the_line = home.run(["users", "create", "john", "--password", "pass1425"]);
    assert!(
        !on_the_line.succeeded && on_the_line.err.contains("--password-stdin"),
        "{on_the_line:?}"
    );
}

#[test]
fn the_command_line_makes_no_signing_key() {
    let home = Home::new();
    assert!(home.run_with_input(CREATE, "pass1425").succeeded);
    assert_eq!(
        home.run(["keys", "list"]).out,
        "",
        "a service with a shared secret would find a key it never asked for"
    );
    assert!(
        home.path().join("jeton.key").exists(),
        "the audit trail's key derives from the master key"
    );
    home.start();
    let said = home.run(["audit", "verify"]);
    assert!(said.succeeded, "the service goes on with the same: {said:?}");
}

/// The JSON objects a command printed, one a line.
fn objects(finished: &Finished) -> Vec<Value> {
    assert!(finished.succeeded, "{finished:?}");
    let lines = finished.out.lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Waits until a running server has heard that the token is revoked.
fn assert_is_refused_soon(server: &Server, token: &str) {
    let began = Instant::now();
    loop {
        let reply = server.get("/protected", token);
        if reply.status == StatusCode::UNAUTHORIZED {
            assert_eq!(reply.body["error"], "token_revoked");
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{reply:?}");
    }
}

fn assert_fails(finished: &Finished, why: &str) {
    assert!(!finished.succeeded && finished.err.contains(why), "{finished:?}");
}

#[test]
fn accounts_are_listed_and_shown() {
    let home = Home::new();
    assert!(home.run_with_input(CREATE, "pass1425").succeeded);
    let made = home.run_with_input(
        [
            "users",
            "create",
            "Grace",
            "--email",
            "grace@example.org",
            "--role",
            "editor",
            "--claims",
            r#"{"tenant":"blue"}"#,
            "--password-stdin",
            "--json",
        ],
        "pass1425",
    );
    let grace = &objects(&made)[0];
    let id = grace["id"].as_str().unwrap();
    assert_eq!(
        *grace,
        json!({
            "id": id, "username": "Grace", "email": "grace@example.org", "roles": ["editor"],
            "claims": { "tenant": "blue" }, "disabled": false, "created_at": grace["created_at"],
        })
    );
    for name in [id, "Grace", "GRACE"] {
        let shown = home.run(["users", "show", name, "--json"]);
        assert_eq!(objects(&shown), std::slice::from_ref(grace));
    }
    let names = |finished: &Finished| -> Vec<Value> {
        objects(finished)
            .iter()
            .map(|user| user["username"].clone())
            .collect()
    };
    assert_eq!(names(&home.run(["users", "list", "--json"])), ["root", "Grace"]);
    assert_eq!(
        names(&home.run(["users", "list", "--json", "--limit", "1"])),
        ["root"]
    );
    assert_eq!(
        names(&home.run(["users", "list", "--json", "--role", "editor"])),
        ["Grace"]
    );
    assert_eq!(
        names(&home.run(["users", "list", "--json", "--search", "EXAMPLE"])),
        ["Grace"]
    );
    assert!(names(&home.run(["users", "list", "--json", "--disabled"])).is_empty());
    let people = home.run(["users", "list"]);
    assert!(people.out.contains(" root [admin]\n"), "{people:?}");
    assert!(
        people.out.contains("<grace@example.org> {\"tenant\":\"blue\"}"),
        "{people:?}"
    );
    assert_fails(&home.run(["users", "show", "nobody"]), "no such user");
    assert_fails(&home.run(["users", "show", "two words"]), "no such user");
}

#[test]
fn a_running_server_hears_of_what_is_changed() {
    let home = Home::new();
    let server = home.start();
    server.register("Romel");
    let token = server.login("Romel").text("access_token");
    let set = home.run([
        "users",
        "set",
        "Romel",
        "--add-role",
        "editor",
        "--add-role",
        "reader",
    ]);
    assert!(set.succeeded, "{set:?}");
    assert_eq!(server.get("/protected", &token).status, StatusCode::OK);
    let set = home.run([
        "users",
        "set",
        "Romel",
        "--remove-role",
        "editor",
        "--claims",
        r#"{"a":1}"#,
        "--email",
        "r@example.org",
        "--json",
    ]);
    let romel = &objects(&set)[0];
    assert_eq!(
        (&romel["roles"], &romel["claims"]),
        (&json!(["reader"]), &json!({ "a": 1 }))
    );
    assert_is_refused_soon(&server, &token);

    let login = server.login("Romel");
    let (token, refresh) = (login.text("access_token"), login.text("refresh_token"));
    let disabled = home.run(["users", "disable", "Romel"]);
    assert!(disabled.out.ends_with("(disabled)\n"), "{disabled:?}");
    assert_is_refused_soon(&server, &token);
    let refreshed = server.post("/refresh", None, &json!({ "refresh_token": refresh }));
    assert_eq!(refreshed.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.login("Romel").status, StatusCode::UNAUTHORIZED);
    assert!(home.run(["users", "enable", "Romel"]).succeeded);
    let cleared = objects(&home.run(["users", "set", "Romel", "--no-email", "--json"]));
    assert_eq!(cleared[0]["email"], Value::Null);
    assert_eq!(server.login("Romel").status, StatusCode::OK);
}

#[test]
fn sessions_are_listed_and_ended() {
    let home = Home::new();
    let server = home.start();
    server.register("Romel");
    let tokens = [
        server.login("Romel"),
        server.login("Romel"),
        server.login("Romel"),
    ]
    .map(|login| login.text("access_token"));
    let sessions = objects(&home.run(["users", "sessions", "Romel", "--json"]));
    assert_eq!(sessions.len(), 3);
    let newest = sessions[0]["id"].as_str().unwrap();
    let ended = home.run(["users", "revoke", "Romel", "--session", newest]);
    assert_eq!(ended.out, "1 session ended\n");
    assert_fails(
        &home.run(["users", "revoke", "Romel", "--session", newest]),
        "no such live session",
    );
    assert_is_refused_soon(&server, &tokens[2]);
    assert_eq!(server.get("/protected", &tokens[0]).status, StatusCode::OK);
    assert_eq!(home.run(["users", "revoke", "Romel"]).out, "2 sessions ended\n");
    assert_is_refused_soon(&server, &tokens[0]);
    assert_is_refused_soon(&server, &tokens[1]);
}

#[test]
fn an_account_without_a_password_gets_one_by_a_code() {
    let home = Home::new();
    let server = home.start();
    let made = objects(&home.run(["users", "create", "Romel", "--json"]));
    let stale = made[0]["reset"]["code"].as_str().unwrap();
    assert_eq!(server.login("Romel").status, StatusCode::UNAUTHORIZED);
    let code = home.run(["users", "reset-password", "Romel"]).out;
    let reset = |code: &str| {
        let body = json!({ "username": "Romel", "code": code, "new_password": "pass1425" });
        server.post("/password/reset", None, &body)
    };
    assert_eq!(reset(stale).body["error"], "invalid_code");
    assert_eq!(reset(code.trim()).body, json!({ "message": "Password set" }));
    let token = server.login("Romel").text("access_token");
    let forced = objects(&home.run(["users", "reset-password", "Romel", "--force", "--json"]));
    assert_is_refused_soon(&server, &token);
    assert_eq!(server.login("Romel").status, StatusCode::UNAUTHORIZED);
    assert_eq!(reset(forced[0]["code"].as_str().unwrap()).status, StatusCode::OK);
    assert_eq!(server.login("Romel").status, StatusCode::OK);
}

#[test]
fn who_is_slowed_down_is_unlocked() {
    let home = Home::new();
    let server = home.start();
    server.register("Romel");
    let wrong = json!({ "username": "Romel", "password": "not the password" });
    for _ in 0..10 {
        server.post("/login", None, &wrong);
    }
    let unlocked = home.run(["users", "unlock", "Romel"]);
    assert!(unlocked.out.ends_with(" Romel is unlocked\n"), "{unlocked:?}");
    let free = server.post("/login", None, &wrong);
    assert_eq!(
        free.status,
        StatusCode::UNAUTHORIZED,
        "a failure that costs nothing yet"
    );
    assert_eq!(
        server.post("/login", None, &credentials("Romel")).status,
        StatusCode::OK
    );
}

#[test]
fn an_account_is_deleted_only_by_somebody_who_means_it() {
    let home = Home::new();
    let server = home.start();
    server.register("Romel");
    let token = server.login("Romel").text("access_token");
    let unasked = home.run_with_input(["users", "delete", "Romel"], "Romel\n");
    assert_fails(&unasked, "--yes");
    assert_eq!(server.get("/protected", &token).status, StatusCode::OK);
    let deleted = home.run(["users", "delete", "Romel", "--yes"]);
    assert!(deleted.out.ends_with(" Romel is deleted\n"), "{deleted:?}");
    assert_is_refused_soon(&server, &token);
    assert_fails(&home.run(["users", "show", "Romel"]), "no such user");
    assert_eq!(server.login("Romel").status, StatusCode::UNAUTHORIZED);
}

#[test]
fn the_last_administrator_is_taken_away_only_by_force() {
    let home = Home::new();
    assert!(home.run_with_input(CREATE, "pass1425").succeeded);
    for refused in [
        home.run(["users", "disable", "root"]),
        home.run(["users", "set", "root", "--remove-role", "admin"]),
        home.run(["users", "delete", "root", "--yes"]),
    ] {
        assert_fails(&refused, "--force");
    }
    let anyway = home.run(["users", "disable", "root", "--force"]);
    assert!(anyway.succeeded, "{anyway:?}");
}

#[test]
fn the_trail_says_that_it_was_the_command_line() {
    let home = Home::new();
    assert!(home.run_with_input(CREATE, "pass1425").succeeded);
    home.run(["users", "create", "Romel"]);
    home.run(["users", "set", "Romel", "--role", "editor"]);
    home.run(["users", "delete", "Romel", "--yes"]);
    let trail = objects(&home.run(["audit", "list", "--json"]));
    let actions: Vec<_> = trail
        .iter()
        .map(|event| event["action"].as_str().unwrap())
        .collect();
    for action in ["user.created", "user.changed", "user.deleted"] {
        assert!(actions.contains(&action), "{actions:?}");
    }
    assert!(
        trail.iter().all(|event| event["by"] == "command-line"),
        "{trail:?}"
    );
}
