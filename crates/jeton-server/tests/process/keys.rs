//! The keys as their owner changes them, beside a running service that is not started again.

use std::{
    fs,
    time::{Duration, Instant},
};

use jeton::{Algorithm, KeySet, SigningKey, Verified, Verifier};
use jeton_server::service::machinery::{
    claims::Access,
    clock::{Clock, SystemClock},
};
use serde_json::{Value, json};
use ureq::http::StatusCode;

use crate::process::{Finished, Home, Reply, Server};

fn list(home: &Home) -> Vec<Value> {
    let listed = home.run(["keys", "list", "--json"]);
    assert!(listed.succeeded, "{listed:?}");
    let lines = listed.out.lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The keys of a purpose and what they do, the newest first.
fn states(home: &Home, purpose: &str) -> Vec<(String, String)> {
    let text = |key: &Value, name: &str| key[name].as_str().unwrap().to_owned();
    let keys = list(home).into_iter().filter(|key| key["purpose"] == purpose);
    keys.map(|key| (text(&key, "kid"), text(&key, "state"))).collect()
}

fn published(server: &Server) -> Reply {
    server.get("/.well-known/jwks.json", "none")
}

/// The name of the key that a command made and printed as JSON.
fn made(rotated: &Finished) -> String {
    let plan: Value = serde_json::from_str(&rotated.out).unwrap();
    plan["kid"].as_str().unwrap().to_owned()
}

/// Waits for a running service to have heard.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::yield_now();
    }
}

fn failed(finished: &Finished, expected: &str) {
    assert!(
        !finished.succeeded && finished.err.contains(expected),
        "{finished:?}"
    );
}

fn kid(token: &str) -> String {
    let header = token.split('.').next().unwrap();
    let header = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(header).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

#[test]
fn a_key_is_planned_published_and_given_up_while_the_service_runs() {
    let home = Home::new();
    failed(&home.run(["keys", "rotate"]), "start the service once");
    let server = home.start();
    assert_eq!(list(&home).len(), 3);
    let (old, state) = states(&home, "access").pop().unwrap();
    assert_eq!(state, "signing");

    let plan = home.run(["keys", "rotate", "--plan", "--json"]);
    let times: Value = serde_json::from_str(&plan.out).unwrap();
    let waits = times["signs_from"].as_i64().unwrap() - times["published_at"].as_i64().unwrap();
    assert_eq!((waits, &times["kid"]), (340, &Value::Null));
    assert_eq!(times["replaced"][0]["kid"], old);
    assert_eq!(list(&home).len(), 3, "a plan does nothing");

    let rotated = home.run(["keys", "rotate", "--algorithm", "RS256"]);
    assert!(
        rotated.succeeded && rotated.out.contains(" signs\n"),
        "{rotated:?}"
    );
    let now = states(&home, "access");
    let (new, _) = now[0].clone();
    assert_eq!(
        now,
        [
            (new.clone(), "pending".to_owned()),
            (old.clone(), "signing".to_owned())
        ]
    );
    until("both are published", || {
        published(&server).body["keys"].as_array().unwrap().len() == 2
    });
    failed(&home.run(["keys", "rotate"]), "waits to sign from 20");
    failed(
        &home.run(["keys", "retire", &old]),
        "signs: put another in its place first",
    );
    failed(
        &home.run(["keys", "retire", "nothing"]),
        "there is no key named \"nothing\"",
    );

    assert!(home.run(["keys", "retire", &new]).succeeded);
    until("it is given up", || {
        published(&server).body["keys"].as_array().unwrap().len() == 1
    });
    assert!(
        home.run(["keys", "retire", &new])
            .out
            .contains("is retired already")
    );
    let people = home.run(["keys", "list"]).out;
    assert!(
        people
            .lines()
            .any(|line| line.starts_with(&old) && line.contains("access     ES256     signing")),
        "{people}"
    );
    assert!(
        people
            .lines()
            .any(|line| line.starts_with(&new) && line.ends_with("retired  given up before it signed")),
        "{people}"
    );
    let trail = home
        .run(["audit", "list", "--action", "key.retired", "--json"])
        .out;
    assert!(trail.contains(&new) && trail.contains("command-line"), "{trail}");
}

#[test]
fn an_emergency_is_heeded_at_once() {
    let home = Home::new();
    let server = home.start();
    server.register("Romel");
    let pair = server.login("Romel");
    let (access, refresh) = (pair.text("access_token"), pair.text("refresh_token"));
    failed(&home.run(["keys", "rotate", "--emergency"]), "confirm with --yes");
    assert_eq!(server.get("/protected", &access).status, StatusCode::OK);

    let rotated = home.run(["keys", "rotate", "--emergency", "--yes", "--json"]);
    assert!(rotated.succeeded, "{rotated:?}");
    let new = made(&rotated);
    until("what the lost key signed is refused", || {
        server.get("/protected", &access).status == StatusCode::UNAUTHORIZED
    });
    let again = server.post("/refresh", Some(&refresh), &json!({}));
    let (access, refresh) = (again.text("access_token"), again.text("refresh_token"));
    assert_eq!(kid(&access), new);

    let rotated = home.run(["keys", "rotate", "--purpose", "refresh", "--emergency", "--yes"]);
    assert!(rotated.out.contains("1 session has ended"), "{rotated:?}");
    until("its sessions have ended", || {
        server.get("/protected", &access).body["error"] == "token_revoked"
    });
    let refused = server.post("/refresh", Some(&refresh), &json!({}));
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let pair = server.login("Romel");
    let again = server.post("/refresh", Some(&pair.text("refresh_token")), &json!({}));
    assert_eq!(again.status, StatusCode::OK);
}

#[test]
fn a_key_made_elsewhere_signs_what_its_public_half_verifies() {
    let home = Home::new();
    let server = home.start();
    server.register("Romel");
    let key = SigningKey::generate(Algorithm::Rs256).unwrap();
    let file = home.path().join("key.pem");
    fs::write(&file, key.to_pem().unwrap().as_bytes()).unwrap();
    failed(
        &home.run(["keys", "import", "key.pem", "--emergency", "--yes"]),
        "--algorithm RS256",
    );
    let import = [
        "keys",
        "import",
        "key.pem",
        "--algorithm",
        "RS256",
        "--emergency",
        "--yes",
    ];
    let imported = home.run(import);
    assert!(imported.succeeded, "{imported:?}");
    failed(&home.run(import), "is or was here already");
    let name = key.verifying_key().thumbprint().unwrap();
    until("it is published", || {
        published(&server).body["keys"][0]["kid"] == *name
    });

    let access = server.login("Romel").text("access_token");
    let keys = KeySet::from_jwks(&published(&server).body.to_string()).unwrap();
    let verifier = Verifier::builder(keys)
        .issuer("http://localhost:5000")
        .audience("http://localhost:5000")
        .build();
    let token: Verified<Access> = verifier.verify_at(&access, SystemClock.now()).unwrap();
    assert_eq!((token.claims().username.as_str(), kid(&access)), ("Romel", name));
}

#[test]
fn a_jwk_brings_its_name_and_a_secret_may_sign_refresh_tokens() {
    let home = Home::new();
    drop(home.start());
    let jwk = |algorithm, kid: &str| {
        let key = SigningKey::generate(algorithm).unwrap().with_kid(kid);
        key.to_private_jwk().unwrap().to_string()
    };
    let import =
        |purpose: &str, jwk: &str| home.run_with_input(["keys", "import", "-", "--purpose", purpose], jwk);
    let ed25519 = import("access", &jwk(Algorithm::EdDsa, "2026-11"));
    assert!(ed25519.succeeded, "{ed25519:?}");
    failed(
        &import("refresh", &jwk(Algorithm::Es256, "x")),
        "ES256 cannot sign refresh tokens",
    );
    let secret = jwk(Algorithm::Hs512, "refresh-2026");
    let imported = import("refresh", &secret);
    assert!(imported.succeeded, "{imported:?}");
    assert_eq!(states(&home, "access")[0], ("2026-11".into(), "pending".into()));
    assert_eq!(
        states(&home, "refresh")[0],
        ("refresh-2026".into(), "pending".into())
    );
    home.start().register("Romel");

    failed(
        &import("playground", &jwk(Algorithm::Es256, "two words")),
        "visible ASCII",
    );
    failed(
        &import("playground", &jwk(Algorithm::Es256, "2026-11")),
        "is or was here already",
    );
    let public = SigningKey::generate(Algorithm::Es256)
        .unwrap()
        .verifying_key()
        .to_pem()
        .unwrap();
    failed(&import("access", &public), "this is not a private key");
    failed(&import("access", "{}"), "-: ");
    failed(&import("access", "nonsense"), "-: ");
    failed(
        &import("root", "{}"),
        "none of access, refresh, playground, id-es256, id-rs256 and id-eddsa",
    );
    failed(&home.run(["keys", "import", "nowhere.pem"]), "nowhere.pem: ");
    failed(
        &home.run(["keys", "rotate", "--algorithm", "none"]),
        "it is none of HS256, ",
    );
}

const NEW: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

#[test]
fn the_master_key_is_changed_and_nobody_notices() {
    let home = Home::new();
    let mut server = home.start();
    server.register("Romel");
    let pair = server.login("Romel");
    let token = pair.text("access_token");
    server.terminate();
    server.wait();

    let changing = [
        ("JETON_MASTER_KEY", NEW),
        ("JETON_MASTER_KEY_PREVIOUS_FILE", "jeton.key"),
    ];
    let with = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = home.command([]);
        command.args(arguments).envs(variables.iter().copied());
        command
    };
    let run = |variables: &[(&str, &str)], arguments: &[&str]| {
        Finished::of(with(variables, arguments).output().unwrap())
    };
    failed(&run(&changing[..1], &["keys", "reseal"]), "cannot be opened");
    // One node has both, the other has not been started again yet: what either makes, both open.
    let (one, other) = (Server::start(with(&changing, &[])), home.start());
    let rotated = run(&changing, &["keys", "rotate", "--emergency", "--yes", "--json"]);
    assert!(rotated.succeeded, "{rotated:?}");
    let new = made(&rotated);
    until("one has heard", || published(&one).body["keys"][0]["kid"] == *new);
    let again = one.post("/refresh", Some(&pair.text("refresh_token")), &json!({}));
    let fresh = again.text("access_token");
    until("the other has heard", || {
        other.get("/protected", &fresh).status == StatusCode::OK
    });
    drop(other);
    assert!(run(&changing, &["audit", "verify"]).succeeded);
    let resealed = run(&changing, &["keys", "reseal"]);
    assert!(
        resealed.out.starts_with("4 keys are under the new master key"),
        "{resealed:?}"
    );
    assert!(
        run(&changing, &["keys", "reseal"])
            .out
            .starts_with("every key was")
    );
    assert_eq!(one.get("/protected", &fresh).status, StatusCode::OK);
    drop(one);

    let only_new = &changing[..1];
    let server = Server::start(with(only_new, &[]));
    assert_eq!(server.get("/protected", &fresh).status, StatusCode::OK);
    assert_ne!(fresh, token);
    server.login("Romel").text("refresh_token");
    let verified = run(only_new, &["audit", "verify"]);
    assert!(
        verified.succeeded && verified.out.starts_with("The trail is as it was written"),
        "{verified:?}"
    );
    let trail = run(only_new, &["audit", "list", "--action", "key.resealed"]).out;
    assert!(trail.contains("key.resealed"), "{trail}");
    drop(server);
    failed(&home.run([]), "cannot be opened");
    let again = run(
        &[("JETON_MASTER_KEY", NEW), ("JETON_MASTER_KEY_PREVIOUS", NEW)],
        &[],
    );
    failed(&again, "are the same");
    assert!(!again.err.contains(NEW));
}
