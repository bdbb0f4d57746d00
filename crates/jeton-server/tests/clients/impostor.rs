//! A service behind an impostor, which passes on what clients and the service say to each other, and can give ID tokens
//! of its own making.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Stdio},
};

use serde_json::Value;

use crate::{
    installed::Workplace,
    process::{Home, Server},
};

/// Tokens are signed with a key that the impostor put into the key set: as they were, or so that they must be refused.
const IMPOSTOR: &str = include_str!("applications/impostor.mjs");

pub(crate) struct Impostor {
    /// Where clients look for the service, which is the service's issuer.
    issuer: String,
    /// Where the application of the test listens.
    application: String,
    home: Home,
    _server: Server,
    process: Child,
    /// The folder it runs in.
    _workplace: Workplace,
}

impl Impostor {
    /// Before a service with two people.
    pub(crate) fn start() -> Self {
        let [issuer, application] = [(); 2].map(|()| format!("http://{}", free_address()));
        let home = Home::new();
        let mut command = home.command([]);
        command.env("JETON_ISSUER", &issuer);
        command.env("JETON_CORS_ORIGINS", &application);
        let server = Server::start(command);
        server.register("Romel");
        let admin = home.run_with_input(
            ["users", "create", "ada", "--role", "admin", "--password-stdin"],
            "pass1425\n",
        );
        assert!(admin.succeeded, "{admin:?}");
        let workplace = Workplace::node();
        workplace.write("impostor.mjs", IMPOSTOR);
        let mut process = workplace
            .program("node")
            .arg("impostor.mjs")
            .env("LISTEN", issuer.rsplit(':').next().unwrap())
            .env("UPSTREAM", server.url(""))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut ready)
            .unwrap();
        assert!(!ready.is_empty(), "the impostor ended before it listened");
        Self {
            issuer,
            application,
            home,
            _server: server,
            process,
            _workplace: workplace,
        }
    }

    /// Registers the application as a client, and returns what its script reads from its environment: among it the
    /// settings that a preset prints. In the arguments `APPLICATION` stands for where it is.
    pub(crate) fn client<const N: usize>(&self, arguments: [&str; N]) -> Vec<(&'static str, String)> {
        let arguments = arguments.map(|argument| argument.replace("APPLICATION", &self.application));
        let mut command = self.home.command(["clients", "create", "application", "--json"]);
        command.args(&arguments).env("JETON_ISSUER", &self.issuer);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let made: Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |member: &str| made[member].as_str().unwrap_or_default().to_owned();
        vec![
            ("ISSUER", self.issuer.clone()),
            ("APPLICATION", self.application.clone()),
            ("CLIENT_ID", text("client_id")),
            ("CLIENT_SECRET", text("client_secret")),
            ("SETTINGS", text("settings")),
        ]
    }
}

impl Drop for Impostor {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}
