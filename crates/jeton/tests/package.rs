//! The crates can be packaged as they are, but for `publish`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

const CRATES: [&str; 3] = ["jeton", "jeton-axum", "jeton-server"];

/// What cargo writes itself.
const CARGOS: [&str; 4] = [
    ".cargo_vcs_info.json",
    "Cargo.lock",
    "Cargo.toml",
    "Cargo.toml.orig",
];

/// The crates beside this one. A package stands alone.
fn crates() -> impl Iterator<Item = (&'static str, PathBuf)> {
    let beside = |name| Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    CRATES
        .map(|name| (name, beside(name)))
        .into_iter()
        .filter(|(_, folder)| folder.exists())
}

fn packaged(folder: &Path) -> BTreeSet<String> {
    let listed = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline"])
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&listed.stderr).into_owned();
    assert!(listed.status.success(), "{said}");
    assert!(!said.contains("warning"), "{said}");
    let files = String::from_utf8(listed.stdout).unwrap();
    files.lines().map(str::to_owned).collect()
}

#[test]
fn the_package_has_what_its_readers_need() {
    for (name, folder) in crates() {
        let files = packaged(&folder);
        let pages = match name {
            "jeton" => &["docs/coming-from.md"][..],
            "jeton-axum" => &["docs/flask-jwt-extended.md", "docs/verify-in-your-app.md"],
            _ => &[],
        };
        for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"].iter().chain(pages) {
            assert!(files.contains(*file), "{file} is not in the package of {name}");
        }
    }
}

#[test]
fn nothing_strays_into_a_package() {
    for (name, folder) in crates() {
        let files = packaged(&folder);
        let included: BTreeSet<_> = included(&folder, &files).into_iter().collect();
        for file in &files {
            let place = file.split_once('/').map_or("", |(place, _)| place);
            let kind = file.rsplit_once('.').map_or("", |(_, kind)| kind);
            let belongs = match place {
                "" => {
                    let is_for_pages = file == "askama.toml";
                    file.starts_with("LICENSE-")
                        || file == "README.md"
                        || is_for_pages
                        || CARGOS.contains(&&**file)
                }
                // The templates and assets of pages are taken by macros.
                "src" => kind == "rs" || included.contains(file) || is_of_a_page(file),
                "examples" => kind == "rs",
                "docs" | "migrations" => included.contains(file),
                // With what tests read: certificates, applications of other languages, their locks, the start of a browser's driver.
                "tests" => [
                    "rs", "stderr", "pem", "der", "py", "sh", "mjs", "ts", "json", "txt",
                ]
                .contains(&kind),
                _ => false,
            };
            assert!(belongs, "{file} is in the package of {name}");
        }
    }
}

fn is_of_a_page(file: &str) -> bool {
    ["templates", "assets"]
        .iter()
        .any(|folder| file.starts_with(&format!("src/pages/{folder}/")))
}

#[test]
fn whatever_the_code_includes_is_in_the_package() {
    for (name, folder) in crates() {
        let files = packaged(&folder);
        let included = included(&folder, &files);
        // Pages, lists and migrations.
        assert!(included.len() >= 2, "{name}: {included:?}");
        for file in included {
            assert!(files.contains(&file), "{file} is not in the package of {name}");
        }
    }
}

/// The files that are read where the code is compiled.
fn included(folder: &Path, files: &BTreeSet<String>) -> Vec<String> {
    let mut included = Vec::new();
    for file in files.iter().filter(|file| is_code(file)) {
        let code = fs::read_to_string(folder.join(file)).unwrap();
        for call in ["include_str!(\"", "include_bytes!(\""] {
            let named = code
                .split(call)
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap());
            included.extend(named.map(|path| resolved(file, path)));
        }
    }
    included
}

fn is_code(file: &str) -> bool {
    file.starts_with("src/") && Path::new(file).extension().is_some_and(|kind| kind == "rs")
}

/// Where a path leads that is written in this file.
fn resolved(file: &str, path: &str) -> String {
    let mut place = PathBuf::from(file);
    place.pop();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir if place.pop() => {}
            part => place.push(part),
        }
    }
    place.to_str().unwrap().to_owned()
}

#[test]
fn every_crate_says_what_a_registry_shows() {
    for (name, folder) in crates() {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        for key in [
            "description",
            "license",
            "readme",
            "documentation",
            "keywords",
            "categories",
        ] {
            let there = manifest.lines().any(|line| line.starts_with(key));
            assert!(there, "{name} has no {key}");
        }
        for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            assert!(folder.join(file).exists(), "{name} has no {file}");
        }
    }
}

/// With features of its own, a crate is documented with all of them, each item with the one it needs.
#[test]
fn every_crate_says_how_it_is_documented() {
    for (name, folder) in crates() {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let (_, settings) = manifest
            .split_once("\n[package.metadata.docs.rs]\n")
            .unwrap_or_else(|| panic!("{name} does not say how docs.rs is to document it"));
        let settings: Vec<_> = settings
            .lines()
            .take_while(|line| !line.starts_with('['))
            .collect();
        if !manifest.contains("\n[features]\n") {
            assert!(
                settings.contains(&r#"targets = ["x86_64-unknown-linux-gnu"]"#),
                "{name}"
            );
            continue;
        }
        assert!(settings.contains(&"all-features = true"), "{name}");
        assert!(
            settings.contains(&r#"rustdoc-args = ["--cfg", "docsrs"]"#),
            "{name}"
        );
        let code = fs::read_to_string(folder.join("src/lib.rs")).unwrap();
        assert!(code.contains("#![cfg_attr(docsrs, feature(doc_cfg))]"), "{name}");
    }
}
