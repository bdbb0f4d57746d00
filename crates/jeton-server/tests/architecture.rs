//! The layout is the architecture: `use` lines only point down.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

/// A layer and what it may use of this crate. Lower layers come later.
const LAYERS: [(&str, &[&str]); 7] = [
    (
        "cli",
        &["commons", "config", "http", "model", "service", "state", "store"],
    ),
    (
        "state",
        &["commons", "config", "http", "model", "service", "store"],
    ),
    ("http", &["model", "service", "state", "store"]),
    ("config", &["commons", "model", "service"]),
    ("service", &["commons", "model", "store"]),
    ("store", &["model"]),
    ("commons", &["model"]),
];

#[test]
fn arrows_only_go_down() {
    let mut upward = Vec::new();
    for (layer, may_use) in LAYERS.iter().chain(&[("model", &[] as &[&str])]) {
        for (file, text) in sources(layer) {
            for used in uses(&text) {
                if used != *layer && !may_use.contains(&used.as_str()) {
                    upward.push(format!("{file} uses {used}"));
                }
            }
        }
    }
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn only_the_engines_speak_sql_and_only_http_speaks_axum() {
    for (library, home) in [
        ("sqlx", "store"),
        ("redis", "commons"),
        ("axum", "http"),
        ("jeton_axum", "http"),
        ("hyper", "http"),
        ("clap", "cli"),
    ] {
        for layer in ["cli", "http", "config", "service", "store", "commons", "model"]
            .into_iter()
            .filter(|layer| *layer != home)
        {
            for (file, text) in sources(layer) {
                let found = names_crate(&text, library);
                assert!(!found, "{file} uses {library}, which belongs in {home}");
            }
        }
    }
}

/// The `Value` of `serde_json` takes reserved names for JSON text, nested without a limit, and the last of two members:
/// what comes from outside is read by `jeton::json` alone.
#[test]
fn json_from_outside_is_read_by_the_strict_reader_alone() {
    // The reader itself; and what reads a text whose form it has checked before, or keeps nothing of one.
    let strict = ["jeton/src/strict.rs", "jeton/src/scan.rs", "jeton/src/jwk.rs"];
    for member in ["jeton", "jeton-axum", "jeton-server"] {
        let mut files = Vec::new();
        collect(&root().join("../..").join(member).join("src"), &mut files);
        assert!(!files.is_empty(), "{member} has no sources");
        for (file, text) in files {
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let reads = code.filter(|line| {
                [
                    "from_str",
                    "from_slice",
                    "from_reader",
                    "Deserializer",
                    "StreamDeserializer",
                ]
                .iter()
                .any(|reader| line.contains(&format!("serde_json::{reader}")))
            });
            let reads: Vec<_> = reads.collect();
            let is_strict = strict.iter().any(|known| file.ends_with(known));
            assert!(
                is_strict || reads.is_empty(),
                "{file} reads JSON by itself: {reads:#?}"
            );
        }
    }
}

/// Whether a file names a library: `axum::…`, but not `jeton_axum::…`.
fn names_crate(text: &str, library: &str) -> bool {
    let path = format!("{library}::");
    let mut found = text.match_indices(&path);
    found.any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
}

/// The modules of this crate that a file names, whether in `use crate::{a::b, c}` or in `crate::a::b`.
fn uses(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            found.extend(first_names(list));
        } else {
            found.push(name(rest));
        }
    }
    found
}

/// The names at the outermost level of a `use` list.
fn first_names(list: &str) -> Vec<String> {
    let (mut depth, mut expects, mut names) = (0, true, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expects = true,
            c if expects && c.is_alphanumeric() => {
                names.push(name(&list[at..]));
                expects = false;
            }
            _ => {}
        }
    }
    names
}

fn name(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// Every file of a layer, by its path and text, without its unit tests.
fn sources(layer: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    read(&root().join(format!("{layer}.rs")), &mut files);
    collect(&root().join(layer), &mut files);
    assert!(!files.is_empty(), "there is no layer {layer}");
    files
}

fn collect(folder: &Path, files: &mut Vec<(String, String)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            read(&path, files);
        }
    }
}

fn read(path: &Path, files: &mut Vec<(String, String)>) {
    if path.extension().is_some_and(|extension| extension == "rs") {
        let text = fs::read_to_string(path).unwrap();
        let product = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        files.push((path.display().to_string(), product));
    }
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))
}
