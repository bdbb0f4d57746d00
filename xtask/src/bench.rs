//! `cargo xtask bench`: the measurements, in a workspace of their own so that peers stay out of our lock file.

use crate::{
    packages,
    run::{self, Stop, cargo, root},
};

pub(crate) fn run(arguments: &[&str]) -> Result<(), Stop> {
    if !root().join("bench/Cargo.toml").exists() {
        return Err(Stop::refused(
            "there is no bench/Cargo.toml in this checkout, so nothing to measure with",
        ));
    }
    packages::ensure("the measurements", packages::BENCH)?;
    run::run(cargo("run --release --manifest-path bench/Cargo.toml --").args(arguments))
}
