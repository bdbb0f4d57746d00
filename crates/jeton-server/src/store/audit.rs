use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{Signer, StoreError};
use crate::model::{
    audit::{Action, Base, Event, Recorded, Seal},
    id::{SessionId, UserId},
    time::Timestamp,
    user::UserVersion,
};

/// The audit trail. Events are numbered in commit order: a reader who has seen one has seen every lower one.
#[async_trait]
pub trait Audit: Send + Sync + std::fmt::Debug {
    /// Writes an event that comes with no other change.
    async fn record(&self, event: &Event) -> Result<(), StoreError>;

    /// Sets the signer of this process's events; before that it can write none. Where events from before proofs began
    /// are not noted in the trail yet, notes them.
    async fn sign_events(&self, signer: Signer, now: Timestamp) -> Result<(), StoreError>;

    /// The places of this process's events: what must be in the trail, whatever anybody does to the database.
    fn committed(&self) -> Committed;

    /// The last place of a writer among the events numbered above `after`.
    async fn last_place(&self, writer: i64, after: i64) -> Result<Option<i64>, StoreError>;

    /// Events numbered above `after`, in order, at most `limit` of them.
    async fn events_after(&self, after: i64, limit: u32) -> Result<Vec<Recorded>, StoreError>;

    /// The events that match, the newest first.
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

    /// Seals at positions above `after`, in order, at most `limit` of them.
    async fn seals_after(&self, after: i64, limit: u32) -> Result<Vec<Seal>, StoreError>;

    /// Puts a seal at the end of the chain, unless the chain has grown since it was made. Says whether it did.
    async fn add_seal(&self, seal: &Seal) -> Result<bool, StoreError>;

    /// Where the chain begins, if not with its first seal.
    async fn base(&self) -> Result<Option<Base>, StoreError>;

    /// Makes this seal the beginning of the chain, if its events were deleted, and deletes the seals before it. Returns
    /// how many there were.
    async fn fold_seals(&self, base: &Base) -> Result<u64, StoreError>;

    /// Deletes a seal's events, those numbered above `after`, and marks the seal as forgotten, if it is there. Returns
    /// how many there were.
    async fn forget_events(&self, after: i64, seal: &Seal, mark: &[u8; 32]) -> Result<u64, StoreError>;
}

/// The events that a process has committed.
#[derive(Clone, Debug, Default)]
pub struct Committed {
    /// The number of the last event before the first of them.
    pub after: i64,
    /// The last place of each writer, by its name.
    pub places: BTreeMap<i64, i64>,
}

/// A query of the trail: the events that match all that is given.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub user: Option<UserId>,
    pub session: Option<SessionId>,
    pub action: Option<Action>,
    pub since: Option<Timestamp>,
    /// The time from which on nothing is wanted.
    pub until: Option<Timestamp>,
    /// The number below which the list goes on.
    pub before: Option<i64>,
    pub limit: u32,
}

/// The columns of an event, named one by one: an engine that has prepared `audit.*` fails when another version adds a
/// column.
macro_rules! event_columns {
    () => {
        "audit.number, audit.at, audit.action, audit.user_id, audit.session_id, audit.actor, audit.detail, \
         audit.commitment, audit.writer, audit.place, audit.mac, salt, fields"
    };
}
pub(super) use event_columns;

/// Counts the events that no seal covers. Numbers have no gaps, so their difference is the count.
pub(super) const UNSEALED: &str = "SELECT coalesce((SELECT max(number) FROM audit), 0) \
     - coalesce((SELECT through FROM audit_seals ORDER BY position DESC LIMIT 1), 0) AS events";

pub(super) const BASE: &str = "SELECT number, mac FROM audit_marks WHERE name = 'base'";

/// Events stored without a proof when proofs began.
pub(super) struct Beginning {
    pub(super) through: i64,
    /// Whether there are events with proofs already: then the mark was set by somebody who may not.
    pub(super) late: bool,
}

impl Beginning {
    pub(super) fn event(&self, now: Timestamp) -> Event {
        if self.late {
            return Event::new(Action::TrailAlarm, now)
                .detail("problem", "unproven")
                .detail("through", self.through);
        }
        Event::new(Action::ProofsBegan, now).detail("through", self.through)
    }
}
