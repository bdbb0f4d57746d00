use std::{borrow::Cow, time::Duration};

use sqlx::{
    Connection,
    postgres::{PgDatabaseError, PgSeverity},
};

use super::{rotation, server::Server, transaction::Transaction};
use crate::{
    model::id::{SessionId, UserId},
    store::{Rotation, StoreError, rotation::Request, writer::Engine},
};

impl Engine for Server {
    type Connection = Transaction;

    /// Longer than any one statement may take by `statement_timeout`, shorter than a request: this is for a network
    /// that swallows answers.
    const PATIENCE: Option<Duration> = Some(Duration::from_secs(25));

    async fn connect(&self) -> Result<Transaction, sqlx::Error> {
        self.open().await.map(Transaction::new)
    }

    async fn begin(
        transaction: &mut Transaction,
        users: &[UserId],
        sessions: &[SessionId],
    ) -> Result<(), sqlx::Error> {
        transaction.begin().await?;
        transaction.hold(users, sessions).await
    }

    async fn rotate(
        transaction: &mut Transaction,
        requests: &[&Request],
    ) -> Result<Vec<Rotation>, StoreError> {
        rotation::rotate(transaction, requests).await
    }

    async fn savepoint(transaction: &mut Transaction) -> Result<(), sqlx::Error> {
        transaction.savepoint().await
    }

    async fn roll_back_to_savepoint(transaction: &mut Transaction) -> Result<(), sqlx::Error> {
        transaction.roll_back_to_savepoint().await
    }

    async fn release_savepoint(transaction: &mut Transaction) -> Result<(), sqlx::Error> {
        transaction.execute("RELEASE SAVEPOINT unit").await
    }

    async fn finish(transaction: &mut Transaction) -> Result<(), sqlx::Error> {
        transaction.write_numbered().await
    }

    async fn commit(transaction: &mut Transaction) -> Result<(), sqlx::Error> {
        transaction.execute("COMMIT").await
    }

    async fn roll_back(transaction: &mut Transaction) -> Result<(), sqlx::Error> {
        transaction.execute("ROLLBACK").await
    }

    async fn close(transaction: Transaction) -> Result<(), sqlx::Error> {
        transaction.connection.close().await
    }

    fn is_passing(error: &sqlx::Error) -> bool {
        match error {
            sqlx::Error::Database(error) => error
                .code()
                .is_some_and(|code| is_collision(&code) || is_away(&code)),
            error => is_lost(error),
        }
    }

    /// An ordinary error means that the transaction was given up. One that ends the connection, or a connection that
    /// ends without one, says nothing about it.
    fn is_unknown(error: &sqlx::Error) -> bool {
        match error {
            sqlx::Error::Database(error) => {
                let severity = error
                    .try_downcast_ref::<PgDatabaseError>()
                    .map(PgDatabaseError::severity);
                error.code() == Some(Cow::Borrowed("40003")) || severity != Some(PgSeverity::Error)
            }
            _ => true,
        }
    }
}

/// Two transactions were in each other's way, and this one had to give in.
fn is_collision(code: &str) -> bool {
    matches!(code, "40001" | "40P01")
}

/// The server stops, has crashed or starts, or the connection failed.
fn is_away(code: &str) -> bool {
    matches!(code, "57P01" | "57P02" | "57P03") || code.starts_with("08")
}

/// The connection is gone. When it has been waited for in vain, there is no time left to try again.
fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() != std::io::ErrorKind::TimedOut,
        sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}
