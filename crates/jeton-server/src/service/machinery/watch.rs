//! The node's clock, compared with the database's and with the time that was counted.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use crate::{
    model::{
        acceptance::CLOCKS_APART,
        confirmed_time::{ConfirmedTime, Turn},
        time::Timestamp,
    },
    service::Service,
    store::StoreError,
};

/// How often the clocks are compared.
pub const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// The outcome of the last comparison.
#[derive(Debug, Default)]
pub(in crate::service) struct Watch {
    /// Whether the clock is too far from the database's to answer requests by.
    off: AtomicBool,
    seen: Mutex<Option<Seen>>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    /// The database's time, as of `at` on the monotonic clock.
    theirs: Timestamp,
    at: Instant,
    confirmed: ConfirmedTime,
}

/// A clock that is too far from the database's.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error(
    "This node's clock is {} seconds {} its database's, more than {} seconds: set both by NTP",
    by.as_secs(),
    if *ahead { "ahead of" } else { "behind" },
    CLOCKS_APART.as_secs()
)]
pub struct ClockOff {
    ahead: bool,
    by: Duration,
}

impl Service {
    /// Compares the clocks. From then on this node refuses requests while its own is off, and knows what may be
    /// deleted. `at` is the monotonic time.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not tell its time; the last comparison stays.
    pub async fn watch_clock(&self, at: Instant) -> Result<(), StoreError> {
        let (theirs, in_step) = self.compare_clocks().await?;
        let off = in_step.err();
        if self.watch.off.swap(off.is_some(), Ordering::AcqRel) != off.is_some() {
            if let Some(off) = off {
                tracing::error!("{off}; until then requests get 503, and nothing is deleted");
            } else {
                tracing::info!("the clock agrees with the database's again");
            }
        }
        let is_first = self.watch.seen().is_none();
        let kept = if is_first {
            self.store.kept_time().await?
        } else {
            None
        };
        let theirs = theirs.into();
        let mut seen = self.watch.seen();
        let mut confirmed = seen.map_or_else(|| ConfirmedTime::new(kept, theirs, at), |seen| seen.confirmed);
        tell(confirmed.observe(theirs, at));
        *seen = Some(Seen {
            theirs,
            at,
            confirmed,
        });
        Ok(())
    }

    /// Keeps the counted time for processes that start later, and learns what others have counted.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn keep_time(&self, at: Instant) -> Result<(), StoreError> {
        let kept = self.store.kept_time().await?;
        let counted = {
            let mut seen = self.watch.seen();
            let Some(seen) = seen.as_mut() else { return Ok(()) };
            if let Some(kept) = kept {
                seen.confirmed.learn(kept, at);
            }
            seen.confirmed.counted(at)
        };
        if self.clock_is_off() {
            return Ok(());
        }
        self.store.keep_time(counted).await
    }

    /// Whether this node's clock is so far from the database's that nothing may be decided by it.
    #[must_use]
    pub fn clock_is_off(&self) -> bool {
        self.watch.off.load(Ordering::Acquire)
    }

    /// The time by which an ended row may be forgotten. None while the clock is off, or was not compared yet.
    #[must_use]
    pub fn passed(&self, at: Instant) -> Option<Timestamp> {
        let seen = *self.watch.seen();
        seen.filter(|_| !self.clock_is_off())
            .map(|seen| seen.confirmed.passed(at))
    }

    /// The time that all nodes share, for what this node writes of its own accord: by the database's clock, as it was
    /// last read.
    #[must_use]
    pub fn shared_time(&self, at: Instant) -> Timestamp {
        let seen = *self.watch.seen();
        seen.map_or_else(
            || self.now(),
            |seen| seen.theirs.plus(at.saturating_duration_since(seen.at)),
        )
    }

    /// The database's time, and whether this node's clock agrees with it.
    pub(in crate::service) async fn compare_clocks(
        &self,
    ) -> Result<(SystemTime, Result<(), ClockOff>), StoreError> {
        let asked = self.clock.now();
        let theirs = self.store.database_time().await?;
        // However long the answer was on its way, the database's time was between the two.
        Ok((theirs, in_step(asked, self.clock.now(), theirs)))
    }
}

impl Watch {
    fn seen(&self) -> MutexGuard<'_, Option<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn in_step(asked: SystemTime, answered: SystemTime, theirs: SystemTime) -> Result<(), ClockOff> {
    let ahead = asked.duration_since(theirs).unwrap_or_default();
    let behind = theirs.duration_since(answered).unwrap_or_default();
    let by = ahead.max(behind);
    if by > CLOCKS_APART {
        let ahead = !ahead.is_zero();
        return Err(ClockOff { ahead, by });
    }
    Ok(())
}

fn tell(turn: Option<Turn>) {
    match turn {
        Some(Turn::Jumped(apart)) if apart.is_ahead() => tracing::warn!(
            seconds = apart.by().as_secs(),
            "the clock has jumped ahead of what this process has seen pass, as after a sleep, a long stop or a mistake: \
             rows are deleted by it when it has gone on like this for a day"
        ),
        Some(Turn::Jumped(apart)) => tracing::warn!(
            seconds = apart.by().as_secs(),
            "the clock was set back: what had expired since is accepted again until its time comes once more"
        ),
        Some(Turn::Confirmed) => tracing::info!("the clock goes with what was counted"),
        None => {}
    }
}
