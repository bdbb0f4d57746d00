//! The write-ahead log, which keeps what was deleted until it is emptied.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{ConnectOptions, Connection, Row, sqlite::SqliteConnectOptions};

use super::place::Place;

/// How long writers may have to wait for readers while the log is emptied.
const PATIENCE: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Log {
    options: SqliteConnectOptions,
    place: Arc<Place>,
    /// Whether the log holds deleted rows that must leave no trace.
    due: AtomicBool,
}

impl Log {
    pub(super) fn new(options: SqliteConnectOptions, place: Arc<Place>) -> Self {
        Self {
            options: options.create_if_missing(false).busy_timeout(PATIENCE),
            place,
            due: AtomicBool::new(false),
        }
    }

    /// Empties the log; where readers are in the way, the next call of [`empty_if_due`](Self::empty_if_due) does.
    pub(super) async fn empty(&self) {
        self.due.store(true, Ordering::Relaxed);
        self.empty_if_due().await;
    }

    pub(super) async fn empty_if_due(&self) {
        if !self.due.load(Ordering::Relaxed) {
            return;
        }
        match self.try_empty().await {
            Ok(true) => self.due.store(false, Ordering::Relaxed),
            Ok(false) => tracing::debug!("the database's log is being read: it is emptied later"),
            Err(error) => tracing::warn!(%error, "the database's log could not be emptied"),
        }
    }

    /// Empties the log over a connection of its own: the one that writes must not wait for readers as long as it does
    /// for other writers.
    async fn try_empty(&self) -> Result<bool, sqlx::Error> {
        // Another file that has taken the name must not be touched.
        if self.place.is_unmoved().is_err() {
            return Ok(false);
        }
        let mut connection = self.options.connect().await?;
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&mut connection)
            .await?;
        let busy: i64 = row.try_get(0)?;
        connection.close().await?;
        Ok(busy == 0)
    }
}
