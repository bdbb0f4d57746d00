use jeton::{Algorithm, SigningKey};
use serde_json::{Value, json};
use ureq::http::StatusCode;

use crate::process::{Finished, Home};

fn clients(home: &Home, arguments: &[&str]) -> Finished {
    let mut command = home.command(["clients"]);
    Finished::of(command.args(arguments).output().unwrap())
}

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

#[test]
fn an_application_is_made_shown_and_changed() {
    let home = Home::new();
    let made = home.run([
        "clients",
        "create",
        "app",
        "--public",
        "--redirect-uri",
        "com.example.app:/callback",
        "--redirect-uri",
        "http://127.0.0.1/callback",
        "--first-party",
        "--json",
    ]);
    assert!(made.succeeded, "{made:?}");
    let made: Value = serde_json::from_str(&made.out).unwrap();
    let id = made["client_id"].as_str().unwrap();
    assert_eq!(made, json!({ "client_id": id }), "a public client has no secret");
    let shown = |arguments: &[&str]| -> Value {
        let said = clients(&home, arguments);
        assert!(said.succeeded, "{said:?}");
        serde_json::from_str(&said.out).unwrap()
    };
    let app = shown(&["show", id, "--json"]);
    assert_eq!(app["first_party"], true);
    assert_eq!(app["token_endpoint_auth_method"], "none");
    assert_eq!(
        app["redirect_uris"],
        json!(["com.example.app:/callback", "http://127.0.0.1/callback"])
    );
    let changed = shown(&[
        "change",
        id,
        "--name",
        "renamed",
        "--redirect-uri",
        "http://127.0.0.1/callback",
        "--auth-method",
        "client_secret_basic",
        "--id-token-alg",
        "RS256",
        "--first-party=false",
        "--client-uri",
        "https://app.example",
        "--json",
    ]);
    assert_eq!(changed["name"], "renamed");
    assert_eq!(changed["id_token_signed_response_alg"], "RS256");
    assert_eq!(changed["client_uri"], "https://app.example");
    assert_eq!(changed["first_party"], false);
    let cleared = shown(&["update", id, "--client-uri", "", "--scope", "", "--json"]);
    assert!(cleared.get("client_uri").is_none(), "{cleared}");
    assert_eq!(cleared["scopes"], json!([]));
    assert_eq!(cleared["redirect_uris"], json!(["http://127.0.0.1/callback"]));
    assert!(
        home.run(["clients", "rotate", id])
            .out
            .contains("client_secret jeton_sk_")
    );
    let broken = home.run(["clients", "change", id, "--redirect-uri", ""]);
    assert!(
        !broken.succeeded && broken.err.contains("`redirect_uris` is empty"),
        "{broken:?}"
    );
    let shown = home.run(["clients", "show", id]).out;
    assert!(
        shown.contains("redirect_uris                  http://127.0.0.1/callback\n"),
        "{shown}"
    );
}

#[test]
fn a_client_proves_itself_by_keys_of_a_file() {
    let home = Home::new();
    let key = SigningKey::generate(Algorithm::Es256).unwrap().with_kid("a");
    let jwks = json!({ "keys": [key.verifying_key().to_jwk().unwrap()] });
    let file = home.path().join("keys.json");
    std::fs::write(&file, jwks.to_string()).unwrap();
    let create = |name: &str, file: &str| {
        home.run([
            "clients",
            "create",
            name,
            "--auth-method",
            "private_key_jwt",
            "--jwks",
            file,
            "--json",
        ])
    };
    let made = create("robot", file.to_str().unwrap());
    assert!(made.succeeded, "{made:?}");
    let made: Value = serde_json::from_str(&made.out).unwrap();
    let id = made["client_id"].as_str().unwrap();
    let shown: Value = serde_json::from_str(&home.run(["clients", "show", id, "--json"]).out).unwrap();
    assert_eq!(shown["jwks"], jwks);
    let private = json!({ "keys": [serde_json::from_str::<Value>(&key.to_private_jwk().unwrap()).unwrap()] });
    std::fs::write(&file, private.to_string()).unwrap();
    let refused = create("other", file.to_str().unwrap());
    assert!(
        !refused.succeeded && refused.err.contains("`jwks` has a private or symmetric key"),
        "{refused:?}"
    );
    let missing = create("other", "nowhere.json");
    assert!(
        !missing.succeeded && missing.err.contains("cannot read nowhere.json"),
        "{missing:?}"
    );
}

#[test]
fn a_preset_registers_a_program_and_prints_its_settings() {
    let home = Home::new();
    let create = |name: &str, more: &[&str]| {
        let mut arguments = vec!["create", name, "--preset", "grafana"];
        arguments.extend(more);
        clients(&home, &arguments)
    };
    let made = create("grafana", &["--url", "https://grafana.example"]);
    assert!(made.succeeded, "{made:?}");
    let value = |name: &str| {
        let line = made.out.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim().to_owned()
    };
    let (id, secret) = (value("client_id "), value("client_secret "));
    for line in [
        format!("client_id = {id}\n"),
        format!("client_secret = {secret}\n"),
        "root_url = https://grafana.example/\n".to_owned(),
        "token_url = http://localhost:5000/oauth/token\n".to_owned(),
    ] {
        assert!(made.out.contains(&line), "{line} {made:?}");
    }
    let shown: Value = serde_json::from_str(&home.run(["clients", "show", &id, "--json"]).out).unwrap();
    assert_eq!(
        shown["redirect_uris"],
        json!(["https://grafana.example/login/generic_oauth"])
    );
    let with_flags = create("second", &["--scope", "openid", "--first-party", "--json"]);
    let made: Value = serde_json::from_str(&with_flags.out).unwrap();
    assert_eq!(made["issuer"], "http://localhost:5000");
    let settings = made["settings"].as_str().unwrap();
    assert!(
        settings.contains(made["client_secret"].as_str().unwrap()),
        "{settings}"
    );
    let id = made["client_id"].as_str().unwrap();
    let shown: Value = serde_json::from_str(&home.run(["clients", "show", id, "--json"]).out).unwrap();
    assert_eq!(shown["scopes"], json!(["openid"]), "flags have the last word");
    let nowhere = create("third", &["--url", "ftp://grafana.example"]);
    assert!(
        !nowhere.succeeded && nowhere.err.contains("--url ftp://grafana.example"),
        "{nowhere:?}"
    );
}

#[test]
fn doctor_names_clients_that_sign_people_in_without_pkce() {
    let home = Home::new();
    let found = || {
        let said = home.run(["doctor", "--json"]);
        let checks: Vec<Value> = serde_json::from_str(&said.out).unwrap();
        checks.into_iter().find(|check| check["id"] == "pkce").unwrap()
    };
    assert!(clients(&home, &["create", "grafana", "--preset", "grafana"]).succeeded);
    assert_eq!(found()["ok"], true);
    let made = clients(&home, &["create", "my outline", "--preset", "outline", "--json"]);
    let made: Value = serde_json::from_str(&made.out).unwrap();
    let told = found();
    assert_eq!(told["ok"], false);
    assert!(
        told["message"].as_str().unwrap().ends_with(": my outline"),
        "{told}"
    );
    let id = made["client_id"].as_str().unwrap();
    assert!(clients(&home, &["change", id, "--pkce", "required"]).succeeded);
    assert_eq!(found()["ok"], true);
}
