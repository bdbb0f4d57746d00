//! The audit trail's chain: made while the service runs, checked by whoever holds the master key.

use std::time::Duration;

use super::{Failure, Service};
use crate::{
    model::{audit::Recorded, time::Timestamp},
    store::{Store, StoreError, Wanted},
};

mod chain;
mod export;
mod verify;

pub use chain::Chain;
pub use export::{ExportError, export};
pub use verify::{Flaw, Report, VerifyError, verify};

/// How many events a seal covers at most.
const BATCH: u32 = 1000;

/// Seals every event that no seal covers yet; says how many there were.
///
/// Another process may do the same at the same time: one of them wins each place in the chain, and the other's work
/// is thrown away.
///
/// # Errors
///
/// [`StoreError`] when the database fails; what was sealed before stays sealed.
pub async fn seal(store: &dyn Store, chain: &Chain, now: Timestamp) -> Result<usize, StoreError> {
    let mut sealed = 0;
    loop {
        let last = store.last_seal().await?;
        let after = last.as_ref().map_or(i64::MIN, |seal| seal.through);
        let events = store.events_after(after, BATCH).await?;
        let Some(seal) = chain.link(last.as_ref(), &events, now) else {
            return Ok(sealed);
        };
        if store.add_seal(&seal).await? {
            sealed += events.len();
        }
        if events.len() < BATCH as usize {
            return Ok(sealed);
        }
    }
}

/// Gives up the events of every seal made before `before`; the seals stay. Says how many events went.
///
/// # Errors
///
/// [`StoreError`] when the database fails; what went before stays gone.
pub async fn forget(store: &dyn Store, chain: &Chain, before: Timestamp) -> Result<u64, StoreError> {
    let mut forgotten = 0;
    while let Some(seal) = store.first_kept_seal().await? {
        if seal.sealed_at >= before {
            break;
        }
        forgotten += store.forget_events(&seal, &chain.forgotten(&seal)).await?;
    }
    Ok(forgotten)
}

/// From when on events are kept, if not for ever.
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
