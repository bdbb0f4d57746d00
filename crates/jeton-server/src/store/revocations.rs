use async_trait::async_trait;

use super::StoreError;
use crate::model::{
    audit::Event,
    revocation::{Numbered, Revocation},
    time::Timestamp,
};

/// How many revocations are read at a time.
pub const REVOCATIONS_PAGE: usize = 10_000;

/// Revocations of issued access tokens.
#[async_trait]
pub trait Revocations: Send + Sync + std::fmt::Debug {
    /// Writes an entry that comes with no other change.
    async fn revoke(&self, revocation: &Revocation, event: &Event) -> Result<(), StoreError>;

    /// Entries numbered above `after` that can still refuse a token at `now`, in order: a page of at most
    /// [`REVOCATIONS_PAGE`], to be repeated until nothing comes.
    async fn revocations_after(&self, after: i64, now: Timestamp) -> Result<Vec<Numbered>, StoreError>;

    /// The highest number that was ever drawn.
    async fn last_revocation(&self) -> Result<i64, StoreError>;

    /// The time before which issued access tokens are refused, in a restored back-up. Fails once the database was moved
    /// elsewhere or its file is gone: later revocations are missing from it.
    async fn accepted_from(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Deletes some of the rows that no longer matter at `now`: a small batch, to be repeated.
    async fn prune(&self, now: Timestamp) -> Result<u64, StoreError>;
}
