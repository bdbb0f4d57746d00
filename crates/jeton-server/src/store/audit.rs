use async_trait::async_trait;

use super::StoreError;
use crate::model::audit::{Event, Recorded};

/// The trail of what happened.
#[async_trait]
pub trait Audit: Send + Sync + std::fmt::Debug {
    /// Writes an event that nothing else in the store comes with.
    async fn record(&self, event: &Event) -> Result<(), StoreError>;

    /// Events numbered above `after`, in order, at most `limit` of them.
    async fn events_after(&self, after: i64, limit: u32) -> Result<Vec<Recorded>, StoreError>;
}
