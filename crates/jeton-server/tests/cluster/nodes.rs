//! Nodes of one service.

use std::process::Command;

use serde_json::{Value, json};
use ureq::http::StatusCode;

use crate::{
    postgres_server::PostgresDatabase,
    process::{Finished, Home, Reply, Server, under_clock},
};

const MASTER_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// What all nodes of a service are started with.
pub(crate) struct Service {
    home: Home,
    settings: Vec<(&'static str, String)>,
}

impl Service {
    pub(crate) fn on(database_url: &str) -> Self {
        Self::without_key(database_url).with("JETON_MASTER_KEY", MASTER_KEY)
    }

    /// One that has nothing to open its keys with.
    pub(crate) fn without_key(database_url: &str) -> Self {
        let service = Self {
            home: Home::new(),
            settings: Vec::new(),
        };
        service
            .with("JETON_DATABASE_URL", database_url)
            .with("JETON_RATE_LIMIT", "off")
    }

    /// The same with another setting, over one of its name.
    pub(crate) fn with(mut self, variable: &'static str, value: &str) -> Self {
        self.settings.push((variable, value.to_owned()));
        self
    }

    fn command<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = self.home.command(arguments);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command of the service to its end.
    pub(crate) fn run<const N: usize>(&self, arguments: [&str; N]) -> Finished {
        Finished::of(self.command(arguments).output().unwrap())
    }

    pub(crate) fn node(&self) -> Server {
        Server::start(self.command([]))
    }

    /// A node on a machine whose clock is off by this, as in `+400d`.
    pub(crate) fn node_under_clock(&self, offset: &str) -> Server {
        Server::start(under_clock(self.command([]), offset))
    }

    /// That many nodes, started at once.
    pub(crate) fn nodes<const N: usize>(&self) -> [Server; N] {
        std::thread::scope(|scope| {
            let starts = [(); N].map(|()| scope.spawn(|| self.node()));
            starts.map(|start| start.join().unwrap())
        })
    }
}

/// A database of this test's own on the server of the test run.
pub(crate) fn database() -> PostgresDatabase {
    block_on(PostgresDatabase::create())
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

/// Asks until it is so.
pub(crate) fn until(mut holds: impl FnMut() -> bool) {
    while !holds() {
        std::thread::yield_now();
    }
}

/// Somebody who signed in: the tokens.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Pair {
    pub(crate) fn of(reply: &Reply) -> Self {
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        Self {
            access: reply.text("access_token"),
            refresh: reply.text("refresh_token"),
        }
    }

    pub(crate) fn signed_up(node: &Server, name: &str) -> Self {
        assert_eq!(node.register(name).status, StatusCode::CREATED);
        Self::signed_in(node, name)
    }

    pub(crate) fn signed_in(node: &Server, name: &str) -> Self {
        Self::of(&node.login(name))
    }

    pub(crate) fn refreshed(&self, node: &Server) -> Self {
        Self::of(&self.refresh(node))
    }

    pub(crate) fn refresh(&self, node: &Server) -> Reply {
        self.try_refresh(node).unwrap()
    }

    /// The same where the node may be gone.
    pub(crate) fn try_refresh(&self, node: &Server) -> Result<Reply, ureq::Error> {
        node.try_post("/refresh", Some(&self.refresh), &json!({}))
    }

    pub(crate) fn log_out(&self, node: &Server, scope: &str) {
        let reply = node.post("/logout", Some(&self.access), &json!({ "scope": scope }));
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    }

    /// Whether its access token opens a route there.
    pub(crate) fn opens(&self, node: &Server) -> bool {
        let reply = node.get("/protected", &self.access);
        if reply.status == StatusCode::OK {
            return true;
        }
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{reply:?}");
        assert_eq!(reply.text("error"), "token_revoked");
        false
    }

    /// Its access token opens nothing, and its refresh token gives nothing.
    pub(crate) fn assert_dead(&self, node: &Server) {
        assert!(!self.opens(node), "a revoked access token lives");
        let reply = self.refresh(node);
        assert_eq!(
            reply.status,
            StatusCode::UNAUTHORIZED,
            "a revoked refresh token lives: {reply:?}"
        );
    }

    pub(crate) fn sessions(&self, node: &Server) -> Vec<Value> {
        let reply = node.get("/sessions", &self.access);
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        reply.body["sessions"].as_array().unwrap().clone()
    }
}
