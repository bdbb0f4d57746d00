//! Processes of the service: a node that serves, killed and started again, and the command line beside it.

use std::{
    collections::VecDeque,
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Password hashes that cost next to nothing.
const CHEAP: [&str; 4] = ["--argon2-memory-kib", "8", "--argon2-iterations", "1"];

/// How many lines of its log are kept.
const KEPT: usize = 40;

/// How a node is started, again and again.
#[derive(Clone)]
pub struct Setup {
    pub binary: PathBuf,
    pub folder: PathBuf,
    pub address: SocketAddr,
    pub settings: Vec<String>,
    pub variables: Vec<(String, String)>,
}

impl Setup {
    /// On a port that is free now and stays this node's.
    pub fn new(binary: &Path, folder: &Path) -> io::Result<Self> {
        Ok(Self {
            binary: binary.to_owned(),
            folder: folder.to_owned(),
            address: TcpListener::bind("127.0.0.1:0")?.local_addr()?,
            settings: CHEAP.map(str::to_owned).to_vec(),
            variables: Vec::new(),
        })
    }

    pub fn with<const N: usize>(mut self, settings: [&str; N]) -> Self {
        self.settings.extend(settings.map(str::to_owned));
        self
    }

    pub fn start(&self) -> io::Result<Server> {
        let mut child = self
            .command()
            .args(["--listen", &self.address.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let log = Arc::<Mutex<Log>>::default();
        let reader = child.stderr.take().map(|stderr| {
            let log = Arc::clone(&log);
            thread::spawn(move || follow(stderr, &log))
        });
        let server = Server {
            child: Mutex::new(child),
            address: self.address,
            log,
            reader,
        };
        server.until_listening()?;
        Ok(server)
    }

    /// Runs a command of the service to its end.
    pub fn run(&self, arguments: &[&str], input: &str) -> io::Result<Output> {
        let mut child = self
            .command()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A command that reads nothing may have ended.
            let _ = stdin.write_all(input.as_bytes());
        }
        child.wait_with_output()
    }

    /// Runs a command that must succeed, and gives its output.
    pub fn must(&self, arguments: &[&str], input: &str) -> io::Result<String> {
        let ended = self.run(arguments, input)?;
        if ended.status.success() {
            return Ok(String::from_utf8_lossy(&ended.stdout).into_owned());
        }
        let error = String::from_utf8_lossy(&ended.stderr);
        Err(io::Error::other(format!(
            "`jeton {}`: {error}",
            arguments.join(" ")
        )))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .env_clear()
            .current_dir(&self.folder)
            .args(&self.settings)
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

pub struct Server {
    child: Mutex<Child>,
    pub address: SocketAddr,
    log: Arc<Mutex<Log>>,
    reader: Option<JoinHandle<()>>,
}

/// The last lines a process wrote, and those that must never be.
#[derive(Default)]
struct Log {
    last: VecDeque<String>,
    panics: Vec<String>,
    tokens: Vec<String>,
}

impl Server {
    fn until_listening(&self) -> io::Result<()> {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            if TcpStream::connect(self.address).is_ok() {
                return Ok(());
            }
            if let Some(status) = self.ended()? {
                let log = self.last_words();
                return Err(io::Error::other(format!("the service ended ({status}):\n{log}")));
            }
            if Instant::now() > end {
                return Err(io::Error::other("the service does not listen within a minute"));
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// How it ended, if it did.
    pub fn ended(&self) -> io::Result<Option<ExitStatus>> {
        self.child().try_wait()
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As a crash of the machine ends it.
    pub fn kill(mut self) {
        self.stop();
    }

    pub fn stop(&mut self) {
        // It may have ended by itself.
        let _ = self.child().kill();
        self.wait();
    }

    /// As an operator ends it; says how it went.
    pub fn terminate(mut self) -> io::Result<ExitStatus> {
        Command::new("kill")
            .args(["-TERM", &self.child().id().to_string()])
            .status()?;
        let end = Instant::now() + Duration::from_secs(40);
        loop {
            if let Some(status) = self.ended()? {
                self.wait();
                return Ok(status);
            }
            if Instant::now() > end {
                return Err(io::Error::other("SIGTERM does not end the service within 40 s"));
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn wait(&mut self) {
        let _ = self.child().wait();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }

    pub fn last_words(&self) -> String {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<_> = log.last.iter().map(String::as_str).collect();
        lines.join("\n")
    }

    /// The lines about panics and those with a token in them, since this was asked last.
    pub fn bad_lines(&self) -> Vec<String> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lines = std::mem::take(&mut log.panics);
        lines.append(&mut log.tokens);
        lines
    }

    /// Resident memory in KiB, as the kernel counts it.
    pub fn resident_kib(&self) -> io::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child().id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line
            .and_then(|rest| rest.split_whitespace().next())
            .and_then(|text| text.parse().ok());
        number.ok_or_else(|| io::Error::other("the kernel does not say how much memory it takes"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Every token of three parts begins so: `{"` in base64url.
const TOKEN: &str = "eyJ";

fn follow(stderr: ChildStderr, log: &Mutex<Log>) {
    for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        if line.contains("panicked") {
            log.panics.push(line.clone());
        }
        if line.contains(TOKEN) || line.contains(crate::requests::SECRET) {
            log.tokens.push(line.clone());
        }
        if log.last.len() == KEPT {
            log.last.pop_front();
        }
        log.last.push_back(line);
    }
}
