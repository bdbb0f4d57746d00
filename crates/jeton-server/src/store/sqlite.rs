//! The embedded engine: SQLite in WAL mode, every commit synchronised to disk.
//!
//! One connection writes, in groups; a few read. A second process (the command line beside a running server) waits its
//! turn for the write lock.

use std::{
    fs::OpenOptions, io, os::unix::fs::OpenOptionsExt, path::Path, str::FromStr, sync::Arc, time::Duration,
};

use async_trait::async_trait;
use sqlx::{
    ConnectOptions, Connection, SqlitePool,
    error::DatabaseError,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Store, StoreError};

mod audit;
mod keys;
mod migrations;
mod revocations;
mod rotation;
mod rows;
mod sessions;
mod throttle;
mod users;
mod writer;

use writer::Writer;

/// How long a statement waits for another process to let go of the write lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request waits for a reader.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;

#[derive(Debug)]
pub(super) struct SqliteStore {
    writer: Writer,
    readers: SqlitePool,
}

impl SqliteStore {
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url).map_err(StoreError::Open)?;
        make_private(options.get_filename()).map_err(|error| StoreError::Open(error.into()))?;
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // WAL's default would lose the last commits of a machine that loses power.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let mut connection = options.connect().await.map_err(StoreError::Open)?;
        migrations::run(&mut connection).await?;
        connection.close().await?;
        let writer = Writer::open(options.clone()).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(options.read_only(true).create_if_missing(false));
        Ok(Self { writer, readers })
    }
}

/// Makes the file, where there is none, for its owner alone; SQLite gives those beside it the same mode.
fn make_private(path: &Path) -> io::Result<()> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map(drop)
}

#[async_trait]
impl Store for SqliteStore {
    async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.readers).await?;
        Ok(())
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// SQLite's result codes for "somebody else holds the lock", base and extended.
const BUSY_CODES: [&str; 6] = ["5", "6", "261", "262", "517", "773"];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Arc::new(error).into()
    }
}

impl From<Arc<sqlx::Error>> for StoreError {
    fn from(error: Arc<sqlx::Error>) -> Self {
        let locked = error
            .as_database_error()
            .and_then(DatabaseError::code)
            .is_some_and(|code| BUSY_CODES.contains(&&*code));
        if locked || matches!(*error, sqlx::Error::PoolTimedOut) {
            Self::Busy(error)
        } else {
            Self::Engine(error)
        }
    }
}
