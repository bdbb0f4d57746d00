//! A database from a back-up: it knows nothing of what was called back since, and of nobody who came since.
//!
//! So nothing that was issued before is accepted any more. Sessions end, since some had ended; reset codes are void,
//! since some were used; and every count goes up by so much that it is above whatever it may have come to before.

use std::time::Duration;

use super::{Relocation, StoreError};
use crate::model::{
    audit::{Action, Actor, Event},
    time::Timestamp,
};

/// How far clocks may be apart: which token was issued before, nobody knows better.
const CLOCKS_DIFFER: Duration = Duration::from_secs(10);

/// More than a count goes up between two back-ups.
pub(super) const JUMP: i64 = 1 << 20;

/// When a back-up was restored.
#[derive(Clone, Copy, Debug)]
pub struct Restored {
    pub at: Timestamp,
}

/// Calls back everything that was issued before, in the database this URL names. How many sessions ended.
///
/// # Errors
///
/// [`StoreError`] when there is no such database, or it cannot be used.
pub async fn restore(url: &str, restored: Restored) -> Result<u64, StoreError> {
    let mut side = super::source_side(url).await?;
    if side.step().await?.is_none() {
        return Err(StoreError::Unusable(
            "it is none of jeton's: check database-url".to_owned(),
        ));
    }
    side.make_schema().await?;
    let ended = match side.relocation().await? {
        Relocation::InUse => side.restore(restored).await,
        other => Err(StoreError::Moving(other)),
    };
    side.close().await;
    ended
}

impl Restored {
    /// Access tokens issued before this are not accepted any more: no clock was so far ahead.
    #[must_use]
    pub fn accepted_from(self) -> Timestamp {
        self.at.plus(CLOCKS_DIFFER)
    }

    pub(super) fn event(self, sessions: u64) -> Event {
        Event::new(Action::Restored, self.at)
            .by(Some(Actor::CommandLine))
            .detail("sessions", sessions)
            .detail("accepted_from", self.accepted_from().seconds())
    }
}
