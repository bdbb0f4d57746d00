use std::sync::atomic::Ordering;

use crate::service::{Failure, Service, machinery::watch::ClockOff};

/// Why a node should get no requests for now.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotReady {
    #[error("The revocations were not read for too long")]
    Stale,
    #[error("There is a key in the database that this node cannot open")]
    KeyMissing,
    #[error("The database was found damaged: restore a back-up, and start again")]
    Damaged,
    #[error(transparent)]
    ClockOff(#[from] ClockOff),
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// Whether requests can be answered: the database is there, takes writes and agrees with this node's clock, and the
    /// keys and revocations are known.
    ///
    /// # Errors
    ///
    /// [`NotReady`] says what is missing.
    pub async fn ready(&self) -> Result<(), NotReady> {
        self.store.check().await.map_err(Failure::from)?;
        if self.damaged.load(Ordering::Acquire) {
            return Err(NotReady::Damaged);
        }
        let (_, in_step) = self.compare_clocks().await.map_err(Failure::from)?;
        in_step?;
        let lag = self.revocations.set().lag(self.clock.instant());
        if lag.is_none_or(|lag| lag > self.rules.revocation_max_lag) {
            return Err(NotReady::Stale);
        }
        if self.lacks_keys() {
            return Err(NotReady::KeyMissing);
        }
        Ok(())
    }
}
