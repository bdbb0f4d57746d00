use std::{
    io::{Read, Write},
    net::TcpStream,
};

use ureq::http::StatusCode;

use crate::process::{Home, Server};

#[test]
fn a_request_under_way_is_finished_before_the_process_ends() {
    let home = Home::new();
    let mut server = home.start();
    let mut connection = TcpStream::connect(server.authority()).unwrap();
    let body = r#"{"username":"Romel","password":"pass1425"}"#;
    let (first, second) = body.split_at(10);
    write!(
        connection,
        "POST /register HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         expect: 100-continue\r\n\r\n",
        body.len()
    )
    .unwrap();
    // The interim answer says that the handler waits for the body.
    let mut interim = [0; 25];
    connection.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    connection.write_all(first.as_bytes()).unwrap();
    server.terminate();
    while TcpStream::connect(server.authority()).is_ok() {
        std::thread::yield_now();
    }
    connection.write_all(second.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(server.wait(), "it did not end well");
    assert_eq!(home.start().login("Romel").status, StatusCode::OK);
}

#[test]
fn the_master_key_may_come_from_the_environment_and_is_never_shown() {
    let home = Home::new();
    let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    let mut command = home.command([]);
    command.env("JETON_MASTER_KEY", key);
    drop(Server::start(command));
    assert!(!home.path().join("jeton.key").exists());
    let shown = home
        .command(["config"])
        .env("JETON_MASTER_KEY", key)
        .output()
        .unwrap();
    assert!(!String::from_utf8(shown.stdout).unwrap().contains(key));
}

#[test]
fn the_schema_can_be_brought_up_to_date_apart() {
    let home = Home::new();
    let migrated = home.run(["migrate"]);
    assert!(
        migrated.succeeded && home.path().join("jeton.db").exists(),
        "{migrated:?}"
    );
    assert!(home.run(["migrate"]).succeeded, "again is no error");
}
