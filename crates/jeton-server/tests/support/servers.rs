//! Servers of a test's own, which it may kill and start again. They end with it.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    os::unix::process::CommandExt,
    process::{Child, ChildStdout, Command, Stdio},
};

/// A server that is kept by one of the task runner's scripts.
pub(crate) struct Private {
    shell: Child,
    answers: BufReader<ChildStdout>,
    /// Its URL, and the certificate to trust.
    announced: Vec<String>,
}

/// Whose commits wait for the disk, or do not.
pub(crate) fn postgres(durable: bool) -> Private {
    let durable = if durable { "on" } else { "off" };
    Private::start(
        include_str!("../../../../xtask/src/services/postgres.sh"),
        durable,
    )
}

pub(crate) fn redis() -> Private {
    Private::start(include_str!("../../../../xtask/src/services/redis.sh"), "")
}

/// One that is spoken to with TLS alone.
pub(crate) fn redis_with_tls() -> Private {
    Private::start(include_str!("../../../../xtask/src/services/redis.sh"), "tls")
}

impl Private {
    /// Starts what a script starts, on a free port.
    fn start(script: &str, word: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut shell = unprivileged()
            .args([
                "sh",
                "-c",
                script,
                "private",
                &port.to_string(),
                &postgres_programs(),
                word,
            ])
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(shell.stdout.take().unwrap());
        let mut server = Self {
            shell,
            answers,
            announced: Vec::new(),
        };
        server.announced = server.until_done();
        server
    }

    pub(crate) fn url(&self) -> &str {
        &self.announced[0]
    }

    /// The file with the certificate to trust.
    pub(crate) fn root_cert(&self) -> &str {
        &self.announced[1]
    }

    /// Has its script do something; it is done when this returns.
    pub(crate) fn tell(&mut self, command: &str) {
        writeln!(self.shell.stdin.as_mut().unwrap(), "{command}").unwrap();
        self.until_done();
    }

    /// Reads up to the empty line: the values of what is announced before.
    fn until_done(&mut self) -> Vec<String> {
        let mut values = Vec::new();
        for line in (&mut self.answers).lines() {
            match line.unwrap().split_once('=') {
                Some((_, value)) => values.push(value.to_owned()),
                None => return values,
            }
        }
        panic!("its own words are above");
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// PostgreSQL refuses to run as root; its package brings a user for that.
fn unprivileged() -> Command {
    let id = Command::new("id").arg("-u").output().unwrap();
    if id.stdout == b"0\n" {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
        command
    } else {
        Command::new("env")
    }
}

/// The folder of PostgreSQL's programs: that of the one on the path, or the newest of Debian's.
pub(crate) fn postgres_programs() -> String {
    let find =
        "dirname \"$(command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)\"";
    let found = Command::new("sh").args(["-c", find]).output().unwrap();
    String::from_utf8(found.stdout).unwrap().trim().to_owned()
}
