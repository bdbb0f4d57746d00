//! What the service does not start with, and what it says instead.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::process::{Finished, Home, Server};

/// Starts it with these variables, which must be refused before anything is made.
fn refused(home: &Home, variables: &[(&str, &str)], arguments: &[&str]) -> Finished {
    let mut command = home.command([]);
    command.envs(variables.iter().copied()).args(arguments);
    let finished = Finished::of(command.output().unwrap());
    assert!(!finished.succeeded, "it started");
    assert!(
        !finished.err.contains("listening on http:"),
        "the port was opened: {}",
        finished.err
    );
    finished
}

#[test]
fn a_weak_secret_is_refused_with_the_command_that_makes_a_good_one() {
    for weak in ["supersecret", "", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
        let home = Home::new();
        let said = refused(&home, &[("JWT_SECRET", weak)], &[]).err;
        assert!(
            said.contains("JWT_SECRET") && said.contains("openssl rand -base64 48"),
            "{said}"
        );
        assert!(
            weak.is_empty() || !said.contains(weak),
            "the secret is repeated: {said}"
        );
        assert!(!home.path().join("jeton.db").exists(), "a database was made");
    }
}

#[test]
fn a_weak_secret_in_dotenv_is_refused_too() {
    let home = Home::new();
    fs::write(home.path().join(".env"), "JWT_SECRET=supersecret\n").unwrap();
    let said = refused(&home, &[], &[]).err;
    assert!(said.contains("JWT_SECRET"), "{said}");
    assert!(!said.contains("supersecret"), "{said}");
}

#[test]
fn two_different_secrets_are_refused_and_one_under_both_names_is_not() {
    let home = Home::new();
    let secret = "Zq3vT8yB1nK6wE9rU2iO5pL7xC4mV0sD";
    let said = refused(
        &home,
        &[("JWT_SECRET", secret), ("JWT_SECRET_KEY", "another")],
        &[],
    )
    .err;
    assert!(said.contains("JWT_SECRET and JWT_SECRET_KEY"), "{said}");
    let mut command = home.command([]);
    command.env("JWT_SECRET", secret).env("JWT_SECRET_KEY", secret);
    Server::start(command);
}

#[test]
fn the_secret_before_needs_an_end_and_is_another() {
    let home = Home::new();
    let (secret, other) = (
        "Zq3vT8yB1nK6wE9rU2iO5pL7xC4mV0sD",
        "4inK]I+X+;n2+g*>AMQc{p99)9DB@a@!",
    );
    let (previous, until) = ("JWT_SECRET_PREVIOUS", "JWT_SECRET_PREVIOUS_UNTIL");
    let cases: [(&[_], &str); 6] = [
        (&[(previous, other)], "is set without JWT_SECRET_PREVIOUS_UNTIL"),
        (&[(until, "2100-01-01")], "is set without JWT_SECRET_PREVIOUS"),
        (
            &[(previous, other), (until, "tomorrow")],
            "write a time in UTC as in 2026-11-21",
        ),
        (
            &[(previous, secret), (until, "2100-01-01"), ("JWT_SECRET", secret)],
            "is the same as JWT_SECRET",
        ),
        (
            &[(previous, "supersecret"), (until, "2100-01-01")],
            "it has 11 bytes and HS256 needs at least 32",
        ),
        (
            &[(previous, "supersecret"), (until, "2100-01-01")],
            "JWT_SECRET_PREVIOUS (from the environment)",
        ),
    ];
    for (variables, expected) in cases {
        let said = refused(&home, variables, &[]).err;
        assert!(said.contains(expected), "expected {expected:?} in {said:?}");
        assert!(!said.contains("supersecret"), "{said}");
    }
    fs::write(
        home.path().join("jeton.toml"),
        "jwt_secret_previous = \"hush-hush\"",
    )
    .unwrap();
    let said = refused(&home, &[], &[]).err;
    assert!(
        said.contains("is a secret") && !said.contains("hush-hush"),
        "{said}"
    );
}

#[test]
fn an_unknown_or_wrong_setting_is_refused_by_name() {
    let home = Home::new();
    let cases: [(&[_], &[&str], &str); 11] = [
        (
            &[("JETON_LISTN", "127.0.0.1:0")],
            &[],
            "did you mean JETON_LISTEN?",
        ),
        (
            &[("JETON_LISTEN", "somewhere")],
            &[],
            "JETON_LISTEN (from the environment)",
        ),
        (
            &[],
            &["--refresh-grace", "121s"],
            "--refresh-grace (from the command line) is longer than 120s",
        ),
        (&[("JETON_REGISTRATION", "maybe")], &[], "neither open nor closed"),
        (
            &[("JETON_TRUSTED_PROXIES", "10.0.0.0/8, proxy.example")],
            &[],
            "JETON_TRUSTED_PROXIES (from the environment) is not usable: write addresses and networks",
        ),
        (
            &[],
            &["--address-limit", "0"],
            "--address-limit (from the command line) is not between 1 and 1000000",
        ),
        (
            &[],
            &["--free-failures", "0"],
            "--free-failures (from the command line) is not between 1 and 1000",
        ),
        (&[], &["--listen", "0.0.0.0:0"], "needs --issuer"),
        (
            &[("JETON_ISSUER", "http://id.example")],
            &["--listen", "0.0.0.0:0"],
            "is not https",
        ),
        (&[], &["--database-url", "mysql://db"], "sqlite:"),
        (
            &[("JETON_REDIS_URL", "localhost:6379")],
            &[],
            "JETON_REDIS_URL (from the environment) is not usable: it must begin with `redis://`",
        ),
    ];
    for (variables, arguments, expected) in cases {
        let said = refused(&home, variables, arguments).err;
        assert!(said.contains(expected), "expected {expected:?} in {said:?}");
    }
    let said = refused(&home, &[], &["--listn", "x"]).err;
    assert!(said.contains("--listen"), "{said}");
}

#[test]
fn a_broken_file_is_refused_without_showing_what_it_holds() {
    let home = Home::new();
    fs::write(home.path().join(".env"), "hush-hush\n").unwrap();
    let said = refused(&home, &[], &[]).err;
    assert!(said.contains(".env") && !said.contains("hush"), "{said}");
    fs::remove_file(home.path().join(".env")).unwrap();
    fs::write(home.path().join("jeton.toml"), "listen = {").unwrap();
    assert!(refused(&home, &[], &[]).err.contains("jeton.toml"));
    fs::write(home.path().join("jeton.toml"), "jwt_secret = \"hush-hush\"").unwrap();
    let said = refused(&home, &[], &[]).err;
    assert!(said.contains("is a secret") && !said.contains("hush"), "{said}");
    let said = refused(&home, &[], &["--config", "elsewhere.toml"]).err;
    assert!(said.contains("elsewhere.toml"), "{said}");
}

#[test]
fn a_lost_master_key_is_never_replaced() {
    let home = Home::new();
    drop(home.start());
    let key = home.path().join("jeton.key");
    let text = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let said = refused(&home, &[], &[]).err;
    assert!(
        said.contains("jeton.key") && said.contains("no new key was made"),
        "{said}"
    );
    assert!(!key.exists());

    let other = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    let said = refused(&home, &[("JETON_MASTER_KEY", other)], &[]).err;
    assert!(
        said.contains("cannot be opened") && !said.contains(other),
        "{said}"
    );

    fs::write(&key, text).unwrap();
    let said = refused(&home, &[], &[]).err;
    assert!(said.contains("chmod 600"), "{said}");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    drop(home.start());
}
