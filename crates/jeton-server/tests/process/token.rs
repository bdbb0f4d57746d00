//! Looking at tokens on the command line.

use serde_json::{Value, json};
use ureq::http::StatusCode;

use crate::process::{Finished, Home};

fn token(home: &Home, verb: &str, token: &str) -> Finished {
    home.run_with_input(["token", verb, "-"], &format!("{token}\n"))
}

#[test]
fn a_token_is_explained_beside_the_running_service() {
    let home = Home::new();
    let server = home.start();
    server.register("Romel");
    let pair = server.login("Romel");
    let (access, refresh) = (pair.text("access_token"), pair.text("refresh_token"));
    let good = token(&home, "explain", &access);
    assert!(
        good.succeeded && good.out.starts_with("It is good.\n"),
        "{good:?}"
    );
    let as_argument = home.run(["token", "explain", &access]);
    assert_eq!(as_argument.out, good.out);

    let out = server.post("/logout", Some(&access), &json!({}));
    assert_eq!(out.status, StatusCode::OK);
    for gone in [&access, &refresh] {
        let told = token(&home, "explain", gone);
        assert!(
            told.out
                .starts_with("Refused: its session ended, by signing out, at 20"),
            "{told:?}"
        );
        assert!(
            told.out.contains("passed   signature") && told.out.contains("ended    logout"),
            "{told:?}"
        );
        assert!(!told.out.contains(gone.split('.').nth(2).unwrap()), "{told:?}");
    }
}

#[test]
fn verifying_prints_the_claims_of_a_good_token_and_fails_for_any_other() {
    let home = Home::new();
    let server = home.start();
    server.register("Romel");
    let access = server.login("Romel").text("access_token");
    let good = token(&home, "verify", &access);
    assert!(good.succeeded, "{good:?}");
    let claims: Value = serde_json::from_str(&good.out).unwrap();
    assert_eq!(claims["username"], "Romel");
    server.post("/logout", Some(&access), &json!({}));
    let gone = token(&home, "verify", &access);
    assert!(
        !gone.succeeded && gone.out.is_empty() && gone.err.contains("its session ended"),
        "{gone:?}"
    );
    let foreign = token(&home, "verify", "a.b.c");
    assert!(
        !foreign.succeeded && foreign.err.contains("Refused: "),
        "{foreign:?}"
    );
}

#[test]
fn inspecting_says_that_nothing_is_verified() {
    let home = Home::new();
    // {"alg":"none"} and {"sub":"anybody","exp":1767323045}
    let told = token(
        &home,
        "inspect",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbnlib2R5IiwiZXhwIjoxNzY3MzIzMDQ1fQ.",
    );
    assert!(told.succeeded && told.err.starts_with("NOT VERIFIED"), "{told:?}");
    assert!(told.out.contains(r#""sub": "anybody""#), "{told:?}");
    assert!(told.err.contains("exp is 2026-01-02T03:04:05Z"), "{told:?}");
    let nonsense = token(&home, "inspect", "nonsense");
    assert!(
        !nonsense.succeeded && nonsense.err.contains("not a JWT"),
        "{nonsense:?}"
    );
    assert!(!home.path().join("jeton.db").exists(), "it needs no database");
}

#[test]
fn what_the_playground_signs_verifies_and_opens_nothing() {
    let home = Home::new();
    let server = home.start();
    let signed = home.run(["token", "sign", r#"{"hello":"world"}"#]);
    assert!(signed.succeeded, "{signed:?}");
    let sample = signed.out.trim();
    assert_eq!(
        token(&home, "verify", sample).out,
        "{\n  \"hello\": \"world\"\n}\n"
    );
    let verified = server.post("/verify-token", Some(sample), &json!({}));
    assert_eq!(verified.body["user"], json!({ "hello": "world" }));
    assert_eq!(server.get("/protected", sample).status, StatusCode::UNAUTHORIZED);
    let broken = home.run(["token", "sign", "[]"]);
    assert!(
        !broken.succeeded && broken.err.contains("not a JSON object"),
        "{broken:?}"
    );
}

#[test]
fn looking_at_tokens_makes_no_keys() {
    let home = Home::new();
    let told = home.run(["token", "explain", "a.b.c"]);
    assert!(
        !told.succeeded && told.err.contains("there are no keys yet"),
        "{told:?}"
    );
    assert!(!home.path().join("jeton.key").exists());
}
