//! Other people's packages, installed once into the build's folder in the versions that are locked.

use std::{
    fs::{self, File},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    path::{Path, PathBuf},
    process::Command,
};

/// The folder with what these two files of npm name.
pub(crate) fn from_npm(kind: &str, package: &str, lock: &str) -> PathBuf {
    ready(kind, lock, |fresh| {
        fs::write(fresh.join("package.json"), package).unwrap();
        fs::write(fresh.join("package-lock.json"), lock).unwrap();
        let mut npm = Command::new("npm");
        // What a package expects beside it, such as a whole framework, is named where it is needed.
        npm.args([
            "ci",
            "--ignore-scripts",
            "--legacy-peer-deps",
            "--no-audit",
            "--no-fund",
            "--silent",
        ]);
        succeed(npm.current_dir(fresh));
    })
}

/// The folder with what this list names, made by the first test that needs it while the others wait.
pub(crate) fn ready(kind: &str, list: &str, install: impl FnOnce(&Path)) -> PathBuf {
    let number = BuildHasherDefault::<DefaultHasher>::default().hash_one(list);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{kind}-{number:016x}"));
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let done = folder.join("installed");
    if !done.exists() {
        install(&folder);
        fs::write(done, "").unwrap();
    }
    folder
}

pub(crate) fn succeed(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}; cargo xtask test installs what is missing"));
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "{command:?}: {out}{err}");
}
