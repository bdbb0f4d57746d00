//! Where accounts, sessions, revocations and keys live, in the model's terms.
//!
//! A method is one whole transaction: what it answered is durable, what it refused left no trace. There is no
//! `begin` and no `commit` here, so an engine may group the writes of several callers. Not found is `Ok(None)`;
//! an error means that the engine failed or that a row is not what the model says it must be. What happened is
//! written to the audit trail in the same transaction.

use std::sync::Arc;

use async_trait::async_trait;

mod audit;
pub mod error;
mod keys;
mod revocations;
mod sessions;
mod sqlite;
mod throttle;
mod users;

pub use audit::{Audit, Wanted};
pub use error::StoreError;
pub use keys::Keys;
pub use revocations::{REVOCATIONS_PAGE, Revocations};
pub use sessions::{Ended, Ending, OpenSession, Opening, Rotation, RotationRefusal, Sessions, Which};
pub use throttle::Throttle;
pub use users::{Act, Acted, CreateUser, Import, PasswordProof, SetPassword, UserQuery, Users};

/// Everything the service keeps.
#[async_trait]
pub trait Store: Users + Sessions + Revocations + Keys + Throttle + Audit {
    /// Fails when the database does not answer.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Finishes what is under way and lets go of the database.
    async fn close(&self);
}

/// Opens the store a database URL names and brings its schema up to date.
///
/// # Errors
///
/// [`StoreError`] when the URL names no engine that is built in, or the database cannot be opened.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    match url.split_once(':') {
        Some(("sqlite", _)) => Ok(Arc::new(sqlite::SqliteStore::open(url).await?)),
        _ => Err(StoreError::UnsupportedUrl),
    }
}
