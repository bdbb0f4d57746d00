//! File descriptors: how many the process may open, and how many of them may be connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Config;

/// Descriptors of the process itself, without its database: the log, the runtime, files while they are read, refused
/// connections while they are told why, connections that were closed to make room while they end.
const OWN: u64 = 48;

/// Descriptors of each connection to the database: a SQLite one has its file and the log beside it.
const PER_DATABASE_CONNECTION: u64 = 2;

/// However few descriptors there are, so many connections are accepted; what fails then says so.
const FEWEST: u64 = 16;

/// Raises the limit of open files as far as an unprivileged process may. None where there is none.
pub(super) fn raise() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => maximum,
        Err(_) => current,
    }
}

/// How many connections the settings and the limit of open files leave room for.
pub(super) fn connections(config: &Config, limit: Option<u64>) -> usize {
    let Some(limit) = limit else {
        return config.max_connections;
    };
    let database = u64::from(config.database_connections + 1) * PER_DATABASE_CONNECTION;
    let room = limit.saturating_sub(OWN + database).max(FEWEST);
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    if room < config.max_connections {
        tracing::warn!(
            "the limit of open files, {limit}, leaves room for {room} connections, not for the {} of max-connections: \
             raise it with `ulimit -n` or LimitNOFILE=",
            config.max_connections
        );
    }
    room.min(config.max_connections)
}
