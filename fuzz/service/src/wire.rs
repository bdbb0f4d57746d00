//! HTTP over a plain socket: any bytes go out, and what comes back is read as strictly as it needs to be.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// Longer than any answer may take, so that a hang shows.
const PATIENCE: Duration = Duration::from_secs(40);

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A member of the body that is a text.
    pub fn text(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_default().to_owned()
    }

    fn closes(&self) -> bool {
        self.header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Trouble {
    /// Nobody listens: the request was not sent.
    NotSent,
    /// The connection ended without an answer: the request may or may not have been carried out.
    Broken(io::Error),
}

/// A connection, kept open from one request to the next.
pub struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
}

impl Connection {
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
        }
    }

    pub fn close(&mut self) {
        self.stream = None;
    }

    /// Sends a request, and once more if the connection was kept from before: it may have been closed just then.
    pub fn call_again(&mut self, request: &[u8]) -> Result<Answer, Trouble> {
        let is_kept = self.stream.is_some();
        match self.call(request) {
            Err(_) if is_kept => self.call(request),
            answer => answer,
        }
    }

    /// Sends a request, once.
    pub fn call(&mut self, request: &[u8]) -> Result<Answer, Trouble> {
        let mut stream = match self.stream.take().filter(is_open) {
            Some(stream) => stream,
            None => connect(self.address).map_err(|_| Trouble::NotSent)?,
        };
        let answer = stream
            .write_all(request)
            .and_then(|()| read(&mut stream, request.starts_with(b"HEAD ")));
        let answer = answer.map_err(Trouble::Broken)?;
        if !answer.closes() {
            self.stream = Some(stream);
        }
        Ok(answer)
    }

    /// Sends bytes that need not be a whole request over a connection of their own; says that nothing follows if they
    /// are cut.
    pub fn call_alone(address: SocketAddr, bytes: &[u8], is_cut: bool) -> Result<Answer, Trouble> {
        let mut stream = connect(address).map_err(|_| Trouble::NotSent)?;
        // Refused early, the rest of a long request cannot be written any more.
        let _ = stream.write_all(bytes);
        if is_cut {
            let _ = stream.shutdown(Shutdown::Write);
        }
        read(&mut stream, bytes.starts_with(b"HEAD ")).map_err(Trouble::Broken)
    }
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Whether the other side has neither closed an idle connection nor said something unasked.
fn is_open(stream: &TcpStream) -> bool {
    let mut byte = [0];
    if stream.set_nonblocking(true).is_err() {
        return false;
    }
    let waits = matches!(stream.peek(&mut byte), Err(error) if error.kind() == io::ErrorKind::WouldBlock);
    waits && stream.set_nonblocking(false).is_ok()
}

fn read(stream: &mut TcpStream, is_head: bool) -> io::Result<Answer> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    loop {
        if let Some((answer, length)) = parsed(&bytes)
            && (is_head || answer.body.len() >= length)
        {
            // An interim answer is not the last.
            if answer.status == 100 {
                let rest = answer.body;
                bytes = rest;
                continue;
            }
            return Ok(answer);
        }
        match stream.read(&mut chunk)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}

/// An answer whose head is there, and how long its body will be.
fn parsed(bytes: &[u8]) -> Option<(Answer, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = head.split("\r\n");
    let status = lines.next()?.get(9..12)?.parse().ok()?;
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0);
    let body = bytes[end + 4..].to_vec();
    Some((
        Answer {
            status,
            headers,
            body,
        },
        length,
    ))
}
