//! `cargo xtask check`: what a machine can judge without running the code.

use crate::run::{self, Stop, cargo, root};

/// Workspaces beside ours, each with a lock file of its own. Only their formatting is judged: lints would first build
/// every peer, a minute and a half of processor time, and want OpenSSL's headers for one of them.
const APART: [&str; 5] = ["bench", "bench/guard", "bench/service", "fuzz", "fuzz/service"];

pub(crate) fn run() -> Result<(), Stop> {
    run::run(&mut cargo("fmt --all --check"))?;
    run::run(&mut cargo(
        "clippy --locked --workspace --all-targets -- -D warnings",
    ))?;
    run::run(cargo("doc --locked --workspace --no-deps").env("RUSTDOCFLAGS", "-D warnings"))?;
    for workspace in APART {
        let manifest = format!("{workspace}/Cargo.toml");
        if root().join(&manifest).exists() {
            run::run(&mut cargo(&format!("fmt --check --manifest-path {manifest}")))?;
        }
    }
    if let Some(unchecked) = dependencies()? {
        eprintln!("Not checked: {unchecked}.");
    }
    Ok(())
}

/// Holds the dependencies to `deny.toml`, and answers with what cannot be judged on this machine.
fn dependencies() -> Result<Option<&'static str>, Stop> {
    if !run::succeeds(&mut cargo("deny --version")) {
        return Ok(Some(
            "the dependencies' licences, bans, sources and advisories, because cargo-deny is not installed \
             (`cargo install cargo-deny --locked`)",
        ));
    }
    run::run(&mut cargo("deny --locked check licenses bans sources"))?;
    if !run::succeeds(&mut cargo("deny fetch db")) {
        return Ok(Some(
            "the dependencies' advisories, because their database cannot be fetched from here",
        ));
    }
    run::run(&mut cargo("deny --locked check advisories"))?;
    Ok(None)
}
