//! A restored back-up: the revocations and users that came after it are missing.
//!
//! So nothing issued before is accepted any more. Sessions end, since some had ended; reset codes are void, since some
//! were used; and every count is raised above any value it may have reached.

use crate::model::{
    acceptance::CLOCKS_APART,
    audit::{Action, Actor, Event},
    time::Timestamp,
};

/// How far counts are raised: more than they grow between two back-ups.
pub(super) const JUMP: i64 = 1 << 20;

/// When a back-up was restored.
#[derive(Clone, Copy, Debug)]
pub struct Restored {
    pub at: Timestamp,
}

impl Restored {
    /// Access tokens issued before this time are refused: no issuer's clock was ahead of it.
    #[must_use]
    pub fn accepted_from(self) -> Timestamp {
        self.at.plus(CLOCKS_APART)
    }

    pub(super) fn event(self, sessions: u64) -> Event {
        Event::new(Action::Restored, self.at)
            .by(Some(Actor::CommandLine))
            .detail("sessions", sessions)
            .detail("accepted_from", self.accepted_from().seconds())
    }
}
