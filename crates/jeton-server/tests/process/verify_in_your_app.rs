//! The applications of the page "Verify our tokens in your app", run as they stand there against a running service.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use serde_json::json;
use tempfile::TempDir;
use ureq::{Agent, http::StatusCode};

use crate::{
    libraries::{node, python},
    process::{Finished, Home, Server},
};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/verify-in-your-app.md");

/// Libraries that the applications of the page are made of, and those that serve them.
const PYTHON: &str = include_str!("verify_in_your_app/requirements.txt");
const NODE: [&str; 2] = [
    include_str!("verify_in_your_app/package.json"),
    include_str!("verify_in_your_app/package-lock.json"),
];

/// A file of the page, by the framework it is for.
fn file(framework: &str) -> (String, String) {
    let page = fs::read_to_string(PAGE).unwrap();
    let mark = format!("<!-- {framework}: ");
    let rest = page
        .split(&mark)
        .nth(1)
        .unwrap_or_else(|| panic!("the page has no {framework}"));
    let (name, rest) = rest.split_once(" -->\n```").unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    (
        name.to_owned(),
        rest.split("\n```").next().unwrap().to_owned() + "\n",
    )
}

/// Writes the file of the page into a folder.
fn write(framework: &str, folder: &Path) -> PathBuf {
    let (name, text) = file(framework);
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// A service that names itself as its clients reach it, and somebody who is signed in there.
struct Service {
    home: Home,
    server: Server,
    issuer: String,
}

impl Service {
    fn start() -> Self {
        let home = Home::new();
        let port = free_port();
        let issuer = format!("http://127.0.0.1:{port}");
        let mut command = home.command(["--listen", &format!("127.0.0.1:{port}"), "--issuer", &issuer]);
        command.env("JETON_REFRESH_GRACE", "0s");
        let server = Server::start(command);
        server.register("Romel");
        Self { home, server, issuer }
    }

    fn token(&self) -> String {
        self.server.login("Romel").text("access_token")
    }
}

/// An application that runs until this is dropped.
struct App {
    process: Child,
    base: String,
    agent: Agent,
}

impl App {
    fn start(mut command: Command, service: &Service) -> Self {
        let port = free_port();
        command
            .env("ISSUER", &service.issuer)
            .env("PORT", port.to_string());
        Self::at(command, port)
    }

    fn at(mut command: Command, port: u16) -> Self {
        let mut process = command.spawn().unwrap();
        let deadline = Instant::now() + Duration::from_mins(2);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert_eq!(process.try_wait().unwrap(), None, "it ended before it listened");
            assert!(Instant::now() < deadline, "it does not listen");
            std::thread::yield_now();
        }
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .build();
        Self {
            process,
            base: format!("http://127.0.0.1:{port}"),
            agent: agent.into(),
        }
    }

    /// Status, challenge and body of the answer.
    fn get(&self, path: &str, authorization: Option<&str>) -> (StatusCode, String, String) {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let mut answer = request.call().unwrap();
        let challenge = answer.headers().get("www-authenticate");
        let challenge = challenge.map_or("", |value| value.to_str().unwrap()).to_owned();
        (
            answer.status(),
            challenge,
            answer.body_mut().read_to_string().unwrap(),
        )
    }

    fn with(&self, path: &str, token: &str) -> (StatusCode, String, String) {
        self.get(path, Some(&format!("Bearer {token}")))
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Holds an application to what the page says of all of them.
fn assert_verifies(app: &App, service: &Service) {
    let signed_in = service.server.login("Romel");
    let (token, id) = (signed_in.text("access_token"), signed_in.text("user_id"));
    let (status, _, body) = app.with("/me", &token);
    assert_eq!(status, StatusCode::OK, "{body}");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body, json!({ "sub": id, "username": "Romel" }));

    let (head, signature) = token.rsplit_once('.').unwrap();
    let other = service.token();
    let sample = service.server.get("/sign-token", "").text("token");
    let bad = [
        format!("{head}.{}", other.rsplit_once('.').unwrap().1),
        format!("{}.{signature}", other.rsplit_once('.').unwrap().0),
        service.server.login("Romel").text("refresh_token"),
        sample,
        "x".to_owned(),
    ];
    for token in &bad {
        let (status, challenge, body) = app.with("/me", token);
        assert_eq!(
            (status, &*challenge),
            (StatusCode::UNAUTHORIZED, r#"Bearer error="invalid_token""#),
            "{token}: {body}"
        );
    }
    let (status, challenge, body) = app.get("/me", None);
    assert_eq!(
        (status, &*challenge),
        (StatusCode::UNAUTHORIZED, "Bearer"),
        "{body}"
    );

    assert_eq!(app.with("/admin", &token).0, StatusCode::FORBIDDEN);
    let set = service.home.run(["users", "set", "Romel", "--role", "admin"]);
    assert!(set.succeeded, "{set:?}");
    let (status, _, body) = app.with("/admin", &service.token());
    assert_eq!(status, StatusCode::OK, "{body}");
}

/// Holds an application that is for somebody else, and one that does not reach the service, to what the page says.
fn assert_refuses(command: impl Fn() -> Command, service: &Service, without_keys: StatusCode) {
    let mut elsewhere = command();
    elsewhere.env("AUDIENCE", "https://elsewhere.example");
    let app = App::start(elsewhere, service);
    assert_eq!(app.with("/me", &service.token()).0, StatusCode::UNAUTHORIZED);

    let port = free_port();
    let mut cut_off = command();
    cut_off
        .env("ISSUER", format!("http://127.0.0.1:{}", free_port()))
        .env("PORT", port.to_string());
    let app = App::at(cut_off, port);
    assert_eq!(app.with("/me", &service.token()).0, without_keys);
}

#[test]
fn flask() {
    let (service, folder) = (Service::start(), tempfile::tempdir().unwrap());
    write("flask", folder.path());
    let command = || {
        let mut command = Command::new("sh");
        let start = "exec \"$0\" -m flask run --port \"$PORT\"";
        command
            .args(["-c", start])
            .arg(python(PYTHON))
            .current_dir(folder.path());
        command
    };
    assert_verifies(&App::start(command(), &service), &service);
    assert_refuses(command, &service, StatusCode::SERVICE_UNAVAILABLE);
}

#[test]
fn fastapi() {
    let (service, folder) = (Service::start(), tempfile::tempdir().unwrap());
    write("fastapi", folder.path());
    let command = || {
        let mut command = Command::new("sh");
        let start = "exec \"$0\" -m uvicorn app:app --port \"$PORT\"";
        command
            .args(["-c", start])
            .arg(python(PYTHON))
            .current_dir(folder.path());
        command
    };
    assert_verifies(&App::start(command(), &service), &service);
    assert_refuses(command, &service, StatusCode::SERVICE_UNAVAILABLE);
}

/// An application of Node's, in a folder where its modules are found.
fn with_node(framework: &str) {
    let (service, modules) = (Service::start(), node(NODE[0], NODE[1]));
    let folder = tempfile::tempdir_in(modules).unwrap();
    let app = write(framework, folder.path());
    let command = || {
        let mut command = Command::new("node");
        command.arg(&app);
        command
    };
    assert_verifies(&App::start(command(), &service), &service);
    assert_refuses(command, &service, StatusCode::SERVICE_UNAVAILABLE);
}

#[test]
fn express() {
    with_node("express");
}

#[test]
fn fastify() {
    with_node("fastify");
}

#[test]
fn go() {
    let (service, folder) = (Service::start(), tempfile::tempdir().unwrap());
    let app = write("go", folder.path());
    let program = built(&app, &folder);
    let command = || Command::new(&program);
    assert_verifies(&App::start(command(), &service), &service);
    // Its library does not tell one from the other.
    assert_refuses(command, &service, StatusCode::UNAUTHORIZED);
}

/// Builds with the library that Debian packages, under the name it has now: its interface is the same.
fn built(app: &Path, folder: &TempDir) -> PathBuf {
    let packaged = Path::new("/usr/share/gocode/src/github.com/coreos/go-oidc");
    let named = folder.path().join("path/src/github.com/coreos/go-oidc/v3");
    fs::create_dir_all(&named).unwrap();
    let library = [packaged.join("v3/oidc"), packaged.to_owned()];
    let library = library.iter().find(|library| library.exists()).unwrap();
    symlink(library, named.join("oidc")).unwrap();
    let program = folder.path().join("app");
    let output = Command::new("go")
        .args(["build", "-o"])
        .args([&program, app])
        .env("GO111MODULE", "off")
        .env(
            "GOPATH",
            format!("{}:/usr/share/gocode", folder.path().join("path").display()),
        )
        .env("GOCACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("go"))
        .env("GOTOOLCHAIN", "local")
        .output()
        .unwrap();
    let built = Finished::of(output);
    assert!(built.succeeded, "{built:?}");
    program
}

#[test]
fn nginx() {
    let (service, folder) = (Service::start(), tempfile::tempdir().unwrap());
    let (port, behind) = (free_port(), free_port());
    let (_, locations) = file("nginx");
    let locations = locations
        .replace("http://127.0.0.1:5000", &service.issuer)
        .replace("127.0.0.1:8000", &format!("127.0.0.1:{behind}"));
    let place = folder.path().display();
    let configuration = format!(
        "daemon off; master_process off; pid {place}/pid; error_log stderr; events {{}} http {{ access_log off;\n\
         client_body_temp_path {place}/a; proxy_temp_path {place}/b; fastcgi_temp_path {place}/c;\n\
         uwsgi_temp_path {place}/d; scgi_temp_path {place}/e;\n\
         server {{ listen 127.0.0.1:{behind}; location / {{ return 200 served; }} }}\n\
         server {{ listen 127.0.0.1:{port};\n{locations}}} }}\n"
    );
    fs::write(folder.path().join("nginx.conf"), configuration).unwrap();
    let mut command = Command::new(nginx_program());
    command.arg("-p").arg(folder.path()).args(["-c", "nginx.conf"]);
    let app = App::at(command, port);

    let token = service.token();
    let (status, _, body) = app.with("/anything", &token);
    assert_eq!((status, &*body), (StatusCode::OK, "served"));
    let (status, challenge, _) = app.get("/anything", None);
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(challenge.starts_with("Bearer"), "{challenge}");
    assert_eq!(app.with("/_signed_in", &token).0, StatusCode::NOT_FOUND);
    service.server.post("/logout", Some(&token), &json!({}));
    assert_eq!(
        app.with("/anything", &token).0,
        StatusCode::UNAUTHORIZED,
        "it was revoked"
    );
}

/// Debian keeps it where root alone looks.
fn nginx_program() -> PathBuf {
    let debian = Path::new("/usr/sbin/nginx");
    if debian.exists() {
        debian.to_owned()
    } else {
        "nginx".into()
    }
}

#[test]
fn the_tutorials_decode_with_a_shared_secret() {
    let (home, secret) = (Home::new(), "Zq3vT8yB1nK6wE9rU2iO5pL7xC4mV0sD");
    let mut command = home.command([]);
    command.env("JWT_SECRET", secret);
    let server = Server::start(command);
    server.register("Romel");
    let signed_in = server.login("Romel");
    write("secret", home.path());
    let decode = |token: &str, issuer: &str| {
        let mut command = Command::new(python(PYTHON));
        command.current_dir(home.path()).args(["decode.py", token]);
        command.env("JWT_SECRET", secret).env("ISSUER", issuer);
        Finished::of(command.output().unwrap())
    };
    let issuer = "http://localhost:5000";
    let read = decode(&signed_in.text("token"), issuer);
    assert_eq!(
        read.out,
        format!("{} Romel\n", signed_in.text("user_id")),
        "{read:?}"
    );
    let elsewhere = decode(&signed_in.text("token"), "http://elsewhere.example");
    assert!(elsewhere.err.contains("InvalidAudienceError") || elsewhere.err.contains("InvalidIssuerError"));
    let sample = server.get("/sign-token", "").text("token");
    assert!(decode(&sample, issuer).err.contains("InvalidSignatureError"));
}

#[test]
fn the_page_lists_the_claims_there_are() {
    let service = Service::start();
    let page = fs::read_to_string(PAGE).unwrap();
    let token = service.token();
    let claims = service.server.get("/get-jwt", &token).body["claims"].clone();
    for claim in claims.as_object().unwrap().keys() {
        let row = format!("`{claim}`");
        let is_listed = page
            .lines()
            .any(|line| line.split(" | ").next().unwrap().contains(&row));
        assert!(is_listed, "{claim}");
    }
}
