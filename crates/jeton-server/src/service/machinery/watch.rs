//! The node's clock, compared with the database's and with the time that was counted.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use crate::model::{
    acceptance::CLOCKS_APART,
    confirmed_time::{ConfirmedTime, Turn},
    time::Timestamp,
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

impl Watch {
    /// Whether the clock is so far from the database's that nothing is to be decided by it.
    pub(in crate::service) fn is_off(&self) -> bool {
        self.off.load(Ordering::Acquire)
    }

    /// Whether no comparison was noted yet.
    pub(in crate::service) fn is_new(&self) -> bool {
        self.seen().is_none()
    }

    /// Notes a comparison with the database's clock. `kept` is the time counted before this process began, for the first.
    pub(in crate::service) fn note(
        &self,
        theirs: Timestamp,
        in_step: Result<(), ClockOff>,
        kept: Option<Timestamp>,
        at: Instant,
    ) {
        let off = in_step.err();
        if self.off.swap(off.is_some(), Ordering::AcqRel) != off.is_some() {
            if let Some(off) = off {
                tracing::error!("{off}; until then requests get 503, and nothing is deleted");
            } else {
                tracing::info!("the clock agrees with the database's again");
            }
        }
        let mut seen = self.seen();
        let mut confirmed = seen.map_or_else(|| ConfirmedTime::new(kept, theirs, at), |seen| seen.confirmed);
        tell(confirmed.observe(theirs, at));
        *seen = Some(Seen {
            theirs,
            at,
            confirmed,
        });
    }

    /// The time that was counted by now, here or where `kept` comes from. None before the first comparison.
    pub(in crate::service) fn counted(&self, kept: Option<Timestamp>, at: Instant) -> Option<Timestamp> {
        let mut seen = self.seen();
        let seen = seen.as_mut()?;
        if let Some(kept) = kept {
            seen.confirmed.learn(kept, at);
        }
        Some(seen.confirmed.counted(at))
    }

    /// The time that has certainly passed by now. None while the clock is off, or before the first comparison.
    pub(in crate::service) fn passed(&self, at: Instant) -> Option<Timestamp> {
        let seen = *self.seen();
        seen.filter(|_| !self.is_off())
            .map(|seen| seen.confirmed.passed(at))
    }

    /// The time by the database's clock, as far as it was looked at.
    pub(in crate::service) fn shared_time(&self, at: Instant) -> Option<Timestamp> {
        let seen = *self.seen();
        seen.map(|seen| seen.theirs.plus(at.saturating_duration_since(seen.at)))
    }

    fn seen(&self) -> MutexGuard<'_, Option<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a clock agrees with the database's, which was read between two readings of it.
pub(in crate::service) fn in_step(
    asked: SystemTime,
    answered: SystemTime,
    theirs: SystemTime,
) -> Result<(), ClockOff> {
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
