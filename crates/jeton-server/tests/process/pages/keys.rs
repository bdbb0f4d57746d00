//! docs/keys.md.

use std::fs;

use jeton::{Algorithm, SigningKey};
use ureq::http::StatusCode;

use super::{Try, each_works, is_variable, lived_in, page, shell, write_private};
use crate::process::Home;

#[test]
fn every_command_works_as_it_is_written() {
    let home = lived_in();
    let key = SigningKey::generate(Algorithm::Rs256).unwrap();
    fs::write(home.path().join("key.pem"), key.to_pem().unwrap().as_bytes()).unwrap();
    each_works("keys.md", &home, &TRIES);
}

const RETIRE: &str = "jeton keys rotate > plan && \
                      jeton keys retire \"$(jeton keys list --json | jq -r 'select(.state == \"pending\").kid')\" && \
                      jeton keys list";

const TRIES: [Try; 14] = [
    Try::typed(
        "jeton keys",
        "jeton keys list --json | jq -r .state",
        "signing\nsigning\nsigning\n",
    ),
    Try::new("jeton keys list", " access     ES256     signing  since 20"),
    Try::new("jeton keys rotate --plan", "Z  the new key signs\n"),
    Try::typed(
        "jeton keys rotate",
        "jeton keys rotate && jeton keys list",
        " access     ES256     pending  signs from 20",
    ),
    Try::typed(
        "jeton keys rotate --algorithm RS256",
        "jeton keys rotate --algorithm RS256 && jeton keys list",
        " access     RS256     pending  signs from 20",
    ),
    Try::typed(
        "jeton keys rotate --purpose refresh",
        "jeton keys rotate --purpose refresh && jeton keys list",
        " refresh    HS256     pending  signs from 20",
    ),
    Try::typed(
        "jeton keys import key.pem --algorithm RS256",
        "jeton keys import key.pem --algorithm RS256 && jeton keys list",
        " access     RS256     pending  signs from 20",
    ),
    Try::typed(
        "jeton keys retire KID",
        RETIRE,
        " retired  given up before it signed\n",
    ),
    Try::typed(
        "jeton keys retire",
        RETIRE,
        " retired  given up before it signed\n",
    ),
    Try::typed(
        "jeton keys rotate --emergency --yes",
        "jeton keys rotate --emergency --yes && jeton keys list | grep retired",
        " access     ES256     retired  since 20",
    ),
    Try::new(
        "jeton keys rotate --purpose refresh --emergency --yes",
        "\n1 session has ended\n",
    ),
    Try::typed(
        "jeton audit export",
        "jeton audit export trail.jsonl && cat trail.jsonl",
        "{\"seal\":{",
    ),
    Try::new("openssl rand -base64 32", "=\n"),
    Try::new(
        "jeton keys reseal",
        "every key was under this master key already\n",
    ),
];

/// The lines of `.env` that the page has, of the block that begins to set this variable.
fn variables(name: &str, new: &str, old: &str) -> String {
    let text = page("keys.md");
    let begins = |block: &&str| {
        block
            .lines()
            .find(|line| is_variable(line))
            .is_some_and(|line| line.starts_with(name))
    };
    let block = text.split("```").skip(1).step_by(2).find(begins).unwrap();
    let lines = block.lines().filter(|line| is_variable(line));
    // The time is the reader's, too.
    let lines = lines.map(|line| {
        line.replace("…new…", new)
            .replace("…old…", old)
            .replace("2030-01-01", "2999-01-01")
    });
    lines.map(|line| line + "\n").collect()
}

fn random(home: &Home) -> String {
    shell(home, "openssl rand -base64 32").out.trim().to_owned()
}

#[test]
fn the_secret_is_changed_and_left_as_it_is_written() {
    let home = Home::new();
    let (old, new) = (random(&home), random(&home));
    write_private(&home, ".env", &format!("JWT_SECRET={old}\n"));
    let server = home.start();
    server.register("Romel");
    let before = server.login("Romel").text("access_token");
    drop(server);

    let changing = variables("JWT_SECRET=", &new, &old);
    write_private(&home, ".env", &changing);
    let server = home.start();
    let after = server.login("Romel").text("access_token");
    for token in [&before, &after] {
        assert_eq!(server.get("/protected", token).status, StatusCode::OK);
    }
    drop(server);
    write_private(&home, ".env", &format!("JWT_SECRET={new}\n"));
    let server = home.start();
    assert_eq!(server.get("/protected", &before).status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.get("/protected", &after).status, StatusCode::OK);
    drop(server);

    // "or none: then the keys in the database sign".
    let (_, previous) = changing.split_once('\n').unwrap();
    write_private(&home, ".env", previous);
    let server = home.start();
    assert_eq!(server.get("/protected", &before).status, StatusCode::OK);
    let keys = server.get("/.well-known/jwks.json", "none").body;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
}

#[test]
fn the_master_key_is_changed_as_it_is_written() {
    let home = lived_in();
    let old = fs::read_to_string(home.path().join("jeton.key")).unwrap();
    let new = random(&home);
    let both = variables("JETON_MASTER_KEY=", &new, old.trim());
    write_private(&home, ".env", &both);
    let server = home.start();
    let token = server.login("Romel").text("access_token");
    let resealed = shell(&home, "jeton keys reseal");
    assert_eq!(
        resealed.out, "3 keys are under the new master key now\n",
        "{resealed:?}"
    );
    drop(server);

    let (only_new, _) = both.split_once('\n').unwrap();
    write_private(&home, ".env", only_new);
    let server = home.start();
    assert_eq!(server.get("/protected", &token).status, StatusCode::OK);
    let again = shell(&home, "jeton keys reseal");
    assert_eq!(
        again.out, "every key was under this master key already\n",
        "{again:?}"
    );
}
