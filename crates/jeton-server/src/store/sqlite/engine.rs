use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{ConnectOptions as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    log::Log,
    numbered, open_writer,
    place::Place,
    readers::{Reader, Readers},
    refreshed,
};
use crate::{
    model::{
        audit::Entry,
        id::{SessionId, UserId},
        revocation::Revocation,
        session::Session,
        user::User,
    },
    store::{
        StoreError,
        engine::{Engine, Fate, RowOf},
        error::Gone,
        sql::{Connection, sql},
        transaction::Transaction,
    },
};

/// A file, and how it is read and written.
#[derive(Debug)]
pub(in crate::store) struct File {
    pub(super) writing: SqliteConnectOptions,
    pub(super) reading: SqliteConnectOptions,
    pub(super) readers: Readers,
    pub(super) log: Log,
    pub(super) place: Arc<Place>,
    /// The connection that brought the schema up to date, until the writer takes it over.
    pub(super) opened: Mutex<Option<SqliteConnection>>,
}

impl Engine for File {
    type Connection = SqliteConnection;
    type Reader = Reader;

    /// No limit: SQLite waits for the disk and for nobody else, and for the write lock as long as `busy_timeout` says.
    const PATIENCE: Option<Duration> = None;

    /// Takes the write lock at once, so that rows stay as they were read to the transaction's end: none has to be
    /// locked.
    const BEGIN: &'static str = "BEGIN IMMEDIATE";
    const FOR_UPDATE: &'static str = "";
    const SKIP_HELD: &'static str = "";
    const POSITION: &'static str = "instr";
    const EMAIL_KEY: &'static str = "lower(email)";
    const AS_JSON: &'static str = "";

    /// The machine's clock: SQLite has none of its own.
    const NOW: &'static str = "SELECT CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER) AS now";
    const LAST_REVOCATION: &'static str =
        "SELECT coalesce(max(seq), 0) AS last FROM sqlite_sequence WHERE name = 'revocations'";

    async fn connect(&self) -> Result<SqliteConnection, sqlx::Error> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner).take();
        match opened {
            Some(connection) => Ok(connection),
            None => open_writer(&self.writing, &self.place).await,
        }
    }

    async fn reader(&self) -> Result<Reader, sqlx::Error> {
        self.readers.lend().await
    }

    async fn close_readers(&self) {
        self.readers.close().await;
    }

    async fn sessions(
        transaction: &mut Transaction<Self>,
        ids: &[SessionId],
    ) -> Result<Vec<RowOf<Self>>, sqlx::Error> {
        refreshed::sessions(&mut transaction.connection, ids).await
    }

    async fn owners(transaction: &mut Transaction<Self>, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        refreshed::owners(&mut transaction.connection, ids).await
    }

    async fn write_refreshed(
        transaction: &mut Transaction<Self>,
        sessions: &[&Session],
    ) -> Result<(), sqlx::Error> {
        refreshed::write(&mut transaction.connection, sessions).await
    }

    async fn write_numbered(
        connection: &mut SqliteConnection,
        revocations: &[Revocation],
        entries: &[Entry],
    ) -> Result<(), sqlx::Error> {
        numbered::write_revocations(connection, revocations).await?;
        numbered::write_events(connection, entries).await
    }

    async fn skip_revocations(connection: &mut SqliteConnection, by: i64) -> Result<(), sqlx::Error> {
        numbered::skip_revocations(connection, by).await
    }

    /// No retry: whatever can pass was waited for by `busy_timeout`.
    fn fate_before_commit(_: &sqlx::Error) -> Fate {
        Fate::Refused
    }

    fn fate_at_commit(_: &sqlx::Error) -> Fate {
        Fate::Refused
    }

    fn is_in_place(&self) -> Result<(), Gone> {
        self.place.is_unmoved()
    }

    fn disconnected(&self) {
        self.place.forget_beside();
    }

    /// Reads the file through a new connection, since an open one may answer from its cache.
    async fn try_reading(&self) -> Result<(), StoreError> {
        let mut connection = self.reading.connect().await?;
        connection
            .fetch_one(sql(
                "SELECT (SELECT count(*) FROM sqlite_schema), move, other FROM standing",
            ))
            .await?;
        connection.disconnect().await?;
        Ok(())
    }

    /// Empties the write-ahead log, which keeps deleted rows until then.
    async fn erased(&self) {
        self.log.empty().await;
    }

    async fn tidy(&self) {
        self.log.empty().await;
    }
}
