//! A port that really listens, and connections to it byte by byte.

use std::{net::SocketAddr, time::Duration};

use axum::Router;
use http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use jeton_server::http::server::{self, ConnectionLimits, Patience};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

use super::Server;

/// Longer than any answer takes: a test that waits for ever is no test.
const AN_AGE: Duration = Duration::from_mins(1);

pub(crate) struct Port {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
    /// Kept, since its database ends with it.
    _server: Option<Server>,
}

impl Port {
    pub(crate) async fn of(server: &Server) -> Self {
        Self::with(server, limits(1000, 1000)).await
    }

    pub(crate) async fn with(server: &Server, limits: ConnectionLimits) -> Self {
        Self {
            _server: Some(server.clone()),
            ..Self::serving(server.router(), limits).await
        }
    }

    pub(crate) async fn serving(router: Router, limits: ConnectionLimits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async move {
            let _ = stopped.await;
        };
        let serving = tokio::spawn(server::serve(listener, router, limits, stopped));
        Self {
            address,
            stop: Some(stop),
            serving,
            _server: None,
        }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) async fn connect(&self) -> Connection {
        self.connect_from("127.0.0.1").await
    }

    /// From another address of this machine.
    pub(crate) async fn connect_from(&self, source: &str) -> Connection {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{source}:0").parse().unwrap()).unwrap();
        Connection {
            stream: socket.connect(self.address).await.unwrap(),
            read: Vec::new(),
        }
    }

    /// All answers to what is sent over a connection of its own, which the server has to close.
    pub(crate) async fn send(&self, bytes: impl AsRef<[u8]>) -> Vec<Answer> {
        let mut connection = self.connect().await;
        connection.write(bytes).await;
        connection.answers().await
    }

    /// Has it stop, and waits until it has.
    pub(crate) async fn close(mut self) {
        let _ = self.stop.take().unwrap().send(());
        timeout(AN_AGE, &mut self.serving).await.unwrap().unwrap();
    }
}

pub(crate) fn limits(total: usize, per_address: usize) -> ConnectionLimits {
    ConnectionLimits {
        total,
        per_address,
        proxies: [].into(),
        patience: Patience::default(),
    }
}

pub(crate) fn with_proxies(mut limits: ConnectionLimits, proxies: &[&str]) -> ConnectionLimits {
    let proxies = proxies.iter().map(|net| net.parse::<IpNet>().unwrap());
    limits.proxies = proxies.collect();
    limits
}

pub(crate) struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    /// Sends bytes, unless the server has closed the connection.
    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.write(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n"))
            .await;
        self.answer().await
    }

    /// The next answer.
    pub(crate) async fn answer(&mut self) -> Answer {
        loop {
            if let Some((answer, length)) = Answer::read(&self.read) {
                self.read.drain(..length);
                return answer;
            }
            assert!(self.read_more().await, "closed after {:?}", self.read);
        }
    }

    /// All answers until the server closes the connection.
    pub(crate) async fn answers(mut self) -> Vec<Answer> {
        while self.read_more().await {}
        let mut answers = Vec::new();
        while let Some((answer, length)) = Answer::read(&self.read) {
            answers.push(answer);
            self.read.drain(..length);
        }
        assert!(self.read.is_empty(), "half an answer: {:?}", self.read);
        answers
    }

    /// Waits until the server has closed the connection.
    pub(crate) async fn wait_until_closed(mut self) {
        while self.read_more().await {}
    }

    /// Waits until the server has closed the connection, though nothing of its answers is taken.
    pub(crate) async fn wait_until_closed_unread(mut self) {
        let writing = async { while self.stream.write_all(b"x").await.is_ok() {} };
        timeout(AN_AGE, writing).await.unwrap();
    }

    async fn read_more(&mut self) -> bool {
        let mut buffer = vec![0; 64 * 1024];
        let read = timeout(AN_AGE, self.stream.read(&mut buffer)).await;
        // A connection that was reset is closed as well.
        let length = read.unwrap().unwrap_or_default();
        self.read.extend_from_slice(&buffer[..length]);
        length > 0
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
}

impl Answer {
    /// The first answer among these bytes and its length, if it is there as a whole.
    fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let head_end = bytes.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
        let head = str::from_utf8(&bytes[..head_end]).unwrap();
        let mut lines = head.lines();
        let status: u16 = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: HeaderMap = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| {
                (
                    HeaderName::from_bytes(name.as_bytes()).unwrap(),
                    HeaderValue::from_str(value).unwrap(),
                )
            })
            .collect();
        let length: usize = headers
            .get("content-length")
            .map_or(0, |length| length.to_str().unwrap().parse().unwrap());
        let body = bytes.get(head_end..head_end + length)?;
        let json = serde_json::from_slice(body).unwrap_or_default();
        let answer = Self {
            status,
            headers,
            json,
        };
        Some((answer, head_end + length))
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .unwrap_or_else(|| panic!("no {name} in {self:?}"))
            .to_str()
            .unwrap()
    }

    /// An error as the service writes them, with which the connection ends.
    #[track_caller]
    pub(crate) fn assert_last(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status, &self.json["error"]),
            (status, &code.into()),
            "{self:?}"
        );
        assert!(
            self.json["message"].as_str().is_some_and(|text| !text.is_empty()),
            "{self:?}"
        );
        assert_eq!(self.json["request_id"], self.header("x-request-id"), "{self:?}");
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(self.header("cache-control"), "no-store");
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        assert_eq!(self.header("connection"), "close", "{self:?}");
        assert!(self.headers.contains_key("date"), "{self:?}");
    }
}
