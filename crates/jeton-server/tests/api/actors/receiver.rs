use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// A server of somebody else's: it is sent messages, and publishes keys.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    manner: Arc<Mutex<Manner>>,
    received: watch::Sender<Vec<Received>>,
}

/// How it answers.
#[derive(Clone, Debug)]
pub(crate) enum Manner {
    Status(u16),
    /// 200 with a body.
    Body(String),
    /// A redirect to there.
    Redirect(String),
    /// Not at all, and never ends.
    Silence,
}

/// A request, as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Receiver {
    pub(crate) async fn new(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            url: format!("http://{}/there", listener.local_addr().unwrap()),
            manner: Arc::new(Mutex::new(manner)),
            received: watch::Sender::default(),
        };
        let serving = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        receiver
    }

    /// The address of a server that has gone.
    pub(crate) async fn gone() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}/there", listener.local_addr().unwrap())
    }

    /// From now on it answers so.
    pub(crate) fn now(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// All requests so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.borrow().clone()
    }

    /// Waits until it was asked so often.
    pub(crate) async fn asked(&self, times: usize) {
        let mut received = self.received.subscribe();
        received
            .wait_for(|received| received.len() >= times)
            .await
            .unwrap();
    }

    async fn serve(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            // A client that leaves is what some tests are about.
            if !matches!(stream.read_line(&mut head).await, Ok(1..)) {
                return;
            }
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().unwrap())
        });
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body).await.unwrap();
        let body = String::from_utf8(body).unwrap();
        self.received
            .send_modify(|received| received.push(Received { head, body }));
        let manner = self.manner.lock().unwrap().clone();
        let answer = match manner {
            Manner::Status(status) => format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n"),
            Manner::Body(body) => format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()),
            Manner::Redirect(to) => {
                format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n")
            }
            Manner::Silence => std::future::pending().await,
        };
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.shutdown().await;
    }
}

impl Received {
    /// The claims of the logout token in it, which stands there alone.
    #[track_caller]
    pub(crate) fn logout_token(&self) -> String {
        assert!(self.head.starts_with("POST /there HTTP/1.1\r\n"), "{self:?}");
        let kind = "content-type: application/x-www-form-urlencoded";
        assert!(self.head.to_lowercase().contains(kind), "{self:?}");
        let pairs: Vec<(String, String)> = form_urlencoded::parse(self.body.as_bytes())
            .into_owned()
            .collect();
        let [(name, token)] = &pairs[..] else {
            panic!("{self:?}")
        };
        assert_eq!(name, "logout_token");
        token.clone()
    }

    #[track_caller]
    pub(crate) fn claims(&self) -> Value {
        super::claims_of(&self.logout_token())
    }
}
