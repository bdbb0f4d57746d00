//! The servers the tests talk to: a PostgreSQL and a Redis of their own, on free ports, started for one run and gone
//! with it. Each is kept by a shell that waits for the end of its input, which comes when this process ends, however
//! it ends.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::run::{Stop, is_root};

/// Where Debian puts what is not for everybody's path, below the version.
const DEBIAN: &str = "/usr/lib/postgresql";

const POSTGRES: Service = Service {
    name: "PostgreSQL",
    variable: "JETON_TEST_POSTGRES_URL",
    script: include_str!("services/postgres.sh"),
};

const REDIS: Service = Service {
    name: "Redis",
    variable: "JETON_TEST_REDIS_URL",
    script: include_str!("services/redis.sh"),
};

/// What a test run needs beside it.
#[derive(Debug)]
pub(crate) struct Services {
    running: Vec<Running>,
    given: Vec<(&'static str, String)>,
}

impl Services {
    pub(crate) const fn none() -> Self {
        Self {
            running: Vec::new(),
            given: Vec::new(),
        }
    }

    /// Starts each server whose URL is not given.
    pub(crate) fn start() -> Result<Self, Stop> {
        let mut services = Self::none();
        for service in [POSTGRES, REDIS] {
            match env::var(service.variable) {
                Ok(url) => services.given.push((service.variable, url)),
                Err(_) => services.running.push(service.start()?),
            }
        }
        Ok(services)
    }

    /// Tells a command where they are.
    pub(crate) fn hand_to(&self, command: &mut Command) {
        let running = self.running.iter().flat_map(|running| &running.announced);
        command
            .envs(running.map(|(name, value)| (name, value)))
            .envs(self.given.iter().map(|(name, value)| (name, value)));
    }
}

struct Service {
    name: &'static str,
    /// The environment variable that hands its URL to the tests, or to us.
    variable: &'static str,
    /// Starts the server on the port `$1` with the programs in `$2`, prints `NAME=value` for each variable of the
    /// tests and an empty line, waits for the end of its input, and leaves nothing behind.
    script: &'static str,
}

impl Service {
    fn start(&self) -> Result<Running, Stop> {
        let failed = |error: &dyn std::fmt::Display| {
            Stop::refused(format!(
                "{} for the tests could not be started: {error}",
                self.name
            ))
        };
        let port = free_port().map_err(|error| failed(&error))?;
        let mut shell = unprivileged()
            .args(["sh", "-c", self.script, self.name, &port.to_string()])
            .arg(postgres_programs().unwrap_or_default())
            // Somewhere everybody may be.
            .current_dir("/")
            // Not in the foreground: Ctrl-C is for the tests, and this one outlives them by a moment.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| failed(&error))?;
        let announced = shell.stdout.take().map(announced).unwrap_or_default();
        let running = Running { shell, announced };
        if running.announced.iter().any(|(name, _)| name == self.variable) {
            Ok(running)
        } else {
            Err(failed(&"its own words are above"))
        }
    }
}

#[derive(Debug)]
struct Running {
    shell: Child,
    /// The environment variables it told.
    announced: Vec<(String, String)>,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// Reads variables up to the empty line, which comes when the server answers, or to the end, when it will not.
fn announced(output: impl std::io::Read) -> Vec<(String, String)> {
    BufReader::new(output)
        .lines()
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            line.split_once('=')
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        })
        .collect()
}

/// PostgreSQL refuses to run as root; its package brings a user for that.
fn unprivileged() -> Command {
    if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
        command
    } else {
        Command::new("env")
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The folder with `initdb` and `pg_ctl`: on the path, or where Debian keeps the newest.
pub(crate) fn postgres_programs() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).filter(|folder| is_complete(folder));
    let mut debian: Vec<(u32, PathBuf)> = fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .filter(|(_, folder)| is_complete(folder))
        .collect();
    debian.sort();
    folders
        .into_iter()
        .next()
        .or(debian.pop().map(|(_, folder)| folder))
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"]
        .iter()
        .all(|program| folder.join(program).exists())
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::{POSTGRES, REDIS, announced};

    #[test]
    fn variables_are_read_up_to_the_empty_line() {
        let output = "A=1\nnoise\nB=x=y\n\nC=3\n";
        let expected = [("A", "1"), ("B", "x=y")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(announced(output.as_bytes()), expected);
    }

    #[test]
    fn a_server_that_cannot_start_is_named() {
        let broken = super::Service {
            script: "echo A=1; exit 1",
            ..POSTGRES
        };
        let stop = broken.start().unwrap_err();
        assert!(
            stop.to_string().starts_with("PostgreSQL for the tests could not"),
            "{stop}"
        );
    }

    #[test]
    fn a_server_answers_and_is_gone_with_its_run() {
        for service in [POSTGRES, REDIS] {
            let running = service.start().unwrap();
            let url = running.announced[0].1.clone();
            let address = url
                .split(['@', '/'])
                .find(|part| part.contains("127.0.0.1"))
                .unwrap()
                .to_owned();
            assert!(TcpStream::connect(&address).is_ok(), "{url}");
            drop(running);
            assert!(TcpStream::connect(&address).is_err(), "{url}");
        }
    }
}
