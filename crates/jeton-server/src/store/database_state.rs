use async_trait::async_trait;

use super::StoreError;
use crate::model::time::Timestamp;

/// Facts about the database as a whole.
#[async_trait]
pub trait DatabaseState: Send + Sync + std::fmt::Debug {
    /// The time that was last kept by [`keep_time`](Self::keep_time).
    async fn kept_time(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Keeps a time that has certainly come, for processes that start later.
    async fn keep_time(&self, time: Timestamp) -> Result<(), StoreError>;

    /// Whether this database was in use before: it has users, or a first master key was, or is about to be, made for
    /// it.
    async fn has_begun(&self) -> Result<bool, StoreError>;

    /// Notes, before a first master key is made, that it is made for this database. A process can be killed in between:
    /// an empty database beside a key is then a beginning that was interrupted, and without the note one that was lost.
    async fn begin(&self) -> Result<(), StoreError>;
}
