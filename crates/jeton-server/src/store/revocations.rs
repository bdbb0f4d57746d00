use async_trait::async_trait;

use super::StoreError;
use crate::model::{revocation::Numbered, time::Timestamp};

/// What calls issued access tokens back.
#[async_trait]
pub trait Revocations: Send + Sync + std::fmt::Debug {
    /// The entries numbered above `after` that can still hit something at `now`, in order.
    async fn revocations_after(&self, after: i64, now: Timestamp) -> Result<Vec<Numbered>, StoreError>;

    /// Forgets some of the rows that no longer matter at `now`: a small batch, to be repeated.
    async fn prune(&self, now: Timestamp) -> Result<u64, StoreError>;
}
