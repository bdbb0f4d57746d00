//! `docs/standards.md` names the test that holds each answer: every name is a test, and nothing that is done goes without
//! one.

use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn every_test_that_the_standards_name_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/standards.md")).unwrap();
    let mut tests = BTreeSet::new();
    for folder in ["crates", "xtask"] {
        collect(&root.join(folder), &mut tests);
    }
    let (mut missing, mut unheld) = (Vec::new(), Vec::new());
    let mut rows = 0;
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [section, answer, held_by] = cells[..] else {
            panic!("a row has three columns: {row}")
        };
        if section == "section" || section == "module" {
            continue;
        }
        rows += 1;
        let names: Vec<_> = held_by.split('`').skip(1).step_by(2).collect();
        missing.extend(
            names
                .iter()
                .filter(|name| !tests.contains(**name))
                .map(|name| (*name).to_owned()),
        );
        if names.is_empty() && !answer.starts_with("Not ") && !answer.starts_with("Nothing ") {
            unheld.push(row);
        }
    }
    assert!(rows > 300, "the page has its tables: {rows}");
    assert!(missing.is_empty(), "no tests: {missing:#?}");
    assert!(unheld.is_empty(), "done, and held by nothing: {unheld:#?}");
}

/// The names of all tests below a folder.
fn collect(folder: &Path, tests: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            collect(&path, tests);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let mut is_test = false;
            for line in text.lines().map(str::trim) {
                if line.starts_with("#[test") || line.starts_with("#[tokio::test") {
                    is_test = true;
                } else if is_test && let Some((_, rest)) = line.split_once("fn ") {
                    tests.extend(rest.split('(').next().map(str::to_owned));
                    is_test = false;
                }
            }
        }
    }
}
