//! A back-up is restored: what was revoked after it was taken does not live again.

use std::fs;

use serde_json::{Value, json};
use ureq::http::StatusCode;

use crate::{
    databases::{postgres, run, sqlite, start_on},
    postgres_server::PostgresDatabase,
    process::{Finished, Home, Reply, Server, credentials},
};

/// Where a service keeps everything, and how that is saved and brought back.
enum Place {
    File,
    Database {
        url: String,
        /// The one to begin with, and the one to restore into.
        both: [PostgresDatabase; 2],
    },
}

impl Place {
    fn url(&self) -> &str {
        match self {
            Self::File => "sqlite://jeton.db",
            Self::Database { url, .. } => url,
        }
    }

    fn back_up(&self, home: &Home) {
        match self {
            Self::File => sqlite(
                home,
                &format!("VACUUM INTO '{}'", home.path().join("copy").display()),
            ),
            Self::Database { url, .. } => run("pg_dump", &["--file=copy", plain(url)], home.path()),
        }
    }

    fn restore(&mut self, home: &Home) {
        match self {
            Self::File => {
                for file in ["jeton.db", "jeton.db-wal", "jeton.db-shm"] {
                    // The last two are there or not.
                    let _ = fs::remove_file(home.path().join(file));
                }
                fs::rename(home.path().join("copy"), home.path().join("jeton.db")).unwrap();
            }
            Self::Database { url, both } => {
                both[1].url().clone_into(url);
                let arguments = ["--quiet", "--set=ON_ERROR_STOP=1", "--file=copy", plain(url)];
                run("psql", &arguments, home.path());
            }
        }
    }

    fn run<const N: usize>(&self, home: &Home, arguments: [&str; N]) -> Finished {
        let mut command = home.command(arguments);
        command.env("JETON_DATABASE_URL", self.url());
        Finished::of(command.output().unwrap())
    }
}

/// A URL without what only our side of it knows.
fn plain(url: &str) -> &str {
    url.split('?').next().unwrap_or(url)
}

struct Pair {
    access: String,
    refresh: String,
}

fn sign_in(server: &Server, name: &str) -> Pair {
    let reply = server.login(name);
    Pair {
        access: reply.text("access_token"),
        refresh: reply.text("refresh_token"),
    }
}

fn log_out(server: &Server, pair: &Pair, scope: &str) {
    let reply = server.post("/logout", Some(&pair.access), &json!({ "scope": scope }));
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
}

fn is_refused(reply: &Reply) {
    assert_eq!(
        (reply.status, reply.text("error")),
        (StatusCode::UNAUTHORIZED, "token_revoked".to_owned()),
        "{reply:?}"
    );
}

fn reset(code: &str, password: &str) -> Value {
    json!({ "username": "jane", "code": code, "new_password": password })
}

fn nothing_revoked_lives_again(mut place: Place) {
    let home = Home::new();
    let server = start_on(&home, place.url());
    for name in ["Romel", "john", "jane"] {
        assert_eq!(server.register(name).status, StatusCode::CREATED);
    }
    let (untouched, ended, everywhere) = (
        sign_in(&server, "Romel"),
        sign_in(&server, "Romel"),
        sign_in(&server, "john"),
    );
    let issued = place.run(&home, ["users", "reset-password", "jane", "--json"]);
    let issued: Value = serde_json::from_str(&issued.out).unwrap();
    let code = issued["code"].as_str().unwrap().to_owned();
    place.back_up(&home);

    log_out(&server, &ended, "session");
    log_out(&server, &everywhere, "all");
    let again = sign_in(&server, "john");
    log_out(&server, &again, "all");
    assert_eq!(server.register("late").status, StatusCode::CREATED);
    let late = sign_in(&server, "late");
    log_out(&server, &late, "session");
    let used = server.post("/password/reset", None, &reset(&code, "a passphrase of her own"));
    assert_eq!(used.status, StatusCode::OK, "{used:?}");
    server.kill();

    place.restore(&home);
    let server = start_on(&home, place.url());
    assert_eq!(
        server.get("/protected", &ended.access).status,
        StatusCode::OK,
        "a back-up that is only copied back brings to life what had ended"
    );
    server.kill();

    let said = place.run(&home, ["restored"]);
    assert!(said.succeeded, "{said:?}");
    let server = start_on(&home, place.url());
    for pair in [&untouched, &ended, &everywhere] {
        is_refused(&server.get("/protected", &pair.access));
        is_refused(&server.post("/refresh", Some(&pair.refresh), &json!({})));
    }
    // Of these the back-up has never heard.
    for pair in [&again, &late] {
        is_refused(&server.get("/protected", &pair.access));
        let unknown = server.post("/refresh", Some(&pair.refresh), &json!({}));
        assert_eq!(unknown.text("error"), "invalid_token");
    }
    let used = server.post("/password/reset", None, &reset(&code, "a thief's passphrase"));
    assert_eq!(used.text("error"), "invalid_code");

    let new = sign_in(&server, "john");
    assert_eq!(server.get("/protected", &new.access).status, StatusCode::OK);
    let refreshed = server.post("/refresh", Some(&new.refresh), &json!({}));
    assert_eq!(refreshed.status, StatusCode::OK);
    assert_eq!(
        server.post("/login", None, &credentials("jane")).status,
        StatusCode::OK
    );
    drop(server);
    let verified = place.run(&home, ["audit", "verify"]);
    assert!(verified.succeeded, "{verified:?}");
}

#[test]
fn nothing_revoked_lives_again_in_a_restored_file() {
    nothing_revoked_lives_again(Place::File);
}

#[test]
fn nothing_revoked_lives_again_in_a_restored_database() {
    let databases = [postgres(), postgres()];
    nothing_revoked_lives_again(Place::Database {
        url: databases[0].url().to_owned(),
        both: databases,
    });
}

#[test]
fn what_was_not_restored_is_said() {
    let home = Home::new();
    let said = home.run(["restored"]);
    assert!(
        !said.succeeded && said.err.contains("there is no file"),
        "{said:?}"
    );
    assert!(!home.path().join("jeton.db").exists(), "a database was made");
}
