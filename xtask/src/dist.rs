//! `cargo xtask dist`: the binary as it is handed to others, without a path of the machine it was built on.
//!
//! A plain `cargo build --release` leaves the paths of sources in it, by which panics and assertions name their place:
//! they tell the builder's name and folders. Cargo's own answer, `trim-paths`, is not in the stable toolchain yet.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::run::{self, Stop, cargo, root};

/// Folders whose names say something about the machine, and what stands for each in the binary.
struct Folders(Vec<(PathBuf, &'static str)>);

/// Builds the binary and refuses it when a path of this machine is in it.
pub(crate) fn run() -> Result<(), Stop> {
    let folders = Folders::of_this_machine();
    let target = root().join("target/dist");
    run::run(&mut build(&folders, &target))?;
    let binary = target.join("release/jeton");
    let bytes = fs::read(&binary).map_err(|error| Stop::refused(format!("{}: {error}", binary.display())))?;
    if let Some(leak) = folders.leak(&bytes) {
        return Err(Stop::refused(format!(
            "{} holds a path of this machine: {leak}",
            binary.display()
        )));
    }
    println!("{}", binary.display());
    Ok(())
}

/// In a folder of its own: other flags would have everything built anew, and the next plain build again.
fn build(folders: &Folders, target: &Path) -> Command {
    let mut command = cargo("build --release --locked --package jeton-server --target-dir");
    command.arg(target);
    // Encoded, since a path may hold a blank. That variable goes over the other, which is not to be lost.
    let plain =
        || env::var("RUSTFLAGS").map(|flags| flags.split_whitespace().collect::<Vec<_>>().join("\u{1f}"));
    let given = env::var("CARGO_ENCODED_RUSTFLAGS")
        .or_else(|_| plain())
        .unwrap_or_default();
    let flags = [given, folders.flags("--remap-path-prefix").join("\u{1f}")];
    let flags: Vec<_> = flags.into_iter().filter(|flags| !flags.is_empty()).collect();
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    // AWS-LC and SQLite are C, and name their sources in assertions and errors.
    let mut c_flags = env::var_os("CFLAGS").unwrap_or_default();
    for flag in folders.flags("-ffile-prefix-map") {
        c_flags.push(" ");
        c_flags.push(flag);
    }
    command.env("CFLAGS", c_flags);
    command
}

impl Folders {
    /// The most special first: the others may lie around it.
    fn of_this_machine() -> Self {
        let home = env::var_os("HOME").map(PathBuf::from);
        let under_home = |variable, name| {
            let named = env::var_os(variable).map(PathBuf::from);
            named.or_else(|| Some(home.as_ref()?.join(name)))
        };
        let folders = [
            (Some(root()), "/jeton"),
            (under_home("CARGO_HOME", ".cargo"), "/cargo"),
            (under_home("RUSTUP_HOME", ".rustup"), "/rustup"),
            (home.clone(), "/home"),
        ];
        let folders = folders
            .into_iter()
            .filter_map(|(folder, name)| Some((folder?, name)));
        Self(folders.filter(|(folder, _)| folder != Path::new("/")).collect())
    }

    /// Of several that fit, compilers take the last.
    fn flags(&self, option: &str) -> Vec<String> {
        let flags = self.0.iter().rev();
        flags
            .map(|(folder, name)| format!("{option}={}={name}", folder.display()))
            .collect()
    }

    /// The first path of one of these folders in there.
    fn leak(&self, bytes: &[u8]) -> Option<String> {
        self.0.iter().find_map(|(folder, _)| {
            let folder = format!("{}/", folder.display());
            let at = bytes
                .windows(folder.len())
                .position(|window| window == folder.as_bytes())?;
            let path = bytes[at..].iter().take(200);
            let path: Vec<u8> = path.copied().take_while(u8::is_ascii_graphic).collect();
            Some(String::from_utf8_lossy(&path).into_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{Folders, build};

    fn folders() -> Folders {
        Folders(vec![
            (PathBuf::from("/home/ada/src/jeton"), "/jeton"),
            (PathBuf::from("/home/ada"), "/home"),
        ])
    }

    #[test]
    fn a_path_of_the_machine_is_found_wherever_it_stands_and_shown() {
        let binary = b"\0panicked\0/home/ada/.cargo/registry/x.rs\0more";
        assert_eq!(
            folders().leak(binary).as_deref(),
            Some("/home/ada/.cargo/registry/x.rs")
        );
        assert_eq!(folders().leak(b"\0/jeton/crates/x.rs\0/home/adam/y"), None);
    }

    #[test]
    fn the_most_special_folder_is_named_last_since_the_last_that_fits_is_taken() {
        assert_eq!(
            folders().flags("--remap-path-prefix"),
            [
                "--remap-path-prefix=/home/ada=/home",
                "--remap-path-prefix=/home/ada/src/jeton=/jeton"
            ]
        );
    }

    #[test]
    fn compilers_of_both_languages_are_told() {
        let command = build(&folders(), Path::new("/tmp/dist"));
        let set = |name: &str| {
            let (_, value) = command.get_envs().find(|(set, _)| *set == name)?;
            Some(value?.to_string_lossy().into_owned())
        };
        let (rust, c) = (set("CARGO_ENCODED_RUSTFLAGS"), set("CFLAGS"));
        assert!(rust.is_some_and(|flags| flags.contains("--remap-path-prefix=/home/ada=/home")));
        assert!(c.is_some_and(|flags| flags.contains("-ffile-prefix-map=/home/ada=/home")));
    }
}
