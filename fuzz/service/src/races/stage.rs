//! The processes that are raced: one on SQLite, or three on a PostgreSQL of their own, and what may go wrong with them.

use std::{
    io,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tempfile::TempDir;

use crate::{
    clock::Astray,
    options::Options,
    server::{Server, Setup},
    servers::{self, Private},
};

/// How late a node may hear of what another revoked; beyond it, the node answers 503.
pub const MAX_LAG: Duration = Duration::from_secs(3);

/// The time in which an exchanged refresh token gives the same successor.
pub const GRACE: Duration = Duration::from_secs(10);

/// Failures that are free before an account is slowed down.
pub const FREE_FAILURES: usize = 40;

const MASTER_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

pub struct Stage {
    nodes: Vec<Node>,
    setup: Setup,
    /// Kept for as long as the nodes need them.
    _servers: Vec<Private>,
    _temporary: TempDir,
}

pub struct Node {
    pub setup: Setup,
    server: Mutex<Option<Server>>,
}

impl Stage {
    pub fn new(options: &Options) -> io::Result<Self> {
        let temporary = tempfile::tempdir()?;
        let folder = temporary.path().to_owned();
        let (lag, grace) = (format!("{}s", MAX_LAG.as_secs()), format!("{}s", GRACE.as_secs()));
        let mut setup = Setup::new(&options.binary, &folder)?.with([
            "--revocation-max-lag",
            &lag,
            "--refresh-grace",
            &grace,
            "--free-failures",
            &FREE_FAILURES.to_string(),
            "--lockout-after",
            "0",
            "--address-limit",
            "1000000",
            "--log",
            "warn",
        ]);
        // A password hash takes long enough for something to happen meanwhile.
        setup.settings[1] = "2048".to_owned();
        setup.settings[3] = "2".to_owned();
        setup
            .variables
            .push(("JETON_MASTER_KEY".to_owned(), MASTER_KEY.to_owned()));
        let mut servers = Vec::new();
        if options.nodes > 1 {
            let postgres = servers::postgres(true);
            setup = setup.with(["--database-url", postgres.url()]);
            servers.push(postgres);
        }
        if options.redis {
            let redis = servers::redis();
            setup = setup.with(["--redis-url", redis.url()]);
            servers.push(redis);
        }
        let mut nodes = Vec::new();
        for _ in 0..options.nodes {
            let Setup { address, .. } = Setup::new(&options.binary, &folder)?;
            let mut setup = Setup {
                address,
                ..setup.clone()
            };
            if options.clock && options.nodes == 1 {
                Astray::prepare(&mut setup)?;
            }
            nodes.push(Node {
                setup,
                server: Mutex::default(),
            });
        }
        Ok(Self {
            nodes,
            setup,
            _servers: servers,
            _temporary: temporary,
        })
    }

    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The settings of all nodes, for the command line.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }
}

impl Node {
    /// Starts it, with access tokens of this lifetime.
    pub fn start(&self, access_lifetime: &str) -> io::Result<()> {
        let setup = self.setup.clone().with(["--access-lifetime", access_lifetime]);
        *self.server() = Some(setup.start()?);
        Ok(())
    }

    pub fn kill(&self) {
        if let Some(server) = self.server().take() {
            server.kill();
        }
    }

    pub fn terminate(&self) -> io::Result<()> {
        let Some(server) = self.server().take() else {
            return Ok(());
        };
        let status = server.terminate()?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!("SIGTERM ends it with {status}")))
        }
    }

    /// What is wrong with the process itself, if something is.
    pub fn trouble(&self) -> Option<String> {
        let server = self.server();
        let server = server.as_ref()?;
        if let Ok(Some(status)) = server.ended() {
            return Some(format!(
                "a node ended by itself ({status}):\n{}",
                server.last_words()
            ));
        }
        server.bad_lines().into_iter().next()
    }

    fn server(&self) -> MutexGuard<'_, Option<Server>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
