//! The JavaScript client: built, tried against the service and in Chromium, weighed and judged as it would be published.

use std::process::Command;

use crate::run::{self, Stop, cargo, command, root};

/// What `--crate` calls it, although it is none.
pub(crate) const NAME: &str = "@jeton/client";

/// Its folder, and that of the application whose walks are among its tests.
const CLIENT: &str = "clients/js";
const EXAMPLE: &str = "examples/react";

pub(crate) fn run() -> Result<(), Stop> {
    for mut step in steps() {
        run::run(&mut step)?;
    }
    Ok(())
}

fn steps() -> Vec<Command> {
    let binary = root().join("target/debug/jeton");
    let mut test = npm(CLIENT, "test");
    test.env("JETON_BINARY", binary);
    vec![
        cargo("build --package jeton-server --bin jeton --target-dir target"),
        npm(CLIENT, "ci --ignore-scripts --no-audit --no-fund"),
        npm(EXAMPLE, "ci --ignore-scripts --no-audit --no-fund"),
        test,
        npm(CLIENT, "run size"),
        npm(CLIENT, "run packed"),
    ]
}

fn npm(folder: &str, arguments: &str) -> Command {
    command(&format!("npm --prefix {folder} {arguments}"))
}

#[cfg(test)]
mod tests {
    use super::steps;
    use crate::run::shown;

    #[test]
    fn what_is_locked_is_installed_before_it_is_tried() {
        let steps: Vec<_> = steps().iter().map(shown).collect();
        let position = |words: &str| steps.iter().position(|step| step.contains(words)).unwrap();

        assert!(position("clients/js ci") < position("clients/js test"));
        assert!(position("examples/react ci") < position("clients/js test"));
        assert!(steps[position("clients/js test")].starts_with("JETON_BINARY="));
    }
}
