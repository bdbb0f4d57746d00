//! Crowds of hostile connections against a process that may open three hundred files.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    time::{Duration, Instant},
};

use ureq::http::StatusCode;

use crate::process::{Home, Server};

const FILES: u32 = 300;
const CROWD: usize = 290;

const ASK: &str = "GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// So many connections on which the same is sent, and nothing is read.
fn crowd(server: &Server, sent: &str) -> Vec<TcpStream> {
    let connect = |_| {
        let mut connection = TcpStream::connect(server.authority()).unwrap();
        connection
            .set_write_timeout(Some(Duration::from_secs(1)))
            .unwrap();
        // It may have made room for another already.
        let _ = connection.write_all(sent.as_bytes());
        connection
    };
    (0..CROWD).map(connect).collect()
}

fn an_honest_client_is_served_beside(sent: &str) {
    let home = Home::new();
    let mut server = Server::start(home.with_files(&format!("ulimit -n {FILES}")));
    let crowd = crowd(&server, sent);
    assert_eq!(server.try_get("/healthz", "x").unwrap().status, StatusCode::OK);
    assert_eq!(server.register("Romel").status, StatusCode::CREATED);
    let token = server.login("Romel").text("token");
    for _ in 0..20 {
        assert_eq!(server.get("/profile", &token).status, StatusCode::OK);
    }
    let told = Instant::now();
    server.terminate();
    assert!(server.wait(), "it did not end well");
    // A client is waited for three seconds, a request at work for twenty.
    assert!(told.elapsed() < Duration::from_secs(12), "{:?}", told.elapsed());
    drop(crowd);
}

#[test]
fn an_honest_client_is_served_beside_connections_that_do_nothing() {
    an_honest_client_is_served_beside("");
}

#[test]
fn an_honest_client_is_served_beside_heads_that_do_not_end() {
    an_honest_client_is_served_beside("GET /healthz HTTP/1.1\r\nhost: local");
}

#[test]
fn an_honest_client_is_served_beside_bodies_that_do_not_end() {
    an_honest_client_is_served_beside(
        "POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n{",
    );
}

#[test]
fn an_honest_client_is_served_beside_answers_that_are_not_read() {
    an_honest_client_is_served_beside(&ASK.repeat(200));
}

/// As systems start their services: with a low limit of open files that the process may raise.
#[test]
fn the_limit_of_open_files_is_raised_as_far_as_it_may_be() {
    let home = Home::new();
    let server = Server::start(home.with_files("ulimit -S -n 64 && ulimit -H -n 500"));
    let mut connections: Vec<_> = (0..150)
        .map(|_| TcpStream::connect(server.authority()).unwrap())
        .collect();
    for _ in 0..2 {
        for connection in &mut connections {
            connection
                .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
                .unwrap();
            let mut answer = [0; 12];
            connection.read_exact(&mut answer).unwrap();
            assert_eq!(&answer, b"HTTP/1.1 200");
            while !answer.ends_with(b"}") {
                answer.rotate_left(1);
                connection.read_exact(&mut answer[11..]).unwrap();
            }
        }
    }
}

/// A body that nobody reads was still on its way when the answer was there: closed at once, the connection would be reset
/// under the hands of the client, and the answer lost.
#[test]
fn a_client_that_is_still_sending_can_go_on_after_its_answer() {
    let home = Home::new();
    let server = home.start();
    let mut connection = TcpStream::connect(server.authority()).unwrap();
    connection.set_nodelay(true).unwrap();
    let head = "GET /healthz HTTP/1.1\r\nhost: localhost\r\ncontent-length: 200000\r\n\r\n";
    connection.write_all(head.as_bytes()).unwrap();

    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.ends_with('}'), "{answer}");
    for _ in 0..200 {
        connection.write_all(&[b'x'; 1000]).unwrap();
    }
}

#[test]
fn a_client_that_has_asked_everything_has_every_answer() {
    let home = Home::new();
    let server = home.start();
    let mut connection = TcpStream::connect(server.authority()).unwrap();
    let ask = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    connection.write_all(ask.repeat(5).as_bytes()).unwrap();
    connection.shutdown(Shutdown::Write).unwrap();
    let mut answers = String::new();
    connection.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 ").count(), 5, "{answers}");
}
