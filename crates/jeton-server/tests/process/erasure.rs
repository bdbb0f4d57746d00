//! What is left of a person in the database's files after they were deleted: nothing.

use std::{fs, process::Command};

use serde_json::json;
use ureq::http::StatusCode;

use crate::process::{Finished, Home, Server};

const NAME: &str = "Quincunxia";
const EMAIL: &str = "quincunxia@unmistakable.example";

/// Which of these texts stand in the database's files, whatever their case.
fn left(home: &Home, texts: &[&str]) -> Vec<String> {
    let files = ["jeton.db", "jeton.db-wal", "jeton.db-shm"];
    let files: Vec<String> = files
        .iter()
        .filter_map(|file| fs::read(home.path().join(file)).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).to_lowercase())
        .collect();
    let stands = |text: &&&str| files.iter().any(|file| file.contains(&text.to_lowercase()));
    texts
        .iter()
        .filter(stands)
        .map(|text| (*text).to_owned())
        .collect()
}

fn hash(home: &Home) -> String {
    let program = "import sqlite3\n\
                   rows = sqlite3.connect('file:jeton.db?mode=ro', uri=True)\n\
                   print(rows.execute(\"SELECT password_hash FROM users WHERE username = 'Quincunxia'\").fetchone()[0])";
    let mut python = Command::new("python3");
    let said = Finished::of(
        python
            .args(["-c", program])
            .current_dir(home.path())
            .output()
            .unwrap(),
    );
    assert!(said.succeeded, "{said:?}");
    said.out.trim().rsplit('$').next().unwrap().to_owned()
}

fn registered(server: &Server) -> String {
    let body = json!({ "username": NAME, "password": "long enough for anybody", "email": EMAIL });
    let made = server.post("/register", None, &body);
    assert_eq!(made.status, StatusCode::CREATED);
    let signed_in = server.post("/login", None, &body_of_login());
    assert_eq!(signed_in.status, StatusCode::OK);
    made.body["user"]["id"].as_str().unwrap().to_owned()
}

fn body_of_login() -> serde_json::Value {
    json!({ "username": NAME, "password": "long enough for anybody" })
}

#[test]
fn nothing_of_who_was_deleted_is_left_in_the_files() {
    let home = Home::new();
    let create = ["users", "create", "root", "--role", "admin", "--password-stdin"];
    assert!(home.run_with_input(create, "pass1425\n").succeeded);
    let server = home.start();
    for _ in 0..20 {
        // Others around them, so that pages are written more than once.
        server.login("root");
    }
    let id = registered(&server);
    let hash = hash(&home);
    let traces = [NAME, EMAIL, &hash];
    assert_eq!(left(&home, &traces).len(), 3, "they were there");

    let token = server.login("root").text("access_token");
    let deleted = server.delete(&format!("/admin/users/{id}"), &token);
    assert_eq!(deleted, StatusCode::OK);
    assert_eq!(left(&home, &traces), [""; 0], "while the service runs");
    drop(server);
    assert_eq!(left(&home, &traces), [""; 0], "and after it was killed");
    let said = home.run(["audit", "verify"]);
    assert!(said.succeeded && said.out.contains("were erased"), "{said:?}");
}

#[test]
fn nothing_of_who_was_deleted_on_the_command_line_is_left_in_the_files() {
    let home = Home::new();
    let server = home.start();
    registered(&server);
    let hash = hash(&home);
    let traces = [NAME, EMAIL, &hash];
    assert!(home.run(["users", "delete", NAME, "--yes"]).succeeded);
    assert_eq!(left(&home, &traces), [""; 0]);
    drop(server);
}
