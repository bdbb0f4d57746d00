//! Where settings come from, and where people read of them.

use std::fs;

use jeton_server::config::{Kind, settings::ALL};

use crate::process::{Finished, Home, Server};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
const IGNORED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.gitignore");

#[test]
fn settings_come_from_flags_over_the_environment_over_dotenv_over_the_file() {
    let home = Home::new();
    fs::write(
        home.path().join("jeton.toml"),
        "audience = \"file\"\nrefresh_grace = \"5s\"\n",
    )
    .unwrap();
    fs::write(
        home.path().join(".env"),
        "JETON_AUDIENCE=dotenv\nJETON_REFRESH_LIFETIME=1d\n",
    )
    .unwrap();
    let mut command = home.command(["config", "--audience", "flag"]);
    let said = String::from_utf8(
        command
            .env("JETON_AUDIENCE", "environment")
            .output()
            .unwrap()
            .stdout,
    )
    .unwrap();
    let line = |key: &str| {
        said.lines()
            .find(|line| line.starts_with(key))
            .unwrap()
            .split_whitespace()
            .collect::<Vec<_>>()
    };
    assert_eq!(line("audience").join(" "), "audience flag from the command line");
    assert_eq!(
        line("refresh_lifetime").join(" "),
        "refresh_lifetime 1d from .env"
    );
    assert_eq!(
        line("refresh_grace").join(" "),
        "refresh_grace 5s from the configuration file"
    );
    assert_eq!(
        line("access_lifetime").join(" "),
        "access_lifetime 15m from the default"
    );
}

#[test]
fn every_setting_is_shown_also_one_that_nobody_set_and_no_secret_is() {
    let home = Home::new();
    let secret = "Zq3vT8yB1nK6wE9rU2iO5pL7xC4mV0sD";
    let shown = |home: &Home| {
        let shown = home.run(["config"]);
        assert!(shown.succeeded && !shown.out.contains(secret), "{shown:?}");
        let lines = shown.out.lines();
        lines
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()
    };
    let without = shown(&home);
    assert_eq!(without.len(), ALL.len());
    for unset in [
        "JWT_SECRET",
        "JETON_MASTER_KEY",
        "audience",
        "cors_origins",
        "redis_url",
    ] {
        assert!(
            without.contains(&format!("{unset} (not set)")),
            "{unset}: {without:?}"
        );
    }
    fs::write(home.path().join(".env"), format!("JWT_SECRET={secret}\n")).unwrap();
    let with = shown(&home);
    assert!(
        with.contains(&"JWT_SECRET (set, not shown) from .env".to_owned()),
        "{with:?}"
    );
}

#[test]
fn the_help_names_every_setting_and_secret_once_where_it_belongs() {
    let home = Home::new();
    for arguments in [&["--help"][..], &["serve", "--help"], &["config", "--help"]] {
        let help = help(&home, arguments);
        for setting in ALL {
            let named = match setting.kind {
                Kind::Secret => format!("\n  {} ", setting.variable()),
                Kind::Plain | Kind::Url | Kind::Switch => format!("--{}", setting.name),
            };
            assert!(help.contains(&named), "{arguments:?} has no {named}");
        }
    }
    for arguments in [
        &["users", "--help"][..],
        &["users", "create", "--help"],
        &["keys", "rotate", "--help"],
    ] {
        let help = help(&home, arguments);
        assert!(
            help.contains("--database-url") && help.contains("jeton --help"),
            "{help}"
        );
        for foreign in ["--listen", "--argon2-memory-kib", "--cors-origins", "JWT_SECRET"] {
            assert!(!help.contains(foreign), "{arguments:?} has {foreign}");
        }
    }
    let url = format!("sqlite://{}/other.db", home.path().display());
    let taken = home.run([
        "users",
        "list",
        "--database-url",
        &url,
        "--registration",
        "closed",
    ]);
    assert!(
        taken.succeeded && home.path().join("other.db").exists(),
        "{taken:?}"
    );
}

fn help(home: &Home, arguments: &[&str]) -> String {
    let mut command = home.command([]);
    Finished::of(command.args(arguments).output().unwrap()).out
}

#[test]
fn the_readmes_table_has_every_setting_with_its_default() {
    let readme = fs::read_to_string(README).unwrap();
    let table = readme
        .split("| flag | variable |")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    for setting in ALL {
        let name = match setting.kind {
            Kind::Secret => format!("`{}`", setting.variable()),
            Kind::Plain | Kind::Url | Kind::Switch => format!("`--{}`", setting.name),
        };
        let row = table.lines().find(|line| line.contains(&name));
        let row = row.unwrap_or_else(|| panic!("README has no {name}"));
        if let Some(default) = setting.default.filter(|_| setting.kind != Kind::Switch) {
            assert!(row.contains(&format!("`{default}`")), "{default} is not in {row}");
        }
    }
}

#[test]
fn git_ignores_what_the_readme_has_people_make() {
    let (readme, ignored) = (
        fs::read_to_string(README).unwrap(),
        fs::read_to_string(IGNORED).unwrap(),
    );
    let made = readme
        .split("| tee ")
        .skip(1)
        .map(|rest| rest.split_whitespace().next().unwrap());
    let made: Vec<_> = made.collect();
    assert_eq!(made.len(), 3);
    for file in made {
        assert!(ignored.lines().any(|line| line == format!("/{file}")), "{file}");
    }
}

#[test]
fn the_first_key_is_of_the_kind_that_was_asked_for() {
    let home = Home::new();
    let started = |algorithm: &str| {
        let mut command = home.command(["--signing-algorithm", algorithm]);
        command.env("JETON_LOG", "info");
        Server::start(command)
    };
    let key = |server: &Server| server.get("/.well-known/jwks.json", "").body["keys"][0].clone();
    let server = started("RS256");
    let first = key(&server);
    assert_eq!((&first["alg"], &first["kty"]), (&"RS256".into(), &"RSA".into()));
    server.register("Romel");
    assert!(server.login("Romel").text("token").starts_with("eyJ"));
    drop(server);
    assert_eq!(key(&started("ES256")), first, "later it changes nothing");
}
