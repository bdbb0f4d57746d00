//! What is sent to the outside outlives the process that was to send it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    time::Duration,
};

use serde_json::json;
use ureq::{
    Agent,
    http::{HeaderMap, StatusCode},
};

use crate::process::{Home, Server, under_clock};

const CALLBACK: &str = "https://app.example/callback";

/// A browser and an application, as far as a sign-in needs them.
struct Flow<'s> {
    server: &'s Server,
    agent: Agent,
    id: String,
    secret: String,
}

impl<'s> Flow<'s> {
    fn new(server: &'s Server, root: &str, listener: &TcpListener) -> Self {
        let registration = json!({
            "name": "Grafana",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code"],
            "pkce": "optional",
            "first_party": true,
            "backchannel_logout_uri": format!("http://{}/there", listener.local_addr().unwrap()),
        });
        let made = server.post("/admin/clients", Some(root), &registration);
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_mins(1)));
        Self {
            server,
            agent: config.build().new_agent(),
            id: made.text("client_id"),
            secret: made.text("client_secret"),
        }
    }

    /// The cookies of somebody who signs in.
    fn cookies(&self, username: &str) -> String {
        let mut body = crate::process::credentials(username);
        body["cookies"] = json!(true);
        let answer = self
            .agent
            .post(self.server.url("/login"))
            .send_json(body)
            .unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        cookies_of(answer.headers())
    }

    /// Signs somebody in at the application, which gets its tokens.
    fn signs_in(&self, cookies: &str) {
        let wish = format!(
            "/oauth/authorize?response_type=code&scope=openid&client_id={}&redirect_uri={CALLBACK}",
            self.id
        );
        let asked = self
            .agent
            .get(self.server.url(&wish))
            .header("cookie", cookies)
            .call()
            .unwrap();
        let location = asked.headers()["location"].to_str().unwrap().to_owned();
        let code = location
            .split(['?', '&'])
            .find_map(|pair| pair.strip_prefix("code="));
        let code = code.unwrap_or_else(|| panic!("no code in {location}"));
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("client_id", &*self.id),
            ("client_secret", &*self.secret),
        ];
        let tokens = self
            .agent
            .post(self.server.url("/oauth/token"))
            .send_form(form)
            .unwrap();
        assert_eq!(tokens.status(), StatusCode::OK);
    }
}

fn cookies_of(headers: &HeaderMap) -> String {
    let set = headers.get_all("set-cookie").iter();
    let pairs = set.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned());
    pairs.collect::<Vec<_>>().join("; ")
}

/// The body of a request, which is answered so; none of a client that went away.
fn answered(stream: TcpStream, answer: &str) -> Option<String> {
    let mut stream = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    stream.get_mut().write_all(answer.as_bytes()).ok()?;
    Some(String::from_utf8(body).unwrap())
}

const GOOD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A service with an administrator, whose access token it is, and somebody by the name of bo.
fn cast(home: &Home) -> (Server, String, String) {
    let server = home.start();
    let made = home.run_with_input(
        ["users", "create", "root", "--role", "admin", "--password-stdin"],
        "pass1425",
    );
    assert!(made.succeeded, "{made:?}");
    let bo = server.register("bo").body["user"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let root = server.login("root").text("access_token");
    (server, root, bo)
}

#[test]
fn a_sign_out_is_told_though_the_node_is_killed_right_after_its_answer() {
    let home = Home::new();
    let (server, root, bo) = cast(&home);
    // Its connections are taken by nobody for now.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let flow = Flow::new(&server, &root, &listener);
    let cookies = flow.cookies("bo");
    flow.signs_in(&cookies);
    flow.signs_in(&cookies);
    let ended = server.delete(&format!("/admin/users/{bo}/sessions"), &root);
    assert_eq!(ended, StatusCode::OK);
    server.kill_now();
    server.kill();
    // Later than a node may keep what it took.
    let server = Server::start(under_clock(home.command([]), "+3m"));
    let mut told = Vec::new();
    while told.len() < 2 {
        // Whoever was killed has left its connection behind.
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        told.extend(answered(stream, GOOD));
    }
    assert_ne!(told[0], told[1]);
    assert!(
        told.iter().all(|body| body.starts_with("logout_token=ey")),
        "{told:?}"
    );
    // Both are noted as sent.
    while server.metric("outbox_messages_waiting") > 0.0 {
        std::thread::yield_now();
    }
}

#[test]
fn a_node_that_stops_waits_for_the_message_on_its_way() {
    let home = Home::new();
    let (mut server, root, bo) = cast(&home);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let flow = Flow::new(&server, &root, &listener);
    flow.signs_in(&flow.cookies("bo"));
    let ended = server.delete(&format!("/admin/users/{bo}/sessions"), &root);
    assert_eq!(ended, StatusCode::OK);
    let (stream, _) = listener.accept().unwrap();
    server.terminate();
    server.says("stopping: requests under way are finished first");
    assert!(answered(stream, GOOD).is_some_and(|body| body.starts_with("logout_token=ey")));
    assert!(server.wait());
    let server = home.start();
    assert!(
        server.metric("outbox_messages_waiting") < 1.0,
        "it was noted as sent"
    );
}
