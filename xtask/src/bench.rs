//! `cargo xtask bench`: the measurements, in a workspace of their own so that peers stay out of our lock file.

use std::{env, path::PathBuf};

use crate::{
    packages,
    run::{self, Stop, cargo, root},
};

pub(crate) fn run(arguments: &[&str]) -> Result<(), Stop> {
    match arguments {
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
    run::run(&mut cargo("build --release --package jeton-server"))?;
    let mut measure = cargo("run --release --manifest-path bench/service/Cargo.toml --");
    run::run(measure.arg(binary()).args(arguments))
}

/// Where cargo put what was just built.
fn binary() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("release/jeton")
}
