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
    let samples = [
        "a-string-secret-at-least-256-bits-long",
        "super-secret-jwt-token-with-at-least-32-characters-long",
        "Your_Super_Secret_JWT_Key_Change_This_In_Production_2",
    ];
    let weak = ["supersecret", "", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"];
    for weak in weak.into_iter().chain(samples) {
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
fn a_variable_of_ours_that_is_no_text_is_refused() {
    let home = Home::new();
    let mut command = home.command([]);
    let latin = std::os::unix::ffi::OsStrExt::from_bytes(b"closed\xff");
    command.env(
        "FOREIGN",
        <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"\xff"),
    );
    command.env::<_, &std::ffi::OsStr>("JETON_REGISTRATION", latin);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(
        said.contains("JETON_REGISTRATION (from the environment) is no UTF-8"),
        "{said}"
    );
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
    let sample = "a-string-secret-at-least-256-bits-long";
    let cases: [(&[_], &str); 7] = [
        (
            &[(previous, sample), (until, "2100-01-01")],
            "it is a sample that documents and tutorials print",
        ),
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
    let cases: [(&[_], &[&str], &str); 19] = [
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
            &[],
            &["--listen", "localhost:5001"],
            "`localhost:5001` is no IP address with a port",
        ),
        (
            &[],
            &["--log", "verbose"],
            "--log (from the command line) is not usable: `verbose` is none of off",
        ),
        (
            &[("JETON_LOG", "jeton_server")],
            &[],
            "JETON_LOG (from the environment) is not usable",
        ),
        (
            &[],
            &["--access-lifetime", "15"],
            "--access-lifetime (from the command line) is not usable: write a whole number and a unit",
        ),
        (
            &[("JETON_CORS_ORIGINS", "https://*.example.org")],
            &[],
            "JETON_CORS_ORIGINS (from the environment) is not usable: `https://*.example.org` holds a `*`",
        ),
        (
            &[],
            &["--cors-origins", "https://app.example.org/"],
            "would write https://app.example.org",
        ),
        (&[], &["--signing-algorithm", "HS256"], "`HS256` is none of RS256"),
        (
            &[
                ("JWT_SECRET", "Zq3vT8yB1nK6wE9rU2iO5pL7xC4mV0sD"),
                ("JETON_SIGNING_ALGORITHM", "RS256"),
            ],
            &[],
            "JETON_SIGNING_ALGORITHM (from the environment) is set beside JWT_SECRET",
        ),
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
    fs::write(home.path().join(".env"), "FLASK_APP\nJWT_SECRET hush-hush\n").unwrap();
    let said = refused(&home, &[], &[]).err;
    assert!(
        said.contains(".env cannot be read: line 2") && !said.contains("hush"),
        "{said}"
    );
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

#[test]
fn the_tutorials_dotenv_is_read_as_its_own_reader_reads_it() {
    let home = Home::new();
    // Other programs' lines, and one that a shell would make something else of.
    let dotenv = "\u{feff}FLASK_APP: app.py\nJWT_SECRET=4inK]I+X+;n2+g\"*>AMQc{p99)9DB@a@\n";
    fs::write(home.path().join(".env"), dotenv).unwrap();
    let server = home.start();
    server.register("Romel");
    let token = server.login("Romel").text("token");
    let secret = jeton::SigningKey::hs256("4inK]I+X+;n2+g\"*>AMQc{p99)9DB@a@").unwrap();
    let verified = jeton::jws::Verifier::new(secret.verifying_key()).verify(&token);
    assert!(verified.is_ok(), "it is signed with something else: {verified:?}");
}

#[test]
fn a_port_that_is_taken_is_named_with_the_way_out() {
    let (one, other) = (Home::new(), Home::new());
    let server = one.start();
    let said = refused(&other, &[], &["--listen", server.authority()]).err;
    let expected = format!("cannot listen on {}: Address already in use", server.authority());
    assert!(said.contains(&expected) && said.contains("--listen"), "{said}");
}

/// Root writes everywhere but here.
const UNWRITABLE: &str = "/proc";

#[test]
fn a_place_that_cannot_be_written_is_named_with_the_setting_that_chooses_it() {
    let home = Home::new();
    let said = refused(&home, &[], &["--database-url", "sqlite:///proc/jeton.db"]).err;
    assert!(
        said.contains(&format!("its folder, {UNWRITABLE};")) && said.contains("--database-url"),
        "{said}"
    );
    let said = refused(&home, &[], &["--master-key-file", "/proc/jeton.key"]).err;
    assert!(
        said.contains("the master key's file /proc/jeton.key cannot be made")
            && said.contains("--master-key-file"),
        "{said}"
    );
}
