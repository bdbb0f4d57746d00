//! The service as its owner runs it, measured from outside.
//!
//! `cargo xtask bench service` builds the binary and runs every measurement; the path of the binary is the first
//! argument.

mod server;
mod start;

use std::{path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    let Some(binary) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: jeton-bench-service PATH-OF-THE-BINARY");
        return ExitCode::FAILURE;
    };
    match start::measure(&binary) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", binary.display());
            ExitCode::FAILURE
        }
    }
}
