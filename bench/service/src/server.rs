//! A process of the service.

use std::{
    fs::File,
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

/// Password hashes that cost next to nothing, for what is not about them.
pub const CHEAP: [&str; 4] = ["--argon2-memory-kib", "8", "--argon2-iterations", "1"];

/// No limits on attempts, and a log of errors alone.
pub const UNLIMITED: [&str; 4] = ["--rate-limit", "off", "--log", "error"];

impl Server {
    /// Starts the binary in a folder and returns at once.
    pub fn spawn(binary: &Path, folder: &Path, settings: &[&str]) -> io::Result<Self> {
        // Taken and given back: the port is free for the child, and known before it says anything.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = Command::new(binary)
            .env_clear()
            .current_dir(folder)
            .args(["--listen", &address.to_string()])
            .args(settings)
            .stdout(Stdio::null())
            .stderr(File::create(folder.join("log"))?)
            .spawn()?;
        Ok(Self { child, address })
    }

    /// Starts it and waits until it answers.
    pub fn started(binary: &Path, folder: &Path, settings: &[&str]) -> io::Result<Self> {
        let server = Self::spawn(binary, folder, settings)?;
        server.first_answer("/protected", Duration::from_secs(60))?;
        Ok(server)
    }

    /// Asks for a path until somebody answers; gives the status line.
    pub fn first_answer(&self, path: &str, deadline: Duration) -> io::Result<String> {
        let end = Instant::now() + deadline;
        loop {
            match TcpStream::connect(self.address) {
                Ok(connection) => return get(connection, path),
                Err(error) if Instant::now() > end => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_micros(200)),
            }
        }
    }

    /// Waits until everything that was written has been sealed into the audit trail's chain: a table that was just
    /// filled keeps the sealer busy.
    pub fn sealed(&self, deadline: Duration) -> io::Result<()> {
        self.until_metric("audit_events_unsealed 0", deadline)
    }

    /// Waits until there is this line among the metrics.
    pub fn until_metric(&self, wanted: &str, deadline: Duration) -> io::Result<()> {
        let end = Instant::now() + deadline;
        loop {
            let metrics = answer(TcpStream::connect(self.address)?, "/metrics")?;
            if metrics.lines().any(|line| line == wanted) {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(io::Error::other(format!("`{wanted}` did not come about in time")));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// How long all of its threads together have worked, as the scheduler counts it: what the load generator takes
    /// from the machine is not in it.
    pub fn worked(&self) -> io::Result<Duration> {
        let mut nanoseconds = 0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            // A thread may end between the listing and the reading.
            let account = std::fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
            let ran = account.split(' ').next().and_then(|ran| ran.parse::<u64>().ok());
            nanoseconds += ran.unwrap_or(0);
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Resident memory in KiB, as the kernel counts it.
    pub fn resident_kib(&self) -> io::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line
            .and_then(|rest| rest.split_whitespace().next())
            .and_then(|text| text.parse().ok());
        number.ok_or_else(|| io::Error::other("the kernel does not say how much memory it takes"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(connection: TcpStream, path: &str) -> io::Result<String> {
    let answer = answer(connection, path)?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}

fn answer(mut connection: TcpStream, path: &str) -> io::Result<String> {
    write!(
        connection,
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(answer)
}
