//! The plainest client that keeps a server busy: some connections, one request under way on each.

use std::{
    cell::Cell,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Runtime,
    task::LocalSet,
};

const CONNECTIONS: usize = 32;

pub struct Client {
    address: SocketAddr,
    request: Vec<u8>,
    runtime: Runtime,
}

/// What a client got done.
pub struct Load {
    pub answers: f64,
    pub span: Duration,
}

impl Client {
    pub fn new(address: SocketAddr, name: &str, token: &str) -> Self {
        let path = crate::routes::path(name);
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        Self {
            address,
            request: request.into_bytes(),
            runtime,
        }
    }

    /// Keeps the server busy for a span.
    pub fn load(&self, span: Duration) -> Load {
        let answered = std::rc::Rc::new(Cell::new(0_u64));
        let began = Instant::now();
        let local = LocalSet::new();
        for _ in 0..CONNECTIONS {
            let (address, request, answered) = (self.address, self.request.clone(), answered.clone());
            local.spawn_local(async move {
                let mut connection = TcpStream::connect(address).await.expect("a connection");
                connection.set_nodelay(true).expect("a connection");
                while began.elapsed() < span {
                    ask(&mut connection, &request).await;
                    answered.set(answered.get() + 1);
                }
            });
        }
        self.runtime.block_on(local);
        Load {
            answers: answered.get() as f64,
            span: began.elapsed(),
        }
    }
}

/// One request and its whole answer, which must be the right one.
async fn ask(connection: &mut TcpStream, request: &[u8]) {
    connection.write_all(request).await.expect("a server that reads");
    let mut answer = [0; 512];
    let mut length = 0;
    loop {
        let read = connection
            .read(&mut answer[length..])
            .await
            .expect("a server that answers");
        assert!(read > 0, "the server hung up");
        length += read;
        if answer[..length].ends_with(b"\r\n\r\nok") {
            assert!(
                answer.starts_with(b"HTTP/1.1 200"),
                "{}",
                String::from_utf8_lossy(&answer[..length])
            );
            return;
        }
    }
}
