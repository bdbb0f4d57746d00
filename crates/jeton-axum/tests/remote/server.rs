//! An issuer's web server, down to the bytes it sends.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::StatusCode;
use jeton::{Claims, KeySet, Verifier, testkit::TestIssuer};
use jeton_axum::{Auth, Event, RemoteKeys, RemoteKeysBuilder};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    time::{sleep, timeout},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig, crypto,
        pki_types::{CertificateDer, PrivatePkcs8KeyDer},
    },
};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Access {}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";
}

/// How the server treats a request.
#[derive(Clone, Debug)]
pub(crate) enum Manner {
    /// 200 with these header lines and this body.
    Answer(String, String),
    /// 200 with this body, once the gate is open.
    Held(Arc<AtomicBool>, String),
    /// This status and these header lines.
    Status(StatusCode, String),
    /// Accepts, and never says a word.
    Silence,
    /// Closes in the middle of a body that was said to be longer.
    BrokenOff,
    /// A body without end, in chunks.
    Endless,
    /// A byte every so often, for ever.
    Dribble,
}

type Manners = dyn Fn(&str) -> Manner + Send + Sync;

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
    manner: Arc<Mutex<Arc<Manners>>>,
}

impl Server {
    /// A server that treats requests by their path so.
    pub(crate) async fn new(manner: impl Fn(&str) -> Manner + Send + Sync + 'static) -> Self {
        let (server, listener) = Self::bound("http", manner).await;
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        server
    }

    /// A server over https, under a certificate that only `tls/authority.pem` vouches for.
    pub(crate) async fn over_tls(manner: impl Fn(&str) -> Manner + Send + Sync + 'static) -> Self {
        let (server, listener) = Self::bound("https", manner).await;
        let (serving, acceptor) = (server.clone(), acceptor());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (serving, accepting) = (serving.clone(), acceptor.accept(stream));
                tokio::spawn(async move {
                    // A client that does not trust us leaves here.
                    let Ok(stream) = accepting.await else { return };
                    serving.serve(stream).await;
                });
            }
        });
        server
    }

    async fn bound(
        scheme: &str,
        manner: impl Fn(&str) -> Manner + Send + Sync + 'static,
    ) -> (Self, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            url: format!("{scheme}://{}", listener.local_addr().unwrap()),
            requests: Arc::default(),
            manner: Arc::new(Mutex::new(Arc::new(manner))),
        };
        (server, listener)
    }

    pub(crate) fn now(&self, manner: impl Fn(&str) -> Manner + Send + Sync + 'static) {
        *self.manner.lock().unwrap() = Arc::new(manner);
    }

    /// The heads of all requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.requests().len()
    }

    async fn serve(self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = stream.read_u8().await else { return };
            head.push(byte);
        }
        let head = String::from_utf8(head).unwrap();
        if !read_body(&mut stream, &head).await {
            return;
        }
        let path = head.split(' ').nth(1).unwrap().to_owned();
        self.requests.lock().unwrap().push(head);
        let manner = Arc::clone(&self.manner.lock().unwrap());
        // A client that leaves early is what some tests are about.
        let _ = answer(&mut stream, manner(&path)).await;
        let _ = stream.shutdown().await;
    }
}

/// The certificate of the authority that vouches for the server's.
pub(crate) const AUTHORITY: &str = include_str!("tls/authority.pem");

/// The certificate of an authority that vouches for nobody here.
pub(crate) const OTHER_AUTHORITY: &str = include_str!("tls/other-authority.pem");

fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from(&include_bytes!("tls/server.der")[..]);
    let key = PrivatePkcs8KeyDer::from(&include_bytes!("tls/server-key.der")[..]);
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// A connection that is closed with something unread loses its answer.
async fn read_body(stream: &mut (impl AsyncRead + Unpin), head: &str) -> bool {
    let length = head
        .to_lowercase()
        .split("content-length: ")
        .nth(1)
        .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse().unwrap());
    stream.read_exact(&mut vec![0; length]).await.is_ok()
}

async fn answer(stream: &mut (impl AsyncWrite + Unpin), manner: Manner) -> std::io::Result<()> {
    let head = |status: &str, lines: &str, length: usize| {
        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{lines}\r\n")
    };
    match manner {
        Manner::Answer(lines, body) => {
            stream
                .write_all(head("200 OK", &lines, body.len()).as_bytes())
                .await?;
            stream.write_all(body.as_bytes()).await
        }
        Manner::Held(gate, body) => {
            until(|| gate.load(Ordering::SeqCst)).await;
            stream
                .write_all(head("200 OK", "", body.len()).as_bytes())
                .await?;
            stream.write_all(body.as_bytes()).await
        }
        Manner::Status(status, lines) => {
            stream
                .write_all(head(&status.to_string(), &lines, 0).as_bytes())
                .await
        }
        Manner::Silence => {
            sleep(Duration::from_mins(1)).await;
            Ok(())
        }
        Manner::BrokenOff => {
            stream
                .write_all((head("200 OK", "", 1000) + "{\"keys\":[").as_bytes())
                .await
        }
        Manner::Endless => {
            let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
            stream.write_all(head.as_bytes()).await?;
            let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
            loop {
                stream.write_all(chunk.as_bytes()).await?;
            }
        }
        Manner::Dribble => {
            stream.write_all(head("200 OK", "", 100_000).as_bytes()).await?;
            loop {
                stream.write_all(b" ").await?;
                sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

pub(crate) const TIMEOUT: Duration = Duration::from_millis(500);
pub(crate) const COOLDOWN: Duration = Duration::from_millis(400);
pub(crate) const AUDIENCE: &str = "api";

/// An issuer, its server, and a guard that trusts it.
pub(crate) struct World {
    pub(crate) issuer: TestIssuer,
    pub(crate) server: Server,
    pub(crate) auth: Auth<Access>,
    pub(crate) keys: RemoteKeys,
    pub(crate) events: Arc<Mutex<Vec<Event>>>,
}

impl World {
    /// Keys at `/jwks`, served well.
    pub(crate) async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    pub(crate) async fn with(set_up: impl FnOnce(RemoteKeysBuilder) -> RemoteKeysBuilder) -> Self {
        let issuer = TestIssuer::new("https://id.example").unwrap();
        let server = Server::new(serving(&issuer)).await;
        let events = Arc::default();
        let at = RemoteKeys::at(format!("{}/jwks", server.url), rules());
        let keys = set_up(quick(at, &issuer, &events)).build().unwrap();
        let clock = issuer.clock().clone();
        let auth = Auth::new(keys.clone(), clock);
        Self {
            issuer,
            server,
            auth,
            keys,
            events,
        }
    }

    pub(crate) fn token(&self) -> String {
        self.issuer.token("alice", AUDIENCE, &Access {}).unwrap()
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    /// The code of the verdict over a token, which is there within the time limit and a margin.
    pub(crate) async fn ask(&self, token: &str) -> &'static str {
        let verdict = timeout(TIMEOUT + Duration::from_secs(2), self.auth.check_async(token)).await;
        verdict
            .unwrap()
            .map_or_else(|rejection| rejection.code(), |_| "ok")
    }
}

pub(crate) fn rules() -> Verifier {
    Verifier::builder(KeySet::default())
        .issuer("https://id.example")
        .audience(AUDIENCE)
        .build()
}

/// Short times, this machine's http, and an ear for events.
pub(crate) fn quick(
    builder: RemoteKeysBuilder,
    issuer: &TestIssuer,
    events: &Arc<Mutex<Vec<Event>>>,
) -> RemoteKeysBuilder {
    let events = Arc::clone(events);
    builder
        .danger_allow_http()
        .timeout(TIMEOUT)
        .cooldown(COOLDOWN)
        .clock(issuer.clock().clone())
        // That it is asked has a test of its own.
        .on_event(move |event| match event {
            Event::Asking { .. } => {}
            event => events.lock().unwrap().push(event.clone()),
        })
}

pub(crate) fn jwks(issuer: &TestIssuer) -> String {
    serde_json::to_string(&issuer.jwks()).unwrap()
}

pub(crate) fn serving(issuer: &TestIssuer) -> impl Fn(&str) -> Manner + Send + Sync + 'static {
    let issuer = issuer.clone();
    move |_| Manner::Answer(String::new(), jwks(&issuer))
}

/// Waits for something to come about in the background.
pub(crate) async fn until(what: impl Fn() -> bool) {
    for _ in 0..500 {
        if what() {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    assert!(what(), "it did not come about in five seconds");
}
