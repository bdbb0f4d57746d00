use serde_json::json;
use ureq::http::StatusCode;

use crate::process::Home;

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
    assert!(
        !home.path().join("jeton.key").exists(),
        "a service with a shared secret would find a key it never asked for"
    );
}
