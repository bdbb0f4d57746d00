//! The clients, installed once into the build's folder in the versions that are locked beside this file.

use std::{
    ffi::OsStr,
    fs::{self, File},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

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
        Self::below(ready("node", PACKAGE_LOCK, |fresh| {
            fs::write(fresh.join("package.json"), PACKAGE).unwrap();
            fs::write(fresh.join("package-lock.json"), PACKAGE_LOCK).unwrap();
            let mut npm = Command::new("npm");
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]);
            succeed(npm.current_dir(fresh));
        }))
    }

    /// With the clients from Python's package index in an environment of their own.
    pub(crate) fn python() -> Self {
        Self::below(ready("python", REQUIREMENTS, |fresh| {
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

pub(crate) fn succeed(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}; cargo xtask test installs what is missing"));
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "{command:?}: {out}{err}");
}

/// The folder with the clients of this list, made by the first test that needs it while the others wait.
fn ready(kind: &str, list: &str, install: impl FnOnce(&Path)) -> PathBuf {
    let number = BuildHasherDefault::<DefaultHasher>::default().hash_one(list);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("clients-{kind}-{number:016x}"));
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
