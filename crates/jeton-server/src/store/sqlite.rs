//! The embedded engine: SQLite in WAL mode, every commit synchronised to disk.
//!
//! One connection writes, in groups; a few read. A second process (the command line beside a running server) waits its
//! turn for the write lock.

use std::{
    fs::OpenOptions,
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    str::FromStr,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use sqlx::{
    ConnectOptions, Connection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Store, StoreError, rows, writer::Writer};

mod audit;
mod engine;
mod keys;
mod migrations;
mod restored;
mod revocations;
mod rotation;
mod service_accounts;
mod sessions;
mod standing;
mod throttle;
mod transfer;
mod users;

pub(super) use transfer::SqliteSide;

/// How long a statement waits for another process to let go of the write lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request waits for a reader.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;

#[derive(Debug)]
pub(super) struct SqliteStore {
    writer: Writer<SqliteConnectOptions>,
    readers: SqlitePool,
}

impl SqliteStore {
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url).map_err(StoreError::Open)?;
        make_private(options.get_filename()).map_err(|error| StoreError::Open(error.into()))?;
        let options = durable(options).create_if_missing(true);
        let mut connection = options.connect().await.map_err(StoreError::Open)?;
        migrations::run(&mut connection).await?;
        standing::in_use(&mut connection).await?;
        connection.close().await?;
        let writer = Writer::open(options.clone()).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(options.read_only(true).create_if_missing(false));
        Ok(Self { writer, readers })
    }
}

/// How every connection writes.
fn durable(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .journal_mode(SqliteJournalMode::Wal)
        // WAL's default would lose the last commits of a machine that loses power.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
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
    async fn database_time(&self) -> Result<SystemTime, StoreError> {
        self.writer.alive()?;
        let row = sqlx::query("SELECT CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER) AS now")
            .fetch_one(&self.readers)
            .await?;
        rows::milliseconds(&row, "now")
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
