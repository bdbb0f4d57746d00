//! Running a command: it is printed, its output streams through, and its failure ends the run.

use std::{
    env,
    ffi::OsStr,
    fmt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Why the run ends before its end.
#[derive(Debug)]
pub(crate) struct Stop {
    message: String,
    code: u8,
}

impl Stop {
    /// Nothing failed, but going on would be wrong.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 2,
        }
    }

    /// What the shell is told: the code of the command that failed, where there is one.
    pub(crate) fn code(&self) -> u8 {
        self.code
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    // Cargo sets the variable for whatever it runs. The path this file was compiled at would be the wrong one
    // once two checkouts share a target directory.
    let xtask = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let xtask = PathBuf::from(xtask);
    xtask.parent().map(Path::to_path_buf).unwrap_or(xtask)
}

/// A command from its words, in the root of the workspace.
pub(crate) fn command(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).current_dir(root());
    command
}

/// The cargo that runs us.
pub(crate) fn cargo(arguments: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments.split_whitespace()).current_dir(root());
    command
}

/// Prints the command, runs it with our own input and output, and stops on its failure.
pub(crate) fn run(command: &mut Command) -> Result<(), Stop> {
    let shown = shown(command);
    eprintln!("$ {shown}");
    let status = command
        .status()
        .map_err(|error| Stop::refused(format!("`{shown}` cannot be started: {error}")))?;
    if status.success() {
        return Ok(());
    }
    let code = status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1);
    Err(Stop {
        message: format!("`{shown}` failed ({status})"),
        code,
    })
}

/// Whether a command can be run and succeeds. Says nothing, shows nothing.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The words of a command that succeeds. Shows nothing.
pub(crate) fn said(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    let words = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| words.trim().to_owned())
}

pub(crate) fn is_root() -> bool {
    said(&mut command("id -u")).as_deref() == Some("0")
}

/// A command as a person would type it in the root of the workspace.
pub(crate) fn shown(command: &Command) -> String {
    let set = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={}", name.display(), quoted(value?))));
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let words = [program].into_iter().chain(command.get_args()).map(quoted);
    set.chain(words).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    if word.contains(' ') {
        format!("\"{word}\"")
    } else {
        word.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{cargo, command, run, said, shown, succeeds};

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failure_keeps_its_exit_code() {
        assert_eq!(run(&mut shell("exit 101")).unwrap_err().code(), 101);
    }

    #[test]
    fn a_command_killed_by_a_signal_is_a_failure_too() {
        assert_eq!(run(&mut shell("kill -9 $$")).unwrap_err().code(), 1);
    }

    #[test]
    fn a_command_that_is_not_there_is_named() {
        let stop = run(&mut command("no-such-program-anywhere")).unwrap_err();

        assert_ne!(stop.code(), 0);
        assert!(
            stop.to_string()
                .contains("`no-such-program-anywhere` cannot be started"),
            "{stop}"
        );
    }

    #[test]
    fn a_probe_answers_for_what_fails_and_for_what_is_not_there() {
        assert!(succeeds(&mut shell("exit 0")));
        assert!(!succeeds(&mut shell("exit 3")));
        assert!(!succeeds(&mut command("no-such-program-anywhere")));
    }

    #[test]
    fn only_what_succeeds_is_listened_to() {
        assert_eq!(said(&mut shell("echo ' a '")).as_deref(), Some("a"));
        assert_eq!(said(&mut shell("echo a; exit 3")), None);
        assert_eq!(said(&mut command("no-such-program-anywhere")), None);
    }

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = cargo("doc --no-deps");
        command
            .env("RUSTDOCFLAGS", "-D warnings")
            .env_remove("JWT_SECRET");

        assert_eq!(
            shown(&command),
            "RUSTDOCFLAGS=\"-D warnings\" cargo doc --no-deps"
        );
    }
}
