//! The write-ahead log, which keeps what was deleted until it is emptied.

use std::{sync::Arc, time::Duration};

use sqlx::{ConnectOptions, Connection, Row, sqlite::SqliteConnectOptions};

use super::place::Place;

/// How long writers may have to wait for readers while the log is emptied.
const PATIENCE: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Log {
    options: SqliteConnectOptions,
    place: Arc<Place>,
}

impl Log {
    pub(super) fn new(options: SqliteConnectOptions, place: Arc<Place>) -> Self {
        Self {
            options: options.create_if_missing(false).busy_timeout(PATIENCE),
            place,
        }
    }

    /// Empties the log, unless readers are in the way: then the next call does. It is called now and then, too, since
    /// another process may have deleted somebody and not been able to.
    pub(super) async fn empty(&self) {
        match self.try_empty().await {
            Ok(true) => {}
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::store::sqlite::durable;

    /// Another process deleted somebody while a reader was in the way, and has ended.
    #[tokio::test]
    async fn the_log_is_emptied_also_when_another_process_could_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jeton.db");
        let options = durable(SqliteConnectOptions::new().filename(&path));
        let mut served = options.clone().create_if_missing(true).connect().await.unwrap();
        let run = "CREATE TABLE people (name); INSERT INTO people VALUES ('zz')";
        sqlx::raw_sql(run).execute(&mut served).await.unwrap();
        let length = || fs::metadata(folder.path().join("jeton.db-wal")).unwrap().len();
        let log = Log::new(options.clone(), Arc::new(Place::new(&path)));
        let mut reader = options.connect().await.unwrap();
        let reading = "BEGIN; SELECT * FROM people";
        sqlx::raw_sql(reading).execute(&mut reader).await.unwrap();
        sqlx::query("DELETE FROM people")
            .execute(&mut served)
            .await
            .unwrap();
        log.empty().await;
        assert_ne!(length(), 0, "the reader is in the way");
        sqlx::raw_sql("COMMIT").execute(&mut reader).await.unwrap();
        log.empty().await;
        assert_eq!(length(), 0);
    }
}
