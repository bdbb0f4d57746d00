use async_trait::async_trait;

use super::StoreError;
use crate::model::{
    audit::Event,
    revocation::{Numbered, Revocation},
    time::Timestamp,
};

/// How many revocations are read at a time.
pub const REVOCATIONS_PAGE: usize = 10_000;

/// What calls issued access tokens back.
#[async_trait]
pub trait Revocations: Send + Sync + std::fmt::Debug {
    /// Writes an entry that nothing else in the store comes with.
    async fn revoke(&self, revocation: &Revocation, event: &Event) -> Result<(), StoreError>;

    /// The entries numbered above `after` that can still hit something at `now`, in order: a page of at most
    /// [`REVOCATIONS_PAGE`], to be repeated until nothing comes.
    async fn revocations_after(&self, after: i64, now: Timestamp) -> Result<Vec<Numbered>, StoreError>;

    /// The highest number that was ever drawn.
    async fn last_revocation(&self) -> Result<i64, StoreError>;

    /// Of a restored back-up: access tokens issued before this are not accepted. Fails once the database was moved
    /// elsewhere or its file is gone, for so is what is called back from then on.
    async fn accepted_from(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Forgets some of the rows that no longer matter at `now`: a small batch, to be repeated.
    async fn prune(&self, now: Timestamp) -> Result<u64, StoreError>;
}
