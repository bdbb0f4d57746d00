//! `cargo xtask fuzz`: the fuzzers of the running service, in a workspace of their own.

use std::{env, path::PathBuf};

use crate::{
    packages::{self, Package},
    run::{self, Stop, cargo, root},
};

/// Which build of the service is fuzzed, and what the fuzzer itself understands.
#[derive(Debug, PartialEq, Eq)]
struct Fuzzing<'a> {
    fuzzer: &'a str,
    release: bool,
    /// Takes the binary that is there: whoever just built everything need not build again.
    built: bool,
    rest: Vec<&'a str>,
}

pub(crate) fn run(arguments: &[&str]) -> Result<(), Stop> {
    let fuzzing = Fuzzing::parse(arguments)?;
    packages::ensure("the fuzzers", fuzzing.packages())?;
    if fuzzing.rest.contains(&"--clock") {
        packages::ensure("the fuzzers", packages::CLOCK)?;
    }
    let profile = if fuzzing.release { " --release" } else { "" };
    if !fuzzing.built {
        run::run(&mut cargo(&format!("build --package jeton-server{profile}")))?;
    }
    let mut fuzzer = cargo("run --quiet --manifest-path fuzz/service/Cargo.toml --");
    fuzzer
        .arg(fuzzing.binary())
        .arg(fuzzing.fuzzer)
        .args(&fuzzing.rest);
    run::run(&mut fuzzer)
}

impl<'a> Fuzzing<'a> {
    fn parse(arguments: &[&'a str]) -> Result<Self, Stop> {
        let [fuzzer @ ("requests" | "races"), rest @ ..] = arguments else {
            return Err(Stop::refused(format!(
                "`fuzz` takes `requests` or `races` and their options, not `{}`",
                arguments.join(" ")
            )));
        };
        let is_ours = |word: &&str| matches!(*word, "--release" | "--built");
        Ok(Self {
            fuzzer,
            release: rest.contains(&"--release"),
            built: rest.contains(&"--built"),
            rest: rest.iter().copied().filter(|word| !is_ours(word)).collect(),
        })
    }

    /// The servers that several nodes need.
    fn packages(&self) -> &'static [Package] {
        let needs_servers =
            self.rest.windows(2).any(|pair| pair == ["--nodes", "3"]) || self.rest.contains(&"--redis");
        if needs_servers { packages::SERVERS } else { &[] }
    }

    /// Where cargo puts what it builds.
    fn binary(&self) -> PathBuf {
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
        target.join(if self.release {
            "release/jeton"
        } else {
            "debug/jeton"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Fuzzing;

    #[test]
    fn the_fuzzer_gets_what_is_not_ours() {
        let fuzzing = Fuzzing::parse(&["races", "--release", "--nodes", "3", "--seed", "7"]).unwrap();

        assert!(fuzzing.release && !fuzzing.built);
        assert_eq!(fuzzing.rest, ["--nodes", "3", "--seed", "7"]);
        assert!(!fuzzing.packages().is_empty());
    }

    #[test]
    fn an_unknown_fuzzer_is_refused_with_the_known_ones() {
        let stop = Fuzzing::parse(&["tokens"]).unwrap_err();
        assert!(stop.to_string().contains("`requests` or `races`"), "{stop}");
    }
}
