//! A way to the test server that breaks when it is told to.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering},
};

use sqlx::ConnectOptions;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::postgres_server::{PostgresDatabase, server};

/// How long the message is that ends every answer; alone it answers a ping.
const READY_FOR_QUERY: usize = 6;

/// Where a connection breaks next.
#[derive(Clone, Copy)]
pub(crate) enum Cut {
    Nowhere,
    /// Before the server hears of a transaction.
    AtBegin,
    /// After the server has committed, before the client knows.
    AfterCommit,
}

pub(crate) struct Proxy {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    cut: AtomicU8,
    cuts: AtomicUsize,
    is_silent: AtomicBool,
}

impl State {
    /// While it is silent, a connection that is to carry an answer longer than that to a ping is stuck for ever.
    async fn let_pass(&self, answered: &[u8]) {
        if self.is_silent.load(Ordering::SeqCst) && answered.len() > READY_FOR_QUERY {
            std::future::pending::<()>().await;
        }
    }

    /// Whether a connection breaks here: one does, and then no other.
    fn breaks(&self, sent: &[u8], cut: Cut, word: &[u8]) -> bool {
        let hit =
            self.cut.load(Ordering::SeqCst) == cut as u8 && sent.windows(word.len()).any(|part| part == word);
        if hit {
            self.cut.store(Cut::Nowhere as u8, Ordering::SeqCst);
            self.cuts.fetch_add(1, Ordering::SeqCst);
        }
        hit
    }
}

impl Proxy {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        tokio::spawn({
            let state = Arc::clone(&state);
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    tokio::spawn(pass(client, Arc::clone(&state)));
                }
            }
        });
        Self { port, state }
    }

    /// The database, by way of here and in the clear.
    pub(crate) fn url(&self, database: &PostgresDatabase) -> String {
        let options: sqlx::postgres::PgConnectOptions = database.url().parse().unwrap();
        let options = options
            .host("127.0.0.1")
            .port(self.port)
            .ssl_mode(sqlx::postgres::PgSslMode::Disable);
        options.to_url_lossy().to_string()
    }

    pub(crate) fn cut(&self, cut: Cut) {
        self.state.cut.store(cut as u8, Ordering::SeqCst);
    }

    /// No answer of any length comes through any more, and nobody is told.
    pub(crate) fn fall_silent(&self) {
        self.state.is_silent.store(true, Ordering::SeqCst);
    }

    pub(crate) fn speak_again(&self) {
        self.state.is_silent.store(false, Ordering::SeqCst);
    }

    pub(crate) fn cuts(&self) -> usize {
        self.state.cuts.load(Ordering::SeqCst)
    }
}

/// Passes on what comes from either side until one ends or the connection breaks.
async fn pass(mut client: TcpStream, state: Arc<State>) {
    let (host, port) = (server().get_host().to_owned(), server().get_port());
    let mut server = TcpStream::connect((host, port)).await.unwrap();
    let (mut sent, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut sent) => {
                let sent = &sent[..read.unwrap_or(0)];
                if sent.is_empty() || state.breaks(sent, Cut::AtBegin, b"BEGIN") {
                    return;
                }
                server.write_all(sent).await.unwrap();
                if state.breaks(sent, Cut::AfterCommit, b"COMMIT\0") {
                    // The answer shows that it was done.
                    assert_ne!(server.read(&mut answered).await.unwrap(), 0);
                    return;
                }
            }
            read = server.read(&mut answered) => {
                let answered = &answered[..read.unwrap_or(0)];
                state.let_pass(answered).await;
                if answered.is_empty() || client.write_all(answered).await.is_err() {
                    return;
                }
            }
        }
    }
}
