//! Databases that are full, damaged, deleted or lost, and what is said of those that cannot be opened.

use std::{
    fs::{self, OpenOptions, Permissions},
    net::TcpListener,
    os::unix::fs::{FileExt, PermissionsExt},
    path::Path,
    process::Command,
};

use serde_json::json;
use ureq::http::StatusCode;

use crate::{
    databases::{number, sqlite},
    process::{Finished, Home, Reply, Server},
};

fn assert_unavailable(reply: &Reply, code: &str) {
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{reply:?}");
    assert_eq!(reply.text("error"), code, "{reply:?}");
    assert_eq!(reply.retry_after, Some(5));
}

fn assert_ready(server: &Server) {
    let reply = server.get("/readyz", "");
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
}

/// Ends a server as a service manager does, so that everything is in the one file.
fn stop(mut server: Server) {
    server.terminate();
    assert!(server.wait());
}

/// Starts a server that does not come up, and gives back what it says.
fn refused(home: &Home, url: &str) -> String {
    let finished = Finished::of(home.command([]).env("JETON_DATABASE_URL", url).output().unwrap());
    assert!(!finished.succeeded, "it started");
    finished.err
}

#[test]
fn nothing_is_acknowledged_once_a_file_of_the_database_is_gone() {
    for name in ["jeton.db", "jeton.db-wal", "jeton.db-shm"] {
        let home = Home::new();
        let server = home.start();
        assert_eq!(server.register("Romel").status, StatusCode::CREATED);
        assert_ready(&server);
        let (path, away) = (home.path().join(name), home.path().join("away"));
        fs::rename(&path, &away).unwrap();
        for () in [(), ()] {
            assert_unavailable(&server.register("john"), "database_gone");
            assert_unavailable(&server.login("Romel"), "database_gone");
            assert_unavailable(&server.get("/readyz", ""), "database_gone");
            // The second time there is another file of that name.
            fs::copy(&away, &path).unwrap();
        }
        fs::rename(&away, &path).unwrap();
        assert_ready(&server);
        assert_eq!(server.register("john").status, StatusCode::CREATED, "{name}");
        server.kill();
        let server = home.start();
        for user in ["Romel", "john"] {
            assert_eq!(server.login(user).status, StatusCode::OK, "{name}");
        }
    }
}

/// `RLIMIT_FSIZE` is a full disk for whoever may not mount one. What is full is the WAL, which is emptied into the
/// database when the process ends.
fn with_files_up_to(home: &Home, kib: u32) -> Server {
    let jeton = home.command([]);
    let mut shell = Command::new("sh");
    shell
        .env_clear()
        .envs(jeton.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .current_dir(home.path())
        // The signal would end the process before it could see the error.
        .args(["-c", "trap '' XFSZ; ulimit -f \"$1\"; exec \"$0\""])
        .arg(jeton.get_program())
        .arg((2 * kib).to_string());
    Server::start(shell)
}

#[test]
fn a_full_disk_is_told_and_what_reads_goes_on() {
    let home = Home::new();
    stop(home.start());
    let mut names = (0..).map(|number| format!("user{number}"));
    let mut there = vec!["Romel".to_owned()];
    let server = with_files_up_to(&home, 600);
    assert_ready(&server);
    server.register("Romel");
    let romel = server.login("Romel").text("access_token");
    let full = loop {
        let name = names.next().unwrap();
        let reply = server.register(&name);
        if reply.status != StatusCode::CREATED {
            break reply;
        }
        there.push(name);
    };
    assert_unavailable(&full, "database_full");
    // What is tried is small, and may find room where an account did not.
    while server.get("/readyz", "").status == StatusCode::OK {
        assert_unavailable(&server.register("another"), "database_full");
    }
    assert_unavailable(&server.get("/readyz", ""), "database_full");
    for path in ["/protected", "/profile", "/sessions"] {
        assert_eq!(server.get(path, &romel).status, StatusCode::OK, "{path}");
    }
    assert_eq!(server.get("/healthz", "").status, StatusCode::OK);
    server.kill();

    let server = home.start();
    assert_ready(&server);
    assert!(there.len() > 3, "{there:?}");
    for name in [&there[0], &there[there.len() - 1]] {
        assert_eq!(server.login(name).status, StatusCode::OK);
    }
}

/// Overwrites a page of the database with rubbish. Pages are counted from one.
fn spoil(home: &Home, page: u64) {
    let path = home.path().join("jeton.db");
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(&[0xa5; 4096], (page - 1) * 4096).unwrap();
}

fn page_of(home: &Home, table: &str) -> u64 {
    let query = format!("SELECT rootpage FROM sqlite_schema WHERE name = '{table}'");
    number(home, &query).try_into().unwrap()
}

#[test]
fn a_damaged_page_is_told_by_whoever_needs_it_and_the_service_is_not_ready_from_then_on() {
    let home = Home::new();
    let server = home.start();
    server.register("Romel");
    let romel = server.login("Romel").text("access_token");
    stop(server);
    spoil(&home, page_of(&home, "users"));
    let server = home.start();
    assert_ready(&server);
    assert_unavailable(&server.get("/profile", &romel), "database_damaged");
    assert_unavailable(&server.get("/readyz", ""), "database_damaged");
    assert_eq!(server.get("/protected", &romel).status, StatusCode::OK);
}

#[test]
fn a_beginning_that_is_overwritten_under_a_running_service_is_seen() {
    let home = Home::new();
    stop(home.start());
    let server = home.start();
    assert_ready(&server);
    spoil(&home, 1);
    while server.get("/readyz", "").status == StatusCode::OK {
        std::thread::yield_now();
    }
    assert_unavailable(&server.get("/readyz", ""), "database_damaged");
}

#[test]
fn a_database_that_cannot_be_opened_is_named_with_the_reason() {
    let home = Home::new();
    let path = |name: &str| home.path().join(name).display().to_string();
    fs::create_dir(path("folder")).unwrap();
    fs::write(path("letter"), "Dear Ada, ".repeat(500)).unwrap();
    for (file, reason) in [
        (path("nowhere/jeton.db"), "is not there: make it"),
        (path("folder"), "it is a folder: name a file in it"),
        (path("letter"), "it is no SQLite database"),
        // Nobody makes files there, not even root.
        (
            "/sys/jeton.db".to_owned(),
            "must be allowed to write it and its folder",
        ),
    ] {
        let said = refused(&home, &format!("sqlite://{file}"));
        assert!(
            said.contains(&format!("the database {file} cannot be opened")) && said.contains(reason),
            "{said}"
        );
    }
    stop(home.start());
    spoil(&home, page_of(&home, "standing"));
    let said = refused(&home, "sqlite://jeton.db");
    assert!(said.contains("the database is damaged"), "{said}");
}

fn remove_database(home: &Home) {
    for name in ["jeton.db", "jeton.db-wal", "jeton.db-shm"] {
        // The last two are there or not.
        let _ = fs::remove_file(home.path().join(name));
    }
}

#[test]
fn an_empty_database_beside_the_key_of_one_before_is_no_new_beginning() {
    let home = Home::new();
    let server = home.start();
    server.register("Romel");
    stop(server);
    let key = home.path().join("jeton.key");
    let text = fs::read(&key).unwrap();
    let copy = fs::read(home.path().join("jeton.db")).unwrap();
    remove_database(&home);
    for () in [(), ()] {
        let said = refused(&home, "sqlite://jeton.db");
        for word in [
            "sqlite://jeton.db is empty",
            "jeton.key",
            "take the key file away",
        ] {
            assert!(said.contains(word), "no {word:?} in {said}");
        }
    }
    assert_eq!(fs::read(&key).unwrap(), text);
    let mut command = home.command(["--master-key-file", "jeton.key"]);
    command.env("JETON_DATABASE_URL", "sqlite://other.db");
    let reply = Server::start(command).register("Romel");
    assert_eq!(
        reply.status,
        StatusCode::CREATED,
        "a key that was put there on purpose is taken"
    );

    remove_database(&home);
    fs::write(home.path().join("jeton.db"), copy).unwrap();
    let server = home.start();
    assert_eq!(
        server.login("Romel").status,
        StatusCode::OK,
        "it was brought back"
    );
    stop(server);
    remove_database(&home);
    fs::remove_file(&key).unwrap();
    assert_eq!(home.start().register("Romel").status, StatusCode::CREATED);
    assert_ne!(fs::read(&key).unwrap(), text);
}

#[test]
fn a_first_start_that_was_killed_half_way_goes_on() {
    // Between the note that a key is about to be made, the key, and what is sealed with it.
    for has_key in [false, true] {
        let home = Home::new();
        stop(home.start());
        sqlite(&home, "DELETE FROM keys");
        if !has_key {
            fs::remove_file(home.path().join("jeton.key")).unwrap();
        }
        assert_eq!(home.start().register("Romel").status, StatusCode::CREATED);
    }
    let home = Home::new();
    assert!(home.run(["migrate"]).succeeded);
    assert_eq!(home.start().register("Romel").status, StatusCode::CREATED);
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// What a start says before it finds its port taken.
fn said_at_start(home: &Home) -> String {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = home.command([]);
    command.env("JETON_LISTEN", taken.local_addr().unwrap().to_string());
    let finished = Finished::of(command.output().unwrap());
    assert!(!finished.succeeded, "the port is taken");
    finished.err
}

#[test]
fn the_database_is_its_owners_alone_and_one_that_others_can_read_is_told() {
    let home = Home::new();
    let files = ["jeton.db", "jeton.db-wal", "jeton.db-shm"].map(|name| home.path().join(name));
    let server = home.start();
    server.register("Romel");
    assert_eq!(files.each_ref().map(|file| mode(file)), [0o600; 3]);
    stop(server);
    assert!(!said_at_start(&home).contains("chmod"));
    fs::set_permissions(&files[0], Permissions::from_mode(0o644)).unwrap();
    let said = said_at_start(&home);
    let path = fs::canonicalize(&files[0]).unwrap();
    let advice = format!("run chmod 600 {}", path.display());
    assert!(said.contains(&advice), "{said}");
    let server = home.start();
    assert_eq!(
        server.post("/login", None, &json!({})).status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[test]
fn secrets_in_files_that_others_can_read_are_told_and_a_master_key_is_refused() {
    let home = Home::new();
    let dotenv = home.path().join(".env");
    fs::write(&dotenv, "JWT_SECRET=Zq3vT8yB1nK6wE9rU2iO5pL7xC4mV0sD\n").unwrap();
    fs::set_permissions(&dotenv, Permissions::from_mode(0o644)).unwrap();
    let said = said_at_start(&home);
    assert!(
        said.contains(".env holds JWT_SECRET and can be read by others on this machine: run chmod 600 .env"),
        "{said}"
    );
    let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    fs::write(&dotenv, format!("JETON_MASTER_KEY={key}\n")).unwrap();
    let said = said_at_start(&home);
    assert!(
        said.contains(".env holds JETON_MASTER_KEY and can be read by others") && !said.contains(key),
        "{said}"
    );
    fs::set_permissions(&dotenv, Permissions::from_mode(0o600)).unwrap();
    assert!(!said_at_start(&home).contains("chmod"));
}
