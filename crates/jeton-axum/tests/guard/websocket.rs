//! Tokens over a real `WebSocket`: as a subprotocol, and as the first message.

use axum::{
    Router,
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    response::Response,
    routing::any,
};
use jeton_axum::{Auth, Bearer, TokenLocation};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::{Access, World};

/// Greets whoever the subprotocol's token is about.
async fn by_subprotocol(Bearer(token): Bearer<Access>, upgrade: WebSocketUpgrade) -> Response {
    let greeting = format!("hello {}", token.subject().unwrap());
    upgrade
        .protocols(["access_token"])
        .on_upgrade(async move |mut socket| {
            socket.send(Message::text(greeting)).await.unwrap();
        })
}

/// Greets whoever the first message's token is about.
async fn by_first_message(State(auth): State<Auth<Access>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |mut socket: WebSocket| {
        let Some(Ok(Message::Text(token))) = socket.recv().await else {
            return;
        };
        let greeting = match auth.check_async(&token).await {
            Ok(token) => format!("hello {}", token.subject().unwrap()),
            Err(rejection) => rejection.code().to_owned(),
        };
        socket.send(Message::text(greeting)).await.unwrap();
    })
}

async fn serve(world: &World) -> String {
    let app = Router::new()
        .route("/subprotocol", any(by_subprotocol))
        .route("/message", any(by_first_message))
        .with_state(world.auth.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Opens a WebSocket (RFC 6455 §4.1); the head of the answer and what comes after it.
async fn open(address: &str, path: &str, protocols: &str) -> (String, TcpStream) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{protocols}\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    (String::from_utf8(head).unwrap(), stream)
}

/// The text of a short unmasked frame, as servers send them (RFC 6455 §5.2).
async fn receive(stream: &mut TcpStream) -> String {
    assert_eq!(stream.read_u8().await.unwrap(), 0x81);
    let mut text = vec![0; stream.read_u8().await.unwrap().into()];
    stream.read_exact(&mut text).await.unwrap();
    String::from_utf8(text).unwrap()
}

/// A text frame masked with zeroes, its length in two bytes.
async fn say(stream: &mut TcpStream, text: &str) {
    let mut frame = vec![0x81, 0xfe];
    frame.extend_from_slice(&u16::try_from(text.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(text.as_bytes());
    stream.write_all(&frame).await.unwrap();
}

#[tokio::test]
async fn a_page_offers_its_token_as_a_subprotocol() {
    let world = World::new().with(|auth| auth.locations([TokenLocation::subprotocol("access_token")]));
    let address = serve(&world).await;
    let token = world.token();
    let protocols = format!("Sec-WebSocket-Protocol: access_token, {token}\r\n");
    let (head, mut stream) = open(&address, "/subprotocol", &protocols).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(
        head.to_lowercase()
            .contains("sec-websocket-protocol: access_token\r\n"),
        "{head}"
    );
    assert!(!head.contains(&token), "the answer repeats the token");
    assert_eq!(receive(&mut stream).await, "hello alice");
    for protocols in ["", "Sec-WebSocket-Protocol: access_token, junk\r\n"] {
        let (head, _) = open(&address, "/subprotocol", protocols).await;
        assert!(head.starts_with("HTTP/1.1 401 "), "{head}");
    }
}

#[tokio::test]
async fn a_first_message_may_be_the_token() {
    let world = World::new();
    let address = serve(&world).await;
    // Longer than 125 bytes and shorter than 64 KB, as tokens are: one form of frame is enough.
    let token = world.token();
    assert!(token.len() > 125);
    let junk = "junk".repeat(50);
    for (text, answer) in [(token, "hello alice"), (junk, "invalid_token")] {
        let (head, mut stream) = open(&address, "/message", "").await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        say(&mut stream, &text).await;
        assert_eq!(receive(&mut stream).await, answer);
    }
}
