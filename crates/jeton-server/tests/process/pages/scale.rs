//! docs/scale.md, what is said of one node: where it lives, how it is backed up and brought back.

use std::{fs, process::Command};

use ureq::http::StatusCode;

use super::{commands, page, shell};
use crate::process::{Home, Server};

/// The command of the page that begins so, with places below this home.
fn here(home: &Home, begins: &str) -> String {
    let text = page("scale.md");
    let found = commands(&text);
    let command = found.into_iter().find(|command| command.starts_with(begins));
    let command = command.unwrap_or_else(|| panic!("the page has no `{begins}`"));
    let root = home.path().display();
    command
        .replace("/var/lib/", &format!("{root}/var/lib/"))
        .replace("/backup/", &format!("{root}/backup/"))
        // The service's user; a test has its own alone.
        .replace("-o jeton", "-o \"$(id -un)\"")
}

fn serve(home: &Home) -> Server {
    let serve = here(home, "jeton serve ").replace("jeton serve ", "exec \"$JETON\" serve ");
    let mut bash = home.run_by(Command::new("bash"));
    bash.args(["-c", &serve])
        .env("JETON", env!("CARGO_BIN_EXE_jeton"));
    Server::start(bash)
}

fn succeeds(home: &Home, line: &str) -> String {
    let said = shell(home, line);
    assert!(said.succeeded, "`{line}`: {said:?}");
    said.out
}

#[test]
fn one_node_is_made_backed_up_and_brought_back_as_it_is_written() {
    let home = Home::new();
    succeeds(&home, &here(&home, "install "));
    fs::create_dir(home.path().join("backup")).unwrap();
    let mut server = serve(&home);
    server.register("Romel");
    let token = server.login("Romel").text("access_token");

    // While it runs.
    let back_up = format!("{}\n{}", here(&home, "umask "), here(&home, "sqlite3 "));
    succeeds(&home, &back_up);
    server.register("john");
    server.terminate();
    assert!(server.wait(), "it did not end well");

    let restore = "cd var/lib/jeton && rm -f jeton.db-wal jeton.db-shm && mv ../../../backup/jeton-*.db jeton.db && \
                   stat -c %a jeton.db";
    assert_eq!(succeeds(&home, restore), "600\n");
    let database = format!("sqlite://{}/var/lib/jeton/jeton.db", home.path().display());
    let restored = succeeds(
        &home,
        &format!("{} --database-url '{database}'", here(&home, "jeton restored")),
    );
    assert!(restored.starts_with("1 session has ended"), "{restored}");
    assert!(restored.ends_with("The service can be started.\n"), "{restored}");

    let server = serve(&home);
    assert_eq!(server.get("/protected", &token).status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.login("Romel").status, StatusCode::OK);
    assert_eq!(server.login("john").status, StatusCode::UNAUTHORIZED);
}
