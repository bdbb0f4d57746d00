//! A `jeton` process in a folder of its own.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::{Agent, http::StatusCode};

/// Where a server keeps its database and key; it survives the process.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The command, with nothing of the environment the tests run in, and a cheap password hash.
    pub(crate) fn command<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = self.run_by(Command::new(env!("CARGO_BIN_EXE_jeton")));
        command.args(arguments);
        command
    }

    /// The service, started by a shell that sets limits of its own first.
    pub(crate) fn with_files(&self, limits: &str) -> Command {
        let mut command = self.run_by(Command::new("/bin/sh"));
        let start = format!("{limits} && exec \"$0\"");
        command.args(["-c", &start, env!("CARGO_BIN_EXE_jeton")]);
        command
    }

    /// A program with the environment of the service's.
    pub(crate) fn run_by(&self, mut command: Command) -> Command {
        command
            .env_clear()
            .current_dir(self.path())
            .env("JETON_ARGON2_MEMORY_KIB", "64")
            .env("JETON_ARGON2_ITERATIONS", "1")
            .env("JETON_ADDRESS_LIMIT", "1000000")
            .env("JETON_LISTEN", "127.0.0.1:0");
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run<const N: usize>(&self, arguments: [&str; N]) -> Finished {
        Finished::of(self.command(arguments).output().unwrap())
    }

    /// Makes a client that may follow the feed of revocations: its id and secret.
    pub(crate) fn feeder(&self) -> (String, String) {
        let said = self.run([
            "clients",
            "create",
            "feeder",
            "--scope",
            "revocations:read",
            "--json",
        ]);
        assert!(said.succeeded, "{said:?}");
        let said: Value = serde_json::from_str(&said.out).unwrap();
        let text = |member: &str| said[member].as_str().unwrap().to_owned();
        (text("client_id"), text("client_secret"))
    }

    /// Runs a command to its end with a text on its standard input.
    pub(crate) fn run_with_input<const N: usize>(&self, arguments: [&str; N], input: &str) -> Finished {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Finished::of(child.wait_with_output().unwrap())
    }

    pub(crate) fn start(&self) -> Server {
        Server::start(self.command([]))
    }
}

/// A command whose clock is off by this, as in `+400d`; time goes on as ever for it. `faketime` names its library.
pub(crate) fn under_clock(mut command: Command, offset: &str) -> Command {
    let library = Command::new("faketime")
        .args(["-m", "-f", "+0", "printenv", "LD_PRELOAD"])
        .output()
        .unwrap_or_else(|error| panic!("faketime is needed, which cargo xtask test installs: {error}"));
    let library = String::from_utf8(library.stdout).unwrap();
    command
        .env("LD_PRELOAD", library.trim())
        .env("FAKETIME", offset)
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    command
}

/// What a command that ended said.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) succeeded: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Finished {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            succeeded: output.status.success(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

/// A process that serves. Dropping it kills it as `kill -9` does.
pub(crate) struct Server {
    child: Child,
    base: String,
    log: Arc<Log>,
    agent: Agent,
}

impl Server {
    /// Starts it and waits until it says where it listens.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = Log::follow(child.stderr.take().unwrap());
        let listening = log.behind("listening on ");
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_mins(1)));
        Self {
            child,
            base: listening.split(',').next().unwrap_or_default().to_owned(),
            log,
            agent: config.build().new_agent(),
        }
    }

    pub(crate) fn kill(self) {
        drop(self);
    }

    /// Kills it while others still talk to it.
    pub(crate) fn kill_now(&self) {
        self.signal("-KILL");
    }

    /// Asks it to stop, as a service manager does.
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    pub(crate) fn wait(&mut self) -> bool {
        self.child.wait().unwrap().success()
    }

    /// Waits for it to say this in its log, and returns the rest of that line.
    pub(crate) fn says(&self, text: &str) -> String {
        self.log.behind(text)
    }

    /// Its whole log, once it has ended.
    pub(crate) fn said(&self) -> String {
        let said = self.log.said.lock().unwrap();
        let said = self.log.more.wait_while(said, |said| !said.is_whole).unwrap();
        said.lines.join("\n")
    }

    pub(crate) fn authority(&self) -> &str {
        self.base.strip_prefix("http://").unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> Reply {
        self.try_get(path, token).unwrap()
    }

    /// The same where the server may be gone.
    pub(crate) fn try_get(&self, path: &str, token: &str) -> Result<Reply, ureq::Error> {
        let request = self.agent.get(format!("{}{path}", self.base));
        request
            .header("authorization", &format!("Bearer {token}"))
            .call()
            .and_then(Reply::whole)
    }

    pub(crate) fn delete(&self, path: &str, token: &str) -> StatusCode {
        let request = self.agent.delete(format!("{}{path}", self.base));
        request
            .header("authorization", &format!("Bearer {token}"))
            .call()
            .unwrap()
            .status()
    }

    /// One of the metrics.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let mut answer = self.agent.get(format!("{}/metrics", self.base)).call().unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name} in {text}"))
            .parse()
            .unwrap()
    }

    pub(crate) fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Reply {
        self.try_post(path, token, body).unwrap()
    }

    /// The same where the server may be gone.
    pub(crate) fn try_post(
        &self,
        path: &str,
        token: Option<&str>,
        body: &Value,
    ) -> Result<Reply, ureq::Error> {
        let mut request = self.agent.post(format!("{}{path}", self.base));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        request.send_json(body).and_then(Reply::whole)
    }

    /// Asks for a token with a client's id and secret.
    pub(crate) fn client_token(&self, id: &str, secret: &str) -> Reply {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret),
        ];
        let request = self.agent.post(format!("{}/oauth/token", self.base));
        Reply::of(request.send_form(form).unwrap())
    }

    pub(crate) fn register(&self, username: &str) -> Reply {
        self.post("/register", None, &credentials(username))
    }

    pub(crate) fn login(&self, username: &str) -> Reply {
        self.post("/login", None, &credentials(username))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn credentials(username: &str) -> Value {
    json!({ "username": username, "password": "pass1425" })
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    /// In seconds.
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Value,
}

impl Reply {
    fn of(response: ureq::http::Response<ureq::Body>) -> Self {
        Self::whole(response).unwrap()
    }

    /// An answer that came to its end.
    fn whole(mut response: ureq::http::Response<ureq::Body>) -> Result<Self, ureq::Error> {
        Ok(Self {
            status: response.status(),
            retry_after: response
                .headers()
                .get("retry-after")
                .map(|value| value.to_str().unwrap().parse().unwrap()),
            body: response.body_mut().read_json()?,
        })
    }

    pub(crate) fn text(&self, member: &str) -> String {
        self.body[member]
            .as_str()
            .unwrap_or_else(|| panic!("no {member} in {self:?}"))
            .to_owned()
    }
}

/// What a process has written to its log so far.
#[derive(Default)]
struct Log {
    said: Mutex<Said>,
    more: Condvar,
}

#[derive(Default)]
struct Said {
    lines: Vec<String>,
    is_whole: bool,
}

impl Log {
    /// Keeps what it says from now on.
    fn follow(log: impl Read + Send + 'static) -> Arc<Self> {
        let kept = Arc::new(Self::default());
        let followed = Arc::clone(&kept);
        thread::spawn(move || {
            for line in BufReader::new(log).lines().map_while(Result::ok) {
                followed.said.lock().unwrap().lines.push(line);
                followed.more.notify_all();
            }
            followed.said.lock().unwrap().is_whole = true;
            followed.more.notify_all();
        });
        kept
    }

    /// Waits for a line with this in it, and returns what stands behind it there.
    fn behind(&self, text: &str) -> String {
        let mut said = self.said.lock().unwrap();
        loop {
            let mut lines = said.lines.iter();
            if let Some((_, rest)) = lines.find_map(|line| line.split_once(text)) {
                return rest.to_owned();
            }
            assert!(
                !said.is_whole,
                "it ended before it said “{text}”: {}",
                said.lines.join("\n")
            );
            said = self.more.wait(said).unwrap();
        }
    }
}
