//! The audit trail's chain: made while the service runs, checked with the master key.

use std::time::Duration;

use crate::{
    model::{
        audit::{Action, Actor, Event, Recorded},
        id::{SessionId, UserId},
        time::Timestamp,
    },
    service::{Failure, Service},
    store::{Store, StoreError, Wanted},
};

mod chain;
mod erasures;
mod export;
mod flaw;
mod keeper;
mod links;
mod places;
mod verify;

pub use chain::Chain;
pub use export::{ExportError, export, line};
pub use keeper::Keeper;
pub use verify::{Flaw, Report, VerifyError, verify};

/// How many events a seal covers at most.
const BATCH: u32 = 1000;

/// Records in the trail that events up to the last may be without a proof, since nodes of an earlier version wrote
/// them. Returns the number of the last.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn accept_unproven(store: &dyn Store, by: Actor, now: Timestamp) -> Result<i64, StoreError> {
    let newest = Wanted {
        limit: 1,
        ..Wanted::default()
    };
    let newest = store.events(&newest).await?;
    let through = newest.first().map_or(0, |event| event.number);
    let event = Event::new(Action::ProofsBegan, now).by(Some(by));
    store.record(&event.detail("through", through)).await?;
    Ok(through)
}

/// The time since which events are kept; none where they are kept for ever.
#[must_use]
pub fn kept_since(now: Timestamp, retention: Duration) -> Option<Timestamp> {
    (!retention.is_zero()).then(|| now.minus(retention))
}

/// Events that are looked for: those that match all that is given.
#[derive(Clone, Debug, Default)]
pub struct Search {
    pub user: Option<UserId>,
    pub session: Option<SessionId>,
    pub action: Option<Action>,
    pub since: Option<Timestamp>,
    /// The time from which on nothing is looked for.
    pub until: Option<Timestamp>,
    /// The number below which the list goes on.
    pub before: Option<i64>,
    pub limit: u32,
}

/// How far the chain over the trail goes.
#[derive(Clone, Copy, Debug)]
pub struct ChainState {
    /// The last seal's time, and the number of the last event it covers.
    pub sealed_at: Option<Timestamp>,
    pub sealed_through: Option<i64>,
    /// How many events wait for a seal.
    pub unsealed: u64,
}

impl Service {
    /// The events that are looked for, the newest first.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn search_events(&self, search: &Search) -> Result<Vec<Recorded>, Failure> {
        let wanted = Wanted {
            user: search.user,
            session: search.session,
            action: search.action,
            since: search.since,
            until: search.until,
            before: search.before,
            limit: search.limit,
        };
        self.events(&wanted).await
    }

    /// How far the chain over the trail goes now.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn chain_state(&self) -> Result<ChainState, Failure> {
        let seal = self.store.last_seal().await?;
        Ok(ChainState {
            sealed_at: seal.as_ref().map(|seal| seal.sealed_at),
            sealed_through: seal.as_ref().map(|seal| seal.through),
            unsealed: self.store.unsealed_events().await?,
        })
    }

    /// The events that fit, the newest first.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn events(&self, wanted: &Wanted) -> Result<Vec<Recorded>, Failure> {
        Ok(self.store.events(wanted).await?)
    }
}
