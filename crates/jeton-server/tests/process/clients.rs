use serde_json::json;
use ureq::http::StatusCode;

use crate::process::Home;

#[test]
fn a_program_made_on_the_command_line_follows_the_feed_of_a_running_service() {
    let home = Home::new();
    let server = home.start();
    let (id, secret) = home.feeder();
    let token = server.client_token(&id, &secret);
    assert_eq!(token.status, StatusCode::OK, "{token:?}");
    let token = token.text("access_token");
    assert_eq!(server.get("/revocations", &token).body["revocations"], json!([]));
    server.register("Romel");
    let access = server.login("Romel").text("access_token");
    server.post("/logout", Some(&access), &json!({}));
    let news = server.get("/revocations?wait=20", &token);
    assert_eq!(news.body["revocations"].as_array().unwrap().len(), 1);

    let disabled = home.run(["clients", "disable", &id]);
    assert!(
        disabled.succeeded && disabled.out.ends_with("(disabled)\n"),
        "{disabled:?}"
    );
    assert_eq!(server.client_token(&id, &secret).status, StatusCode::UNAUTHORIZED);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while server.get("/revocations", &token).status == StatusCode::OK {
        assert!(
            std::time::Instant::now() < deadline,
            "the server never heard of it"
        );
    }
}

#[test]
fn they_are_listed_changed_given_new_secrets_and_deleted() {
    let home = Home::new();
    let (id, secret) = home.feeder();
    let again = home.run(["clients", "create", "feeder"]);
    assert!(
        !again.succeeded && again.err.contains("belongs to another"),
        "{again:?}"
    );
    let list = home.run(["clients", "list"]).out;
    assert_eq!(list, format!("{id} feeder [revocations:read]\n"));
    let set = home.run(["clients", "set", &id, "--scope", "a", "--scope", "b"]);
    assert_eq!(set.out, format!("{id} feeder [a b]\n"));
    let rotated = home.run(["clients", "rotate", &id]);
    assert!(
        rotated.out.contains("client_secret jeton_sk_") && !rotated.out.contains(&secret),
        "{rotated:?}"
    );
    assert!(home.run(["clients", "delete", &id]).succeeded);
    assert_eq!(home.run(["clients", "list", "--json"]).out, "");
    let gone = home.run(["clients", "enable", &id]);
    assert!(!gone.succeeded && gone.err.contains("no such client"), "{gone:?}");
    let nobody = home.run(["clients", "enable", "nobody"]);
    assert!(!nobody.succeeded, "{nobody:?}");
}
