//! How often an address may try, and whose address a request has.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use http::Method;
use serde_json::{Value, json};

use crate::actors::{Actor, DOCUMENT, Port, Server, form_to};

const SOMEBODY: &str = "192.0.2.1";

/// What a client sends to try a password or make an account.
fn attempt() -> Value {
    json!({ "username": "Nobody", "password": "pass1425", "code": "jr_", "new_password": "a passphrase of mine" })
}

#[tokio::test]
async fn an_address_that_tries_too_often_is_refused_before_anything_is_done() {
    let server = Server::with(&[("address-limit", "3"), ("free-failures", "1")]).await;
    let visitor = server.visitor();
    for username in ["a", "b", "c"] {
        let reply = visitor.login(username, "pass1425").from(SOMEBODY).await;
        reply.assert_code(401, "invalid_credentials");
    }
    let before = server.service().hashes_computed();
    for _ in 0..5 {
        let reply = visitor.login("d", "pass1425").from(SOMEBODY).await;
        reply.assert_code(429, "too_many_attempts");
        let left: u64 = reply.header("retry-after").parse().unwrap();
        assert!((1..=20).contains(&left), "{left}");
        let (sentence, start) = (reply.text("message"), "Too many attempts from this address: ");
        assert!(sentence.starts_with(start), "{sentence}");
    }
    assert_eq!(server.service().hashes_computed(), before);
    let elsewhere = visitor.login("d", "pass1425").from("192.0.2.2").await;
    elsewhere.assert_code(401, "invalid_credentials");
}

#[tokio::test]
async fn requests_without_an_address_are_not_counted() {
    let server = Server::with(&[("address-limit", "1")]).await;
    let romel = server.signed_up("Romel").await;
    for _ in 0..5 {
        romel.another_session().await;
    }
}

/// The routes the document says it of, and no others.
#[tokio::test]
async fn the_limit_is_on_the_routes_that_document_it() {
    let server = Server::with(&[("address-limit", "1")]).await;
    let first = server.visitor().login("Nobody", "pass1425").from(SOMEBODY).await;
    first.assert_status(401);
    let (mut limited, mut documented) = (BTreeSet::new(), BTreeSet::new());
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let path = path.replace("{id}", "019b0000-0000-7000-8000-000000000000");
            let call = server.visitor().call(method, &path).json(&attempt());
            let call = match &operation["requestBody"]["content"] {
                content if content["application/x-www-form-urlencoded"].is_null() => call,
                _ => {
                    let form = "grant_type=client_credentials&client_id=nobody&token=x";
                    let call = server.visitor().call(Method::POST, &path);
                    call.raw("application/x-www-form-urlencoded", form)
                }
            };
            let reply = call.from(SOMEBODY).await;
            if reply.status == 429 {
                reply.assert_code(429, "too_many_attempts");
                limited.insert(name.clone());
            }
            // A session has a limit of its own.
            let said = operation["responses"]["429"]["description"].as_str();
            if said.is_some_and(|said| !said.contains("session was refreshed")) {
                documented.insert(name);
            }
        }
    }
    assert_eq!(limited, documented);
    for route in ["post /register", "post /login", "post /token", "post /set-jwt"] {
        assert!(limited.contains(route), "{limited:?}");
    }
}

/// A session has a limit of its own.
#[tokio::test]
async fn whoever_refreshes_is_not_counted_whichever_route_they_take() {
    let server = Server::with(&[("address-limit", "1")]).await;
    let romel = server.signed_up("Romel").await;
    let form = format!("grant_type=refresh_token&refresh_token={}", romel.refresh);
    for _ in 0..3 {
        let reply = form_to(&server.visitor(), &form).from(SOMEBODY).await;
        reply.assert_status(200);
        assert_eq!(reply.text("token_type"), "Bearer");
        let refresh = server
            .visitor()
            .call(Method::POST, "/refresh")
            .bearer(&romel.refresh);
        let reply = refresh.from(SOMEBODY).await;
        reply.assert_status(200);
        assert_eq!(reply.text("token_type"), "bearer");
    }
}

#[tokio::test]
async fn an_administrator_who_makes_tokens_is_not_counted() {
    let server = Server::with(&[("address-limit", "1")]).await;
    server.signed_up("Romel").await;
    let ada = server.admin("ada").await;
    for _ in 0..3 {
        let made = ada
            .post("/set-jwt", &json!({ "username": "Romel" }))
            .from(SOMEBODY);
        made.await.assert_status(200);
    }
}

/// Tries a password over a connection of its own, with these header lines, and returns the status.
async fn try_over_tcp(address: SocketAddr, headers: &str) -> u16 {
    let body = attempt().to_string();
    let request = format!(
        "POST /login HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = answer.await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_a_peer_says_of_others_counts_for_nothing_unless_it_is_trusted() {
    for proxies in ["", "10.0.0.0/8, ::1"] {
        let server = Server::with(&[("address-limit", "2"), ("trusted-proxies", proxies)]).await;
        let port = Port::of(&server).await;
        let address = port.address();
        for (headers, status) in [
            ("x-forwarded-for: 192.0.2.1\r\n", 401),
            ("x-forwarded-for: 192.0.2.2\r\n", 401),
            ("x-forwarded-for: 192.0.2.3\r\n", 429),
            ("forwarded: for=192.0.2.4\r\n", 429),
            ("", 429),
        ] {
            assert_eq!(try_over_tcp(address, headers).await, status, "{headers}");
        }
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_a_limit_of_its_own() {
    let settings = [
        ("address-limit", "1"),
        ("trusted-proxies", "127.0.0.0/8, 10.0.0.1"),
    ];
    let server = Server::with(&settings).await;
    let port = Port::of(&server).await;
    let address = port.address();
    for (headers, status) in [
        ("x-forwarded-for: 192.0.2.1\r\n", 401),
        ("x-forwarded-for: 192.0.2.1\r\n", 429),
        ("x-forwarded-for: 198.51.100.9, 192.0.2.1\r\n", 429),
        (
            "x-forwarded-for: 198.51.100.9\r\nx-forwarded-for: 192.0.2.1, 10.0.0.1\r\n",
            429,
        ),
        ("x-forwarded-for: 192.0.2.1, 192.0.2.2\r\n", 401),
        (
            "forwarded: for=198.51.100.9;proto=https, for=\"192.0.2.2:4711\"\r\n",
            429,
        ),
        ("forwarded: for=192.0.2.3\r\n", 401),
        ("forwarded: for=\"[2001:db8::1]\"\r\n", 401),
        ("x-forwarded-for: 2001:db8::2\r\n", 429),
        ("x-forwarded-for: unknown\r\n", 401),
        ("", 429),
    ] {
        assert_eq!(try_over_tcp(address, headers).await, status, "{headers}");
    }
}
