//! The audit trail's chain: made while the service runs, checked with the master key.

use std::time::Duration;

use crate::{
    model::{
        audit::{Action, Actor, Event, Recorded},
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
pub use export::{ExportError, export};
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

impl Service {
    /// The events that fit, the newest first.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn events(&self, wanted: &Wanted) -> Result<Vec<Recorded>, Failure> {
        Ok(self.store.events(wanted).await?)
    }
}
