//! PostgreSQL: one database for any number of nodes.
//!
//! The store asks for no more than engines that speak its protocol share: READ COMMITTED, row locks, `RETURNING`.
//! Nothing rests on sequences, advisory locks or LISTEN.
//!
//! Two rules keep nodes out of each other's way. A change to a session locks its user's row, and users are locked in
//! the order of their ids, at the start of a group. And the numbers of revocations and events are drawn last, from
//! rows that stay locked to the end: they are in commit order, so a reader who has seen one has seen every lower one.

use sqlx::{Connection, postgres::PgPoolOptions};

use super::{
    Pool, StoreError,
    database::{Database, state},
};

pub(super) mod codes;
mod engine;
mod migrations;
mod numbered;
mod refreshed;
mod server;
mod transfer;

pub(super) use transfer::end;

use engine::Node;
use server::Server;

/// Opens a database and brings its schema up to date.
pub(super) async fn open(url: &str, pool: &Pool) -> Result<Database<Node>, StoreError> {
    let server = Server::parse(url, pool.timeout)?;
    let mut connection = server.first_connection().await?;
    migrations::run(&mut connection).await?;
    state::in_use(&mut connection).await?;
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
    Database::open(Node { server, readers }).await
}
