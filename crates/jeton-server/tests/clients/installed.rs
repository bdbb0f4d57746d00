//! The clients, installed once into the build's folder in the versions that are locked beside this file.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::packages::{from_npm, ready, succeed};

const PACKAGE: &str = include_str!("package.json");
const PACKAGE_LOCK: &str = include_str!("package-lock.json");
const REQUIREMENTS: &str = include_str!("requirements.txt");

/// A folder below one with the clients, for the files of one test.
pub(crate) struct Workplace {
    clients: PathBuf,
    folder: TempDir,
}

impl Workplace {
    /// With the clients from npm, which a script finds in the folders above it.
    pub(crate) fn node() -> Self {
        Self::below(from_npm("clients-node", PACKAGE, PACKAGE_LOCK))
    }

    /// With the clients from Python's package index in an environment of their own.
    pub(crate) fn python() -> Self {
        Self::below(ready("clients-python", REQUIREMENTS, |fresh| {
            succeed(Command::new("python3").args(["-m", "venv"]).arg(fresh));
            let list = fresh.join("requirements.txt");
            fs::write(&list, REQUIREMENTS).unwrap();
            let mut pip = Command::new(fresh.join("bin/python"));
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
            succeed(pip.arg("--requirement").arg(list));
        }))
    }

    fn below(clients: PathBuf) -> Self {
        let folder = tempfile::tempdir_in(&clients).unwrap();
        Self { clients, folder }
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// A program of the clients', in the test's own folder.
    pub(crate) fn program(&self, name: &str) -> Command {
        let folders = ["bin", "node_modules/.bin"].map(|folder| self.clients.join(folder));
        let program = folders.iter().map(|folder| folder.join(name));
        let found = program.into_iter().find(|program| program.exists());
        let mut command = Command::new(found.unwrap_or_else(|| name.into()));
        command.current_dir(self.folder.path());
        // Formatters that a generator calls are installed beside it.
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = folders.into_iter().chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(path).unwrap());
        command
    }

    /// Writes a script and runs it to its end.
    pub(crate) fn run<V: AsRef<OsStr>>(
        &self,
        interpreter: &str,
        name: &str,
        text: &str,
        variables: impl IntoIterator<Item = (&'static str, V)>,
    ) {
        self.write(name, text);
        succeed(self.program(interpreter).arg(name).envs(variables));
    }
}

/// The program around the `openidconnect` crate, built in the versions that are locked beside it.
pub(crate) fn openidconnect() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/openidconnect/Cargo.toml");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients-openidconnect");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--locked", "--quiet"]);
    succeed(
        cargo
            .arg("--manifest-path")
            .arg(manifest)
            .arg("--target-dir")
            .arg(&target),
    );
    target.join("debug/openidconnect-client")
}
