//! `cargo xtask check`: what a machine can judge without running the code.

use std::{fs, iter};

use crate::run::{self, Stop, cargo, command, root};

/// Workspaces beside ours, each with a lock file of its own. Only their formatting is judged: lints would first build
/// every peer, a minute and a half of processor time, and want OpenSSL's headers for one of them.
const APART: [&str; 6] = [
    "bench",
    "bench/guard",
    "bench/service",
    "fuzz",
    "fuzz/service",
    "crates/jeton-server/tests/clients/openidconnect",
];

/// The crates that others build, with the features they choose.
const LIBRARIES: [&str; 2] = ["jeton", "jeton-axum"];

/// What cannot be judged on this machine, and why.
type Unchecked = Option<String>;

pub(crate) fn run() -> Result<(), Stop> {
    run::run(&mut cargo("fmt --all --check"))?;
    run::run(&mut cargo(
        "clippy --locked --workspace --all-targets -- -D warnings",
    ))?;
    features_alone()?;
    run::run(cargo("doc --locked --workspace --no-deps").env("RUSTDOCFLAGS", "-D warnings"))?;
    for workspace in APART {
        let manifest = format!("{workspace}/Cargo.toml");
        if root().join(&manifest).exists() {
            run::run(&mut cargo(&format!("fmt --check --manifest-path {manifest}")))?;
        }
    }
    for judge in [minimum_rust, dependencies, spelling, interface] {
        if let Some(unchecked) = judge()? {
            eprintln!("Not checked: {unchecked}.");
        }
    }
    Ok(())
}

/// Lints each library without features and with each of them alone: together, one may hide what another lacks.
fn features_alone() -> Result<(), Stop> {
    for library in LIBRARIES {
        let manifest = read(&format!("crates/{library}/Cargo.toml"))?;
        for feature in iter::once("").chain(features(&manifest)) {
            // Only Windows heeds the feature named first. The workspace has it switched on by rustls, and without it
            // AWS-LC, which takes longest, would be built once more.
            run::run(&mut cargo(&format!(
                "clippy --locked --package {library} --lib --no-default-features \
                 --features=aws-lc-rs/prebuilt-nasm,{feature} -- -D warnings"
            )))?;
        }
    }
    Ok(())
}

/// The names in the section `[features]` of a manifest.
fn features(manifest: &str) -> impl Iterator<Item = &str> {
    let section = manifest.lines().skip_while(|line| *line != "[features]").skip(1);
    let section = section.take_while(|line| !line.starts_with('['));
    section.filter_map(|line| Some(line.split_once(" = ")?.0))
}

/// Builds with the oldest Rust that is promised, if what judged all of the above was a newer one.
fn minimum_rust() -> Result<Unchecked, Stop> {
    let manifest = read("Cargo.toml")?;
    let minimum = minimum(&manifest).ok_or_else(|| Stop::refused("Cargo.toml has no rust-version"))?;
    let used = run::said(&mut command("rustc --version")).unwrap_or_default();
    if used.starts_with(&format!("rustc {minimum}.")) {
        return Ok(None);
    }
    let cargo = format!("rustup run {minimum} cargo");
    if !run::succeeds(&mut command(&format!("{cargo} --version"))) {
        return Ok(Some(format!(
            "whether Rust {minimum} is enough, because this is {used} (`rustup toolchain install {minimum}`)"
        )));
    }
    run::run(&mut command(&format!(
        "{cargo} check --locked --workspace --target-dir target/minimum"
    )))?;
    Ok(None)
}

fn minimum(manifest: &str) -> Option<&str> {
    let mut lines = manifest.lines();
    lines.find_map(|line| line.strip_prefix("rust-version = \"")?.strip_suffix('"'))
}

/// Holds the dependencies to `deny.toml`.
fn dependencies() -> Result<Unchecked, Stop> {
    if !run::succeeds(&mut cargo("deny --version")) {
        let what = "the dependencies' licences, bans, sources and advisories";
        return Ok(Some(not_installed(what, "cargo-deny")));
    }
    run::run(&mut cargo("deny --locked check licenses bans sources"))?;
    if !run::succeeds(&mut cargo("deny fetch db")) {
        let unchecked = "the dependencies' advisories, because their database cannot be fetched from here";
        return Ok(Some(unchecked.to_owned()));
    }
    run::run(&mut cargo("deny --locked check advisories"))?;
    Ok(None)
}

/// Looks for mistyped words, but for those that `typos.toml` knows.
fn spelling() -> Result<Unchecked, Stop> {
    if !run::succeeds(&mut command("typos --version")) {
        return Ok(Some(not_installed("the spelling", "typos-cli")));
    }
    run::run(&mut command("typos"))?;
    Ok(None)
}

/// Holds what the libraries offer to what Semantic Versioning allows since the last release.
fn interface() -> Result<Unchecked, Stop> {
    let what = "what the libraries offer, against the last release";
    if !run::succeeds(&mut cargo("semver-checks --version")) {
        return Ok(Some(not_installed(what, "cargo-semver-checks")));
    }
    let Some(release) = run::said(&mut command("git describe --tags --abbrev=0 --match v*")) else {
        return Ok(Some(format!("{what}, because no tag names one")));
    };
    let packages = LIBRARIES.map(|library| format!("--package {library}")).join(" ");
    run::run(&mut cargo(&format!(
        "semver-checks {packages} --baseline-rev {release}"
    )))?;
    Ok(None)
}

fn not_installed(what: &str, tool: &str) -> String {
    format!("{what}, because {tool} is not installed (`cargo install {tool} --locked`)")
}

fn read(path: &str) -> Result<String, Stop> {
    fs::read_to_string(root().join(path)).map_err(|error| Stop::refused(format!("{path}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::{features, minimum, read};

    #[test]
    fn features_are_read_from_their_section_alone() {
        let manifest =
            "name = \"a\"\n\n[features]\n# Why.\none = []\ntwo = [\"dep:b\"]\n\n[dependencies]\nb = \"1\"\n";
        assert_eq!(features(manifest).collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(features("[dependencies]\nb = \"1\"\n").count(), 0);
    }

    #[test]
    fn contributors_are_told_the_version_of_rust_that_is_checked() {
        let manifest = read("Cargo.toml").unwrap();
        let told = format!("Rust {} or newer", minimum(&manifest).unwrap());
        assert!(read("CONTRIBUTING.md").unwrap().contains(&told), "{told}");
    }
}
