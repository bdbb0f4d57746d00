//! Every public item that a user names has an example: types, traits, constants, functions, and methods that take
//! something. Methods that only answer are shown by the example of their type.

use std::fs;
use std::path::Path;

#[test]
fn every_public_item_has_an_example() {
    let mut without = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut without);
    assert!(without.is_empty(), "no example on {without:#?}");
}

fn walk(folder: &Path, without: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, without);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let items = items_without(&text);
            without.extend(items.map(|item| format!("{}: {item}", path.display())));
        }
    }
}

fn items_without(text: &str) -> impl Iterator<Item = &str> {
    let lines: Vec<_> = text.lines().collect();
    let mut has_example = false;
    (0..lines.len()).filter_map(move |place| {
        let line = lines[place].trim();
        if line.starts_with("///") {
            has_example |= line == "/// ```" || line.starts_with("/// ```compile_fail");
            return None;
        }
        let found = std::mem::take(&mut has_example);
        if is_attribute(line) {
            has_example = found;
            return None;
        }
        let named = ["pub struct ", "pub enum ", "pub trait ", "pub const ", "pub fn "]
            .iter()
            .any(|start| line.starts_with(start));
        (named && !found && !only_answers(&lines[place..])).then_some(line)
    })
}

/// Also the lines inside of one that takes several.
fn is_attribute(line: &str) -> bool {
    [
        "#[",
        ")]",
        "message = ",
        "label = ",
        "note = ",
        "clippy::",
        "reason = ",
    ]
    .iter()
    .any(|start| line.starts_with(start))
}

/// Whether a function takes nothing but itself.
fn only_answers(lines: &[&str]) -> bool {
    let signature = lines[0].split_once('(').map_or("", |(_, rest)| rest);
    ["&self)", "self)", "mut self)"]
        .iter()
        .any(|start| signature.starts_with(start))
}
