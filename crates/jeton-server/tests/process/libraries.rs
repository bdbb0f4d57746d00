//! Libraries that Python's and Node's package managers bring for the tests, installed once into the build's folder, each package
//! in the version that is locked beside the test.

use std::{
    fs,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    path::{Path, PathBuf},
    process::Command,
};

use crate::process::Finished;

/// A Python with the packages of this list, which names those that they need too.
pub(crate) fn python(requirements: &str) -> PathBuf {
    let folder = installed("python", requirements, |folder| {
        succeed(Command::new("python3").args(["-m", "venv"]).arg(folder));
        let list = folder.join("requirements.txt");
        fs::write(&list, requirements).unwrap();
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        succeed(pip.args(["--no-deps", "--requirement"]).arg(list));
    });
    folder.join("bin/python")
}

/// A folder below which Node finds the packages of this lock.
pub(crate) fn node(package: &str, lock: &str) -> PathBuf {
    installed("node", lock, |folder| {
        fs::write(folder.join("package.json"), package).unwrap();
        fs::write(folder.join("package-lock.json"), lock).unwrap();
        let mut npm = Command::new("npm");
        npm.args(["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]);
        succeed(npm.current_dir(folder));
    })
}

/// A folder with what `install` puts into one, made when it is first asked for.
fn installed(name: &str, list: &str, install: impl FnOnce(&Path)) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let number = BuildHasherDefault::<DefaultHasher>::default().hash_one(list);
    let ready = folder.join(format!("{name}-{number:016x}"));
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
