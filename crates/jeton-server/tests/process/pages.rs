//! The commands on the pages of docs/, typed as they stand there: every one is tried, and says what is expected.

mod administration;
mod audit;
mod clients;
mod importing;
mod keys;
mod scale;

use std::{
    collections::BTreeSet,
    env, fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use crate::process::{Finished, Home};

/// Words that begin a command on the pages, beside lines of shell blocks.
const PROGRAMS: [&str; 3] = ["jeton ", "sqlite3 ", "openssl "];

/// No commands: they go into hashes.
const LABELS: [&str; 6] = [
    "jeton master key",
    "jeton audit event",
    "jeton audit seal",
    "jeton audit forgotten",
    "jeton audit given up",
    "jeton audit base",
];

/// A command as its page has it.
struct Try {
    written: &'static str,
    /// The command as it is typed, with what the page leaves to its reader: a name, a file, the rest of a command that is only named.
    typed: &'static str,
    /// A part of its output, on standard output or standard error.
    says: &'static str,
}

impl Try {
    const fn new(written: &'static str, says: &'static str) -> Self {
        Self::typed(written, written, says)
    }

    const fn typed(written: &'static str, typed: &'static str, says: &'static str) -> Self {
        Self { written, typed, says }
    }
}

fn page(name: &str) -> String {
    fs::read_to_string(format!("{}/../../docs/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The commands of a page, without comments: lines of its shell blocks, and what its text has in code.
fn commands(page: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for (number, part) in page.split("```").enumerate() {
        match part.strip_prefix("sh\n") {
            Some(block) if number % 2 == 1 => {
                let lines = block.lines().map(|line| line.split("  #").next().unwrap().trim());
                found.extend(lines.filter(|line| !line.is_empty() && !is_variable(line)));
            }
            _ if number % 2 == 0 => {
                let codes = part.split('`').skip(1).step_by(2);
                let is_command = |code: &&str| {
                    PROGRAMS.iter().any(|name| code.starts_with(name)) && !LABELS.contains(code)
                };
                found.extend(codes.filter(is_command));
            }
            _ => {}
        }
    }
    found
}

/// Whether a line sets a variable, as the shell and `.env` have it.
fn is_variable(line: &str) -> bool {
    let name = line.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.chars().all(|sign| sign.is_ascii_uppercase() || sign == '_')
}

/// Tries each command of a page in a copy of this home.
fn each_works(name: &str, home: &Home, tries: &[Try]) {
    let text = page(name);
    let written: BTreeSet<_> = tries.iter().map(|one| one.written).collect();
    assert_eq!(
        commands(&text),
        written,
        "the commands on {name}, and those tried here"
    );
    for one in tries {
        let said = shell(&copy_of(home), one.typed);
        let told = said.out.contains(one.says) || said.err.contains(one.says);
        assert!(said.succeeded && told, "`{}`: {said:?}", one.typed);
    }
}

/// Runs a line as a reader's shell does.
fn shell(home: &Home, line: &str) -> Finished {
    let mut bash = home.run_by(Command::new("bash"));
    let script = format!("jeton() {{ \"$JETON\" \"$@\"; }}\n{line}");
    bash.args(["-euo", "pipefail", "-c", &script])
        .stdin(Stdio::null())
        .env("JETON", env!("CARGO_BIN_EXE_jeton"))
        .env("PATH", env::var_os("PATH").unwrap());
    Finished::of(bash.output().unwrap())
}

/// A home with everything that is in another, which nobody uses just now.
fn copy_of(home: &Home) -> Home {
    let copy = Home::new();
    for entry in fs::read_dir(home.path()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

/// A home that was served from once: `Romel` has registered and signed in, and signed out of another session.
fn lived_in() -> Home {
    let home = Home::new();
    let mut server = home.start();
    server.register("Romel");
    server.login("Romel");
    let token = server.login("Romel").text("access_token");
    server.post("/logout", Some(&token), &serde_json::json!({}));
    server.terminate();
    assert!(server.wait(), "it did not end well");
    home
}

/// A file for its owner alone, as secrets need it.
fn write_private(home: &Home, name: &str, text: &str) {
    let path = home.path().join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
}
