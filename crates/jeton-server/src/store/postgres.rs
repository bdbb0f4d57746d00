//! PostgreSQL: one database for any number of nodes.
//!
//! What is asked of it is what engines that speak its protocol share: READ COMMITTED, row locks, `RETURNING`. Nothing
//! rests on sequences, advisory locks or LISTEN.
//!
//! Two rules keep nodes out of each other's way. Whoever changes a session holds its user's row, and users are taken
//! in the order of their ids, at the start of a group. And the numbers of revocations and events are drawn last, from
//! rows that stay locked to the end: they are in commit order, and who has seen one has seen every lower one.

use std::time::SystemTime;

use async_trait::async_trait;
use sqlx::{Connection, PgPool, postgres::PgPoolOptions};

use super::{Pool, Store, StoreError, rows, writer::Writer};

mod audit;
mod engine;
mod keys;
mod migrations;
mod restored;
mod revocations;
mod rotation;
mod server;
mod service_accounts;
mod sessions;
mod standing;
mod throttle;
mod transaction;
mod transfer;
mod users;

pub(super) use transfer::PostgresSide;

use server::Server;

#[derive(Debug)]
pub(super) struct PostgresStore {
    writer: Writer<Server>,
    readers: PgPool,
}

impl PostgresStore {
    pub(super) async fn open(url: &str, pool: &Pool) -> Result<Self, StoreError> {
        let server = Server::parse(url, pool.timeout)?;
        let mut connection = server.first_connection().await?;
        migrations::run(&mut connection).await?;
        standing::in_use(&mut connection).await?;
        connection.close().await?;
        let readers = PgPoolOptions::new()
            .max_connections(pool.connections)
            .acquire_timeout(pool.timeout)
            .after_connect({
                let server = server.clone();
                move |connection, _| {
                    let server = server.clone();
                    Box::pin(async move { server.prepare(connection).await })
                }
            })
            .connect_lazy_with(server.options().clone());
        let writer = Writer::open(server).await?;
        Ok(Self { writer, readers })
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn database_time(&self) -> Result<SystemTime, StoreError> {
        self.writer.alive()?;
        let row = sqlx::query("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now")
            .fetch_one(&self.readers)
            .await?;
        rows::milliseconds(&row, "now")
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
