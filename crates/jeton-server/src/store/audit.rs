use async_trait::async_trait;

use super::StoreError;
use crate::model::{
    audit::{Action, Event, Recorded, Seal},
    id::{SessionId, UserId},
    time::Timestamp,
    user::UserVersion,
};

/// The trail of what happened. Events are numbered in commit order: who has seen one has seen every lower one.
#[async_trait]
pub trait Audit: Send + Sync + std::fmt::Debug {
    /// Writes an event that nothing else in the store comes with.
    async fn record(&self, event: &Event) -> Result<(), StoreError>;

    /// Events numbered above `after`, in order, at most `limit` of them.
    async fn events_after(&self, after: i64, limit: u32) -> Result<Vec<Recorded>, StoreError>;

    /// The events that fit, the newest first.
    async fn events(&self, wanted: &Wanted) -> Result<Vec<Recorded>, StoreError>;

    /// The event that ended a session, as long as both are kept.
    async fn ending_event(&self, session: SessionId) -> Result<Option<Recorded>, StoreError>;

    /// The first event that raised a user's version above this one.
    async fn raising_event(&self, user: UserId, version: UserVersion)
    -> Result<Option<Recorded>, StoreError>;

    /// How many events no seal covers yet.
    async fn unsealed_events(&self) -> Result<u64, StoreError>;

    /// The seal at this position.
    async fn seal(&self, position: i64) -> Result<Option<Seal>, StoreError>;

    async fn last_seal(&self) -> Result<Option<Seal>, StoreError>;

    /// The first seal whose events were not given up.
    async fn first_kept_seal(&self) -> Result<Option<Seal>, StoreError>;

    /// Seals at positions above `after`, in order, at most `limit` of them.
    async fn seals_after(&self, after: i64, limit: u32) -> Result<Vec<Seal>, StoreError>;

    /// Puts a seal at the end of the chain, unless the chain has grown since it was made. Says whether it did.
    async fn add_seal(&self, seal: &Seal) -> Result<bool, StoreError>;

    /// Gives up a seal's events and says so on it. How many there were.
    async fn forget_events(&self, seal: &Seal, mark: &[u8; 32]) -> Result<u64, StoreError>;
}

/// Which events somebody wants to see.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub user: Option<UserId>,
    pub session: Option<SessionId>,
    pub action: Option<Action>,
    pub since: Option<Timestamp>,
    /// Only events numbered below this one: the rest of a list.
    pub before: Option<i64>,
    pub limit: u32,
}
