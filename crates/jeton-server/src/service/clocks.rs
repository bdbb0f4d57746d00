//! The node's clock beside the database's: compared, and the time that was counted kept for all nodes.

use std::time::{Instant, SystemTime};

use super::{
    Service,
    machinery::watch::{ClockOff, in_step},
};
use crate::{model::time::Timestamp, store::StoreError};

impl Service {
    /// Compares the clocks. From then on this node refuses requests while its own is off, and knows what may be
    /// deleted. `at` is the monotonic time.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not tell its time; the last comparison stays.
    pub async fn watch_clock(&self, at: Instant) -> Result<(), StoreError> {
        let (theirs, in_step) = self.compare_clocks().await?;
        let kept = if self.watch.is_new() {
            self.store.kept_time().await?
        } else {
            None
        };
        self.watch.note(theirs.into(), in_step, kept, at);
        Ok(())
    }

    /// Keeps the counted time for processes that start later, and learns what others have counted.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn keep_time(&self, at: Instant) -> Result<(), StoreError> {
        let kept = self.store.kept_time().await?;
        match self.watch.counted(kept, at) {
            Some(counted) if !self.clock_is_off() => self.store.keep_time(counted).await,
            _ => Ok(()),
        }
    }

    /// Whether this node's clock is so far from the database's that nothing may be decided by it.
    #[must_use]
    pub fn clock_is_off(&self) -> bool {
        self.watch.is_off()
    }

    /// The time by which an ended row may be forgotten. None while the clock is off, or was not compared yet.
    #[must_use]
    pub fn passed(&self, at: Instant) -> Option<Timestamp> {
        self.watch.passed(at)
    }

    /// The time that all nodes share, for what this node writes of its own accord: by the database's clock, as it was
    /// last read.
    #[must_use]
    pub fn shared_time(&self, at: Instant) -> Timestamp {
        self.watch.shared_time(at).unwrap_or_else(|| self.now())
    }

    /// The database's time, and whether this node's clock agrees with it.
    pub(super) async fn compare_clocks(&self) -> Result<(SystemTime, Result<(), ClockOff>), StoreError> {
        let asked = self.clock.now();
        let theirs = self.store.database_time().await?;
        // However long the answer was on its way, the database's time was between the two.
        Ok((theirs, in_step(asked, self.clock.now(), theirs)))
    }
}
