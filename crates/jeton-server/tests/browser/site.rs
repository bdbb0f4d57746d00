//! A running service with pages, and those who use it.

use serde_json::json;

use crate::{
    browser::Browser,
    process::{Home, Server, credentials, under_clock},
};

/// What everybody here has for a password.
pub(crate) const PASSWORD: &str = "a heron on the weir";

pub(crate) struct Site {
    server: Server,
    home: Home,
}

impl Site {
    pub(crate) fn start() -> Self {
        Self::with([])
    }

    /// With these settings, as variables.
    pub(crate) fn with<const N: usize>(settings: [(&str, &str); N]) -> Self {
        let home = Home::new();
        let mut command = home.command([]);
        command.envs(settings);
        Self {
            server: Server::start(command),
            home,
        }
    }

    /// Ends the service, and starts it again at the same address, under a clock that is off by this, as in `+10m`.
    pub(crate) fn restarted_under(self, offset: &str) -> Self {
        let Self { server, home } = self;
        let mut command = home.command([]);
        command.env("JETON_LISTEN", server.authority());
        drop(server);
        Self {
            server: Server::start(under_clock(command, offset)),
            home,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        self.server.url(path)
    }

    /// The API, to do from elsewhere what a page is to notice.
    pub(crate) const fn api(&self) -> &Server {
        &self.server
    }

    /// Makes an account.
    pub(crate) fn person(&self, name: &str) -> &Self {
        let made = self.server.post(
            "/register",
            None,
            &json!({ "username": name, "password": PASSWORD, "email": format!("{name}@example.org") }),
        );
        assert_eq!(made.status, 201, "{made:?}");
        self
    }

    /// Makes an administrator, as the command line does.
    pub(crate) fn administrator(&self, name: &str) -> &Self {
        let arguments = ["users", "create", name, "--role", "admin", "--password-stdin"];
        let made = self.home.run_with_input(arguments, &format!("{PASSWORD}\n"));
        assert!(made.succeeded, "{made:?}");
        self
    }

    /// Signs somebody in with another program, and returns their access token.
    pub(crate) fn sign_in_elsewhere(&self, name: &str) -> String {
        let mut body = credentials(name);
        body["password"] = PASSWORD.into();
        let signed_in = self.server.post("/login", None, &body);
        assert_eq!(signed_in.status, 200, "{signed_in:?}");
        signed_in.text("access_token")
    }

    /// Signs somebody in from a device that names itself so.
    pub(crate) fn sign_in_from(&self, name: &str, device: &str) {
        let request = ureq::post(self.url("/login")).header("user-agent", device);
        let answer = request.send_json(json!({ "username": name, "password": PASSWORD }));
        assert_eq!(answer.unwrap().status(), 200);
    }

    /// The code with which somebody sets a new password, from the command line.
    pub(crate) fn reset_code(&self, name: &str) -> String {
        let made = self.home.run(["users", "reset-password", name]);
        assert!(made.succeeded, "{made:?}");
        made.out.trim().to_owned()
    }

    /// The link that makes the first administrator, from the terminal.
    pub(crate) fn link(&self) -> String {
        self.server.says("Make one in a browser: ")
    }

    /// Runs a command of the service's to its end.
    pub(crate) fn command<const N: usize>(&self, arguments: [&str; N]) {
        let said = self.home.run(arguments);
        assert!(said.succeeded, "{said:?}");
    }

    /// Signs a program out again.
    pub(crate) fn sign_out(&self, token: &str) {
        let body = json!({ "scope": "session" });
        assert_eq!(self.server.post("/logout", Some(token), &body).status, 200);
    }

    /// Ends every session of somebody from another program.
    pub(crate) fn end_sessions(&self, name: &str) {
        let token = self.sign_in_elsewhere(name);
        let sessions = self.server.get("/sessions", &token).body;
        for session in sessions["sessions"].as_array().unwrap() {
            if session["current"] != true {
                let path = format!("/sessions/{}", session["id"].as_str().unwrap());
                assert_eq!(self.server.delete(&path, &token), 200);
            }
        }
    }

    /// Opens a page.
    pub(crate) fn show<'b>(&self, browser: &'b Browser, path: &str) -> &'b Browser {
        browser.go(&self.url(path))
    }

    /// Signs somebody in by the form, and waits for the page behind it.
    pub(crate) fn sign_in<'b>(&self, browser: &'b Browser, name: &str) -> &'b Browser {
        self.show(browser, "/signin");
        browser
            .fill("Username or e-mail", name)
            .fill("Password", PASSWORD)
            .press("Sign in")
            .wait_for_path("/account");
        browser
    }
}
