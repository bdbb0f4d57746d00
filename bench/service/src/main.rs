//! The service as its owner runs it, measured from outside.
//!
//! `cargo xtask bench service [NAME]…` builds the binary and runs every measurement, or those named; the path of
//! the binary is the first argument. `cargo xtask bench service against OTHER-BINARY` compares the two.

mod against;
mod checks;
mod client;
mod growth;
mod lag;
mod load;
mod logins;
mod moving;
mod pages;
mod postgres;
mod refresh;
mod revocations;
mod server;
#[path = "../../../crates/jeton-server/tests/support/servers.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod servers;
mod start;
mod storm;
mod timing;
mod users;

use std::{error::Error, path::Path, path::PathBuf, process::ExitCode};

type Outcome = Result<(), Box<dyn Error>>;

/// In the order in which they disturb each other least.
const ALL: [(&str, fn(&Path) -> Outcome); 11] = [
    ("start", start::measure),
    ("checks", checks::measure),
    ("logins", logins::measure),
    ("storm", storm::measure),
    ("refresh", refresh::measure),
    ("postgres", postgres::measure),
    ("lag", lag::measure),
    ("timing", timing::measure),
    ("move", moving::measure),
    ("growth", growth::measure),
    ("revocations", revocations::measure),
];

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(binary) = arguments.next().map(PathBuf::from) else {
        eprintln!("usage: jeton-bench-service PATH-OF-THE-BINARY [NAME]…");
        return ExitCode::FAILURE;
    };
    let names: Vec<_> = arguments
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    if let [name, other] = &names[..]
        && name == "against"
    {
        return done(name, against::measure(&binary, Path::new(other)));
    }
    let known = |name: &String| ALL.iter().any(|(known, _)| known == name);
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        let all = ALL.map(|(name, _)| name).join(", ");
        eprintln!("{unknown} is not one of {all}");
        return ExitCode::FAILURE;
    }
    for (name, measure) in ALL {
        if !names.is_empty() && !names.iter().any(|wanted| wanted == name) {
            continue;
        }
        let code = done(name, measure(&binary));
        if code != ExitCode::SUCCESS {
            return code;
        }
    }
    ExitCode::SUCCESS
}

fn done(name: &str, outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// One line of the report.
fn report(what: &str, figure: &str, goal: &str, reached: bool) {
    let verdict = if reached { "reached" } else { "missed" };
    println!("{what:<24}{figure}   goal {goal}: {verdict}");
}
