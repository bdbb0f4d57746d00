//! Fuzzers of the running service: requests nobody thought of, and races with an oracle that knows what must be true.
//!
//! `cargo xtask fuzz requests|races` builds the service and runs one of them; README.md of `fuzz/` describes both.

mod claims;
mod clock;
mod options;
mod races;
mod random;
mod requests;
mod server;
#[path = "../../../crates/jeton-server/tests/support/servers.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod servers;
mod wire;

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::ExitCode,
};

use options::{Fuzzer, Options};

/// Whether everything held.
type Verdict = Result<bool, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    println!("seed {}", options.seed);
    let outcome = match options.fuzzer {
        Fuzzer::Requests => requests::run(&options),
        Fuzzer::Races => races::run(&options),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("violations, seed {}", options.seed);
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("the fuzzer cannot go on: {error}");
            ExitCode::from(2)
        }
    }
}

/// Where what shows a violation is kept.
fn artifacts() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    folder.parent().unwrap_or(folder).join("artifacts")
}
