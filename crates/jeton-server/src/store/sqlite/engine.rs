use std::time::Duration;

use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use super::rotation;
use crate::{
    model::id::{SessionId, UserId},
    store::{Rotation, StoreError, rotation::Request, writer::Engine},
};

impl Engine for SqliteConnectOptions {
    type Connection = SqliteConnection;

    /// It waits for the disk and for nobody else; for the write lock, as long as `busy_timeout` says.
    const PATIENCE: Option<Duration> = None;

    async fn connect(&self) -> Result<SqliteConnection, sqlx::Error> {
        ConnectOptions::connect(self).await
    }

    /// Takes the write lock at once, so that what is read stays true to the transaction's end.
    async fn begin(
        connection: &mut SqliteConnection,
        _users: &[UserId],
        _sessions: &[SessionId],
    ) -> Result<(), sqlx::Error> {
        execute(connection, "BEGIN IMMEDIATE").await
    }

    async fn rotate(
        connection: &mut SqliteConnection,
        requests: &[&Request],
    ) -> Result<Vec<Rotation>, StoreError> {
        rotation::rotate(connection, requests).await
    }

    async fn savepoint(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        execute(connection, "SAVEPOINT unit").await
    }

    async fn roll_back_to_savepoint(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        execute(connection, "ROLLBACK TO unit").await
    }

    async fn release_savepoint(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        execute(connection, "RELEASE unit").await
    }

    async fn finish(_: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        Ok(())
    }

    async fn commit(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        execute(connection, "COMMIT").await
    }

    async fn roll_back(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        execute(connection, "ROLLBACK").await
    }

    async fn close(connection: SqliteConnection) -> Result<(), sqlx::Error> {
        connection.close().await
    }

    /// What can pass was waited for by `busy_timeout`.
    fn is_passing(_: &sqlx::Error) -> bool {
        false
    }

    fn is_unknown(_: &sqlx::Error) -> bool {
        false
    }
}

async fn execute(connection: &mut SqliteConnection, statement: &'static str) -> Result<(), sqlx::Error> {
    sqlx::query(statement).execute(connection).await.map(drop)
}
