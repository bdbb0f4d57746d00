//! Every public item that a user names shows its use.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{fs, path::Path};

/// The beginnings of lines that declare something.
const DECLARATIONS: [&str; 7] = [
    "pub fn ",
    "pub async fn ",
    "pub const ",
    "pub struct ",
    "pub enum ",
    "pub trait ",
    "pub static ",
];

/// Words by which a comment says where the example is.
const ELSEWHERE: [&str; 2] = ["has an example", "have examples"];

/// Methods that the example of another item shows.
const SHOWN: [(&str, &[&str]); 1] = [(
    // By `Expired::token`.
    "expired.rs",
    &[
        "claims",
        "all_claims",
        "issuer",
        "subject",
        "id",
        "expires_at",
        "header",
    ],
)];

#[test]
fn every_public_item_has_an_example() {
    let mut without = Vec::new();
    let mut items = 0;
    look_through(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut |file, name, comment| {
            items += 1;
            let is_shown = comment.contains("```") || ELSEWHERE.iter().any(|words| comment.contains(words));
            let is_shown_elsewhere = SHOWN
                .iter()
                .any(|(of, names)| *of == file && names.contains(&name));
            if !is_shown && !is_shown_elsewhere {
                without.push(format!("{file}: {name}"));
            }
        },
    );
    assert!(items > 150, "only {items} items were found");
    assert!(without.is_empty(), "no example: {without:#?}");
}

/// Calls `see` with the file, the name and the comment of every public item.
fn look_through(folder: &Path, see: &mut impl FnMut(&str, &str, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            look_through(&path, see);
            continue;
        }
        let file = path.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let mut comment = String::new();
        for line in text.lines().map(str::trim) {
            if line.starts_with("///") {
                comment.push_str(line);
                continue;
            }
            if let Some(name) = name_of(line) {
                see(file, name, &comment);
            }
            // Between a comment and its item stand attributes alone, which end in no brace or semicolon.
            if line.is_empty() || line.ends_with(['{', '}', ';']) {
                comment.clear();
            }
        }
    }
}

/// The name that a line declares publicly. `pub(crate)` is not public.
fn name_of(line: &str) -> Option<&str> {
    let rest = DECLARATIONS.iter().find_map(|begin| line.strip_prefix(begin))?;
    let rest = rest.strip_prefix("fn ").unwrap_or(rest);
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}
