//! What Python's and Node's package managers bring for the tests, installed once into the build's folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::process::Finished;

/// A Python with these packages.
pub(crate) fn python(packages: &[&str]) -> PathBuf {
    let folder = installed("python", packages, |folder| {
        succeed(Command::new("python3").args(["-m", "venv"]).arg(folder));
        succeed(
            Command::new(folder.join("bin/python"))
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
                .args(packages),
        );
    });
    folder.join("bin/python")
}

/// A folder below which Node finds these packages.
pub(crate) fn node(packages: &[&str]) -> PathBuf {
    installed("node", packages, |folder| {
        succeed(
            Command::new("npm")
                .args([
                    "install",
                    "--silent",
                    "--no-audit",
                    "--no-fund",
                    "--ignore-scripts",
                    "--prefix",
                ])
                .arg(folder)
                .args(packages),
        );
    })
}

/// A folder with what `install` puts into one, made when it is first asked for.
fn installed(name: &str, packages: &[&str], install: impl FnOnce(&Path)) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let packages: String = packages
        .join("-")
        .replace(|sign: char| !sign.is_ascii_alphanumeric(), "-");
    let ready = folder.join(format!("{name}-{packages}"));
    if !ready.exists() {
        let fresh = tempfile::tempdir_in(folder).unwrap().keep();
        install(&fresh);
        // Of two tests that make one at once, the second finds it in its place.
        if fs::rename(&fresh, &ready).is_err() {
            assert!(ready.exists());
            fs::remove_dir_all(fresh).unwrap();
        }
    }
    ready
}

pub(crate) fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let finished = Finished::of(output);
    assert!(finished.succeeded, "{command:?}: {}", finished.err);
    finished.out
}
