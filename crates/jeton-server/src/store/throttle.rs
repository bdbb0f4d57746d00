use async_trait::async_trait;

use super::StoreError;
use crate::model::{
    audit::Event,
    throttle::{AccountKey, Admission, Claimant, Counted, Limits},
    time::Timestamp,
};

/// Failed attempts to sign in: one count for all processes that share the store.
#[async_trait]
pub trait Throttle: Send + Sync + std::fmt::Debug {
    /// Counts an attempt as a failure before it is made, or turns it away. [`Opening::forgives`] takes the count
    /// back.
    ///
    /// [`Opening::forgives`]: super::Opening
    async fn admit(&self, who: &Claimant, limits: &Limits, now: Timestamp) -> Result<Admission, StoreError>;

    /// Takes back the count of an attempt that was admitted and then not made.
    async fn withdraw(&self, attempt: &Counted) -> Result<(), StoreError>;

    /// Forgets an account's failures from every device. Returns whether there were any; only then the event is
    /// recorded.
    async fn unlock(&self, account: &AccountKey, event: &Event) -> Result<bool, StoreError>;
}
