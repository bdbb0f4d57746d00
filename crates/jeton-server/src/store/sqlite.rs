//! The embedded engine: SQLite in WAL mode, every commit synchronised to disk.
//!
//! One connection writes, in groups; a few read. A second process (the command line beside a running server) waits its
//! turn for the write lock.

use std::{
    str::FromStr,
    sync::{Arc, Mutex},
    time::Duration,
};

use sqlx::{
    ConnectOptions, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::{
    StoreError,
    database::{Database, state},
    sql::Connection as _,
};

pub(super) mod codes;
mod engine;
mod log;
mod migrations;
mod numbered;
mod place;
mod readers;
mod refreshed;
mod transfer;

pub(super) use engine::File;
pub(super) use transfer::{source, target};

use log::Log;
use place::{Place, make_private, not_connected};
use readers::Readers;

/// How long a statement waits for another process to let go of the write lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens a file and brings its schema up to date.
pub(super) async fn open(url: &str) -> Result<Database<File>, StoreError> {
    let options = SqliteConnectOptions::from_str(url).map_err(StoreError::Open)?;
    let path = options.get_filename().to_owned();
    make_private(&path)?;
    // The file is there now; should it vanish later, no empty one may take its place.
    let writing = durable(options).create_if_missing(false);
    let place = Arc::new(Place::new(&path));
    let mut connection = open_writer(&writing, &place)
        .await
        .map_err(|error| not_connected(&path, &error))?;
    migrations::run(&mut connection).await?;
    state::in_use(&mut connection).await?;
    let reading = writing.clone().read_only(true);
    let log = Log::new(writing.clone(), Arc::clone(&place));
    let database = Database::open(File {
        writing,
        readers: Readers::new(reading.clone()),
        reading,
        log,
        place: Arc::clone(&place),
        opened: Mutex::new(Some(connection)),
    });
    let database = database.await?;
    place.warn_of_readers();
    Ok(database)
}

/// Opens a connection that writes, and notes at once which files it has open: whatever replaces them later is noticed.
async fn open_writer(writing: &SqliteConnectOptions, place: &Place) -> Result<SqliteConnection, sqlx::Error> {
    let mut connection = writing.connect().await?;
    // Reading opens the files beside the database, which are made where they are missing.
    connection.command("SELECT 1 FROM sqlite_schema LIMIT 1").await?;
    place.note()?;
    Ok(connection)
}

/// Options under which commits last and deleted rows are overwritten.
fn durable(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .journal_mode(SqliteJournalMode::Wal)
        // WAL's default would lose the last commits of a machine that loses power.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // Deleted rows are overwritten, not only given free.
        .pragma("secure_delete", "on")
        .busy_timeout(BUSY_TIMEOUT)
}
