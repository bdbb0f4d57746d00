//! Where accounts, sessions, revocations and keys live, in the model's terms.
//!
//! A method is one whole transaction: what it answered is durable, what it refused left no trace. There is no
//! `begin` and no `commit` here, so an engine may group the writes of several callers. Not found is `Ok(None)`;
//! an error means that the engine failed or that a row does not fit the model. The events of a change are written to
//! the audit trail in its transaction.
//!
//! An act of an administrator names them as its actor, and its transaction refuses an actor who is no enabled
//! administrator at that moment ([`StoreError::NotAdministrator`]). The command line is no user and is not asked.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;

mod acting;
mod audit;
mod database;
mod engine;
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
mod sql;
mod sqlite;
mod standing;
mod throttle;
mod trail;
mod transaction;
pub mod transfer;
mod users;
mod writer;

pub use audit::{Audit, Wanted};
pub use error::StoreError;
pub use keys::Keys;
pub use relocation::Relocation;
pub use restored::{Restored, Signing, restore};
pub use revocations::{REVOCATIONS_PAGE, Revocations};
pub use service_accounts::{AccountChange, IssueToAccount, ServiceAccounts};
pub use sessions::{
    Ended, Ending, OpenSession, Opened, Opening, Proof, Rotation, RotationRefusal, Sessions, Which,
};
pub use standing::Standing;
pub use throttle::Throttle;
pub use trail::Signer;
pub use users::{Act, Acted, CreateUser, Import, PasswordProof, PasswordSet, SetPassword, UserQuery, Users};

/// The whole store: one trait for each subject, and the database itself.
#[async_trait]
pub trait Store:
    Users + Sessions + ServiceAccounts + Revocations + Keys + Throttle + Audit + Standing
{
    /// The database's time. Fails when the database does not answer, or when nothing can be written any more.
    async fn database_time(&self) -> Result<SystemTime, StoreError>;

    /// Tries whether the database is in place, can be read and takes writes; at most every few seconds.
    async fn check(&self) -> Result<(), StoreError>;

    /// Finishes what is under way and lets go of the database.
    async fn close(&self);
}

/// Limits on a node's use of a database server.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// Connections that read; one more writes.
    pub connections: u32,
    /// How long opening a connection, a lock or a statement may take.
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

/// Opens the store with limits on its connections. SQLite is a part of the process and has no use for them.
///
/// # Errors
///
/// As for [`open`].
pub async fn open_with(url: &str, pool: &Pool) -> Result<Arc<dyn Store>, StoreError> {
    match url.split_once(':') {
        Some(("sqlite", _)) => Ok(Arc::new(sqlite::open(url).await?)),
        Some(("postgres" | "postgresql", _)) => Ok(Arc::new(postgres::open(url, pool).await?)),
        _ => Err(StoreError::UnsupportedUrl),
    }
}

/// Opens the source of a move, which must be there.
async fn source_side(url: &str) -> Result<Box<dyn transfer::Side>, StoreError> {
    match url.split_once(':') {
        Some(("sqlite", _)) => Ok(Box::new(sqlite::source(url).await?)),
        Some(("postgres" | "postgresql", _)) => Ok(Box::new(postgres::end(url).await?)),
        _ => Err(StoreError::UnsupportedUrl),
    }
}

/// Opens the target of a move; a database is made if the engine makes them.
async fn target_side(url: &str) -> Result<Box<dyn transfer::Side>, StoreError> {
    match url.split_once(':') {
        Some(("sqlite", _)) => Ok(Box::new(sqlite::target(url).await?)),
        Some(("postgres" | "postgresql", _)) => Ok(Box::new(postgres::end(url).await?)),
        _ => Err(StoreError::UnsupportedUrl),
    }
}
