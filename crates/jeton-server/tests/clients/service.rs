//! A service whose issuer is where it listens, with a user, an administrator and a program.

use std::net::TcpListener;

use serde_json::Value;

use crate::process::{Home, Server};

pub(crate) struct Service {
    server: Server,
    home: Home,
    issuer: String,
}

impl Service {
    pub(crate) fn start() -> Self {
        Self::with_path("")
    }

    /// With this path behind the issuer's host.
    pub(crate) fn with_path(path: &str) -> Self {
        let home = Home::new();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let issuer = format!("http://{port}{path}");
        let mut command = home.command([]);
        command.env("JETON_LISTEN", port.to_string());
        command.env("JETON_ISSUER", &issuer);
        let server = Server::start(command);
        Self { server, home, issuer }
    }

    pub(crate) fn document(&self) -> Value {
        self.server.get("/openapi.json", "").body
    }

    /// As the scripts read them from their environment.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        self.server.register("Romel");
        let user = self.server.login("Romel");
        let admin = self.home.run_with_input(
            ["users", "create", "ada", "--role", "admin", "--password-stdin"],
            "pass1425\n",
        );
        assert!(admin.succeeded, "{admin:?}");
        let admin = self.server.login("ada");
        let (id, secret) = self.home.feeder();
        let token = self.server.client_token(&id, &secret).text("access_token");
        vec![
            ("ISSUER", self.issuer.clone()),
            ("USER_TOKEN", user.text("access_token")),
            ("REFRESH_TOKEN", user.text("refresh_token")),
            ("ADMIN_TOKEN", admin.text("access_token")),
            ("PROGRAM_TOKEN", token),
            ("CLIENT_ID", id),
            ("CLIENT_SECRET", secret),
        ]
    }
}
