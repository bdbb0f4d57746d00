//! The plainest client: one connection, kept open, one request after the other.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    /// How long after the request its first byte came.
    pub first_byte: Duration,
}

impl Answer {
    /// The body of an answer that must be a success.
    pub fn json<T: DeserializeOwned>(&self) -> io::Result<T> {
        if !(200..300).contains(&self.status) {
            let body = String::from_utf8_lossy(&self.body);
            return Err(io::Error::other(format!("answered {}: {body}", self.status)));
        }
        serde_json::from_slice(&self.body).map_err(io::Error::other)
    }
}

impl Client {
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let buffer = Vec::with_capacity(8192);
        Ok(Self { stream, buffer })
    }

    pub async fn get(&mut self, path: &str, token: &str) -> io::Result<Answer> {
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n");
        self.call(request.as_bytes()).await
    }

    /// A page, as a browser without a script asks for it.
    pub async fn page(&mut self, path: &str, cookies: &str) -> io::Result<Answer> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\ncookie: {cookies}\r\n\r\n"
        );
        self.call(request.as_bytes()).await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> io::Result<Answer> {
        let body = body.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.call(request.as_bytes()).await
    }

    pub async fn refresh(&mut self, token: &str) -> io::Result<Answer> {
        let request = format!(
            "POST /refresh HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\ncontent-length: 0\r\n\r\n"
        );
        self.call(request.as_bytes()).await
    }

    pub async fn log_out(&mut self, token: &str) -> io::Result<Answer> {
        let request = format!(
            "POST /logout HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\ncontent-length: 0\r\n\r\n"
        );
        self.call(request.as_bytes()).await
    }

    async fn call(&mut self, request: &[u8]) -> io::Result<Answer> {
        let began = Instant::now();
        let mut first_byte = None;
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let first_byte = *first_byte.get_or_insert_with(|| began.elapsed());
            if let Some(answer) = complete(&self.buffer, first_byte)? {
                return Ok(answer);
            }
        }
    }
}

/// An answer, once all of it is there.
fn complete(bytes: &[u8], first_byte: Duration) -> io::Result<Option<Answer>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&bytes[..end]).map_err(io::Error::other)?;
    let (mut status, mut length) = (0, 0);
    for (number, line) in head.split("\r\n").enumerate() {
        if number == 0 {
            status = line.get(9..12).and_then(|text| text.parse().ok()).unwrap_or(0);
        } else if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    let body = &bytes[end + 4..];
    Ok((body.len() >= length).then(|| Answer {
        status,
        body: body[..length].to_vec(),
        first_byte,
    }))
}
