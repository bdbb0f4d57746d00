use std::time::Duration;

use sqlx::{
    PgConnection, PgPool, Postgres,
    pool::PoolConnection,
    postgres::{PgDatabaseError, PgSeverity},
};

use super::{
    codes::{COMPLETION_UNKNOWN, is_away, is_collision},
    numbered, refreshed,
    server::Server,
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
        rows,
        sql::Connection,
        transaction::Transaction,
    },
};

/// A node: one of the processes that share a server.
#[derive(Debug)]
pub(in crate::store) struct Node {
    pub(super) server: Server,
    pub(super) readers: PgPool,
}

impl Engine for Node {
    type Connection = PgConnection;
    type Reader = PoolConnection<Postgres>;

    /// Longer than `statement_timeout` lets any one statement take, shorter than a request: for a network that swallows
    /// answers.
    const PATIENCE: Option<Duration> = Some(Duration::from_secs(25));

    const BEGIN: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED";
    const FOR_UPDATE: &'static str = " FOR NO KEY UPDATE";
    const SKIP_HELD: &'static str = " FOR UPDATE SKIP LOCKED";
    const POSITION: &'static str = "strpos";
    const EMAIL_KEY: &'static str = "lower(email COLLATE \"C\")";
    const AS_JSON: &'static str = "::json";
    const NOW: &'static str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now";
    const LAST_REVOCATION: &'static str = "SELECT value AS last FROM counters WHERE name = 'revocations'";

    async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        self.server.open().await
    }

    async fn reader(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        self.readers.acquire().await
    }

    async fn close_readers(&self) {
        self.readers.close().await;
    }

    async fn hold(
        transaction: &mut Transaction<Self>,
        users: &[UserId],
        sessions: &[SessionId],
    ) -> Result<(), sqlx::Error> {
        refreshed::hold(transaction, users, sessions).await
    }

    async fn stand_alone(transaction: &mut Transaction<Self>) -> Result<(), sqlx::Error> {
        let counter = "SELECT 1 FROM counters WHERE name = 'revocations' FOR UPDATE";
        transaction.connection.command(counter).await
    }

    async fn sessions(
        transaction: &mut Transaction<Self>,
        ids: &[SessionId],
    ) -> Result<Vec<RowOf<Self>>, sqlx::Error> {
        refreshed::sessions(&mut transaction.connection, ids).await
    }

    /// Reads the rows that [`hold`](Self::hold) has locked: a second query would cost a round trip.
    async fn owners(transaction: &mut Transaction<Self>, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        ids.iter()
            .filter_map(|id| transaction.held.get(id))
            .map(rows::user)
            .collect()
    }

    async fn write_refreshed(
        transaction: &mut Transaction<Self>,
        sessions: &[&Session],
    ) -> Result<(), sqlx::Error> {
        refreshed::write(&mut transaction.connection, sessions).await
    }

    async fn write_numbered(
        connection: &mut PgConnection,
        revocations: &[Revocation],
        entries: &[Entry],
    ) -> Result<(), sqlx::Error> {
        if revocations.is_empty() && entries.is_empty() {
            // COMMIT says nothing about a transaction that an error has already ended; this statement does.
            return connection.command("SELECT 1").await;
        }
        numbered::write_revocations(connection, revocations).await?;
        numbered::write_events(connection, entries).await
    }

    async fn skip_revocations(connection: &mut PgConnection, by: i64) -> Result<(), sqlx::Error> {
        numbered::skip_revocations(connection, by).await
    }

    fn fate_before_commit(error: &sqlx::Error) -> Fate {
        let passes = match error {
            sqlx::Error::Database(error) => error
                .code()
                .is_some_and(|code| is_collision(&code) || is_away(&code)),
            error => is_lost(error),
        };
        if passes { Fate::Retry } else { Fate::Refused }
    }

    /// The fate by the answer to COMMIT. An ordinary error means that the transaction was rolled back; one that ends
    /// the connection, or a connection that ends without one, says nothing about it.
    fn fate_at_commit(error: &sqlx::Error) -> Fate {
        let sqlx::Error::Database(answer) = error else {
            return Fate::Unknown;
        };
        let severity = answer
            .try_downcast_ref::<PgDatabaseError>()
            .map(PgDatabaseError::severity);
        if answer.code().as_deref() == Some(COMPLETION_UNKNOWN) || severity != Some(PgSeverity::Error) {
            return Fate::Unknown;
        }
        Self::fate_before_commit(error)
    }
}

/// Whether the connection is gone. A time-out does not count: no time is left then to try again.
fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() != std::io::ErrorKind::TimedOut,
        sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}
