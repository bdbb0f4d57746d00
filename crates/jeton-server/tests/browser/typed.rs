//! The scripts of the pages, judged by TypeScript: their types stand in comments, in the way of `JSDoc`.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{axe::installed, packages::succeed};

#[test]
fn scripts_are_what_they_say_of_themselves() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/pages/assets");
    let scripts = scripts(Path::new(folder));
    assert!(!scripts.is_empty(), "no scripts in {folder}");
    let mut tsc = Command::new(installed().join("node_modules/.bin/tsc"));
    tsc.args(["--noEmit", "--allowJs", "--checkJs", "--strict"])
        .args([
            "--target",
            "es2022",
            "--module",
            "esnext",
            "--moduleResolution",
            "bundler",
        ])
        .args(["--lib", "es2022,dom,dom.iterable"])
        .args(scripts);
    succeed(tsc.current_dir(folder));
}

fn scripts(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.append(&mut scripts(&path));
        } else if path.extension() == Some(OsStr::new("js")) {
            found.push(path);
        }
    }
    found
}
