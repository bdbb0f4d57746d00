use async_trait::async_trait;

use super::StoreError;
use crate::model::key::{Purpose, SealedKey};

/// The sealed signing keys.
#[async_trait]
pub trait Keys: Send + Sync + std::fmt::Debug {
    /// The keys of a purpose, the newest first.
    async fn keys(&self, purpose: Purpose) -> Result<Vec<SealedKey>, StoreError>;

    /// Stores the key unless its purpose has one: two nodes that start at once end with the same key.
    async fn insert_first_key(&self, key: &SealedKey) -> Result<(), StoreError>;
}
