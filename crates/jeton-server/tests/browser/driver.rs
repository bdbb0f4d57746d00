//! The driver of Chromium, one for all tests of this process, and its protocol: JSON over HTTP, by the standard of the W3C.

use std::{
    fmt,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use ureq::{Agent, http::Method};

/// How long a condition may take to come true.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked at.
const POLL: Duration = Duration::from_millis(20);

/// What the driver answered in place of a value.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// One of the standard's names for it, as in `stale element reference`.
    pub(crate) error: String,
    message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error, self.message)
    }
}

pub(crate) struct Driver {
    base: String,
    agent: Agent,
    /// Its end is the driver's.
    _shell: Child,
}

impl Driver {
    /// The one of this process, started by whoever comes first.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Driver> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    fn start() -> Self {
        let mut shell = Command::new("/bin/sh")
            .args(["-c", include_str!("driver.sh")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(shell.stdout.take().unwrap()).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| port(&line))
            .unwrap_or_else(|| panic!("chromedriver does not start; cargo xtask test installs it"));
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_mins(1)));
        Self {
            base: format!("http://127.0.0.1:{port}"),
            agent: config.build().new_agent(),
            _shell: shell,
        }
    }

    /// Sends a command and returns its value.
    pub(crate) fn send(&self, method: &Method, path: &str, body: &Value) -> Result<Value, Refusal> {
        let url = format!("{}{path}", self.base);
        let answer = match *method {
            Method::POST => self.agent.post(url).send_json(body),
            Method::DELETE => self.agent.delete(url).call(),
            _ => self.agent.get(url).call(),
        };
        let mut answer =
            answer.unwrap_or_else(|error| panic!("chromedriver does not answer {path}: {error}"));
        let has_failed = !answer.status().is_success();
        // A picture of a long page is larger than what is read by default.
        let body = answer.body_mut().with_config().limit(256 << 20).read_json();
        let mut body: Value = body.unwrap_or_else(|error| panic!("the answer to {path}: {error}"));
        let value = body["value"].take();
        if has_failed {
            let text = |member: &str| value[member].as_str().unwrap_or_default().to_owned();
            let (error, message) = (text("error"), text("message"));
            return Err(Refusal { error, message });
        }
        Ok(value)
    }

    /// Opens a session and returns its path.
    pub(crate) fn open(&self, capabilities: &Value) -> String {
        let body = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let opened = self.send(&Method::POST, "/session", &body);
        let opened = opened.unwrap_or_else(|refusal| panic!("Chromium does not start: {refusal}"));
        format!("/session/{}", opened["sessionId"].as_str().unwrap())
    }
}

/// The port in the line that says that it has started.
fn port(line: &str) -> Option<u16> {
    let (_, port) = line.split_once("started successfully on port ")?;
    port.trim_end_matches('.').parse().ok()
}

/// Looks again and again until there is something, at most for ten seconds.
pub(crate) fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let began = Instant::now();
    loop {
        let found = look();
        if found.is_some() || began.elapsed() > PATIENCE {
            return found;
        }
        pause();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "between two looks at a condition, which nothing tells of"
)]
pub(crate) fn pause() {
    thread::sleep(POLL);
}
