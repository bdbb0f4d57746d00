//! `cargo xtask bench`: the measurements, in a workspace of their own so that peers stay out of our lock file.

use std::{env, path::PathBuf, process::Command};

use crate::{
    packages,
    run::{self, Stop, cargo, root},
};

pub(crate) fn run(arguments: &[&str]) -> Result<(), Stop> {
    match arguments {
        ["guard", rest @ ..] => run::run(apart("guard").args(rest)),
        ["service", rest @ ..] => service(rest),
        _ => library(arguments),
    }
}

/// The library beside its peers.
fn library(arguments: &[&str]) -> Result<(), Stop> {
    packages::ensure("the measurements", packages::BENCH)?;
    run::run(cargo("run --release --manifest-path bench/Cargo.toml --").args(arguments))
}

/// The service from outside.
fn service(arguments: &[&str]) -> Result<(), Stop> {
    packages::ensure("the measurements", packages::SERVERS)?;
    run::run(&mut cargo("build --release --package jeton-server"))?;
    run::run(apart("service").arg(binary()).args(arguments))
}

/// A measurement in a workspace of its own, so that none builds what it does not measure.
fn apart(name: &str) -> Command {
    cargo(&format!(
        "run --release --manifest-path bench/{name}/Cargo.toml --"
    ))
}

/// Where cargo put what was just built.
fn binary() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("release/jeton")
}
