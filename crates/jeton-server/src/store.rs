//! Where accounts, sessions, revocations and keys live, in the model's terms.
//!
//! A method is one whole transaction: what it answered is durable, what it refused left no trace. There is no
//! `begin` and no `commit` here, so an engine may group the writes of several callers. Not found is `Ok(None)`;
//! an error means that the engine failed or that a row is not what the model says it must be. What happened is
//! written to the audit trail in the same transaction.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;

mod audit;
pub mod error;
mod keys;
mod postgres;
mod relocation;
mod restored;
mod revocations;
mod rotation;
mod rows;
mod service_accounts;
mod sessions;
mod sqlite;
mod throttle;
pub mod transfer;
mod users;
mod writer;

pub use audit::{Audit, Wanted};
pub use error::StoreError;
pub use keys::Keys;
pub use relocation::Relocation;
pub use restored::{Restored, restore};
pub use revocations::{REVOCATIONS_PAGE, Revocations};
pub use service_accounts::{AccountChange, ServiceAccounts};
pub use sessions::{Ended, Ending, OpenSession, Opening, Rotation, RotationRefusal, Sessions, Which};
pub use throttle::Throttle;
pub use users::{Act, Acted, CreateUser, Import, PasswordProof, SetPassword, UserQuery, Users};

/// Everything the service keeps.
#[async_trait]
pub trait Store: Users + Sessions + ServiceAccounts + Revocations + Keys + Throttle + Audit {
    /// What time it is for the database; fails when that does not answer, or when nothing can be written any more.
    async fn database_time(&self) -> Result<SystemTime, StoreError>;

    /// Finishes what is under way and lets go of the database.
    async fn close(&self);
}

/// How much of a database server a node takes.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// Connections that read; one more writes.
    pub connections: u32,
    /// How long a connection, a lock or a statement may take.
    pub timeout: Duration,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            connections: 10,
            timeout: Duration::from_secs(5),
        }
    }
}

/// Opens the store a database URL names and brings its schema up to date.
///
/// # Errors
///
/// [`StoreError`] when the URL names no engine that is built in, or the database cannot be opened.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    open_with(url, &Pool::default()).await
}

/// The same with a say in what it takes of a database server. SQLite is a part of the process and takes nothing.
///
/// # Errors
///
/// As for [`open`].
pub async fn open_with(url: &str, pool: &Pool) -> Result<Arc<dyn Store>, StoreError> {
    match url.split_once(':') {
        Some(("sqlite", _)) => Ok(Arc::new(sqlite::SqliteStore::open(url).await?)),
        Some(("postgres" | "postgresql", _)) => Ok(Arc::new(postgres::PostgresStore::open(url, pool).await?)),
        _ => Err(StoreError::UnsupportedUrl),
    }
}

/// An end of a move: a database that is there.
async fn source_side(url: &str) -> Result<Box<dyn transfer::Side>, StoreError> {
    match url.split_once(':') {
        Some(("sqlite", _)) => Ok(Box::new(sqlite::SqliteSide::source(url).await?)),
        Some(("postgres" | "postgresql", _)) => Ok(Box::new(postgres::PostgresSide::open(url).await?)),
        _ => Err(StoreError::UnsupportedUrl),
    }
}

/// The other end, which is made if the engine makes databases.
async fn target_side(url: &str) -> Result<Box<dyn transfer::Side>, StoreError> {
    match url.split_once(':') {
        Some(("sqlite", _)) => Ok(Box::new(sqlite::SqliteSide::target(url).await?)),
        Some(("postgres" | "postgresql", _)) => Ok(Box::new(postgres::PostgresSide::open(url).await?)),
        _ => Err(StoreError::UnsupportedUrl),
    }
}
