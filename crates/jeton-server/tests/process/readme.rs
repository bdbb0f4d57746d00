//! The README's walk, typed as it stands there.

use std::{fs, process::Command};

use crate::process::Home;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");

#[test]
fn the_walk_answers_as_the_readme_says() {
    let home = Home::new();
    let server = home.start();
    let readme = fs::read_to_string(README).unwrap();
    let walk = readme
        .split("<!-- walk -->\n```sh\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let script = walk.replace("localhost:5000", server.authority()).replace(
        "curl -s ",
        "curl --silent --show-error --fail-with-body --noproxy '*' ",
    );
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(home.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let mut rest = said.as_str();
    for answer in walk.lines().filter_map(|line| line.strip_prefix("# {")) {
        let start = known_start(answer);
        let found = rest
            .find(start)
            .unwrap_or_else(|| panic!("expected {start:?} in {rest:?}"));
        rest = &rest[found + start.len()..];
    }
    assert_eq!(walk.matches("curl -s ").count(), 11);
}

/// An answer up to the name of the first value that differs from run to run.
fn known_start(answer: &str) -> &str {
    match answer.split_once('…') {
        Some((before, _)) => before.rsplit_once(':').map_or(before, |(name, _)| name),
        None => answer,
    }
}
