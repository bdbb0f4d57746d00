use std::sync::{Mutex, PoisonError};

use crate::model::{
    id::SessionId,
    session::{Generation, Presented, REFRESH_EVERY},
    time::Timestamp,
};

/// How many sessions that have to wait are remembered at most.
const SLOTS: usize = 256;

/// Sessions that were refreshed too often a moment ago: until their wait is over the store is not asked, so that a
/// flood of one token costs next to nothing.
#[derive(Debug)]
pub(in crate::service) struct TurnedAway(Box<[Mutex<Option<Waiting>>]>);

type Waiting = (SessionId, Generation, Timestamp);

impl Default for TurnedAway {
    fn default() -> Self {
        Self((0..SLOTS).map(|_| Mutex::default()).collect())
    }
}

impl TurnedAway {
    /// Whether this token was turned away within the last [`REFRESH_EVERY`].
    pub(in crate::service) fn has(&self, presented: &Presented, now: Timestamp) -> bool {
        let waiting = *self
            .slot(presented)
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        waiting.is_some_and(|(session, generation, since)| {
            session == presented.session()
                && generation == presented.generation()
                && since <= now
                && now < since.plus(REFRESH_EVERY)
        })
    }

    pub(in crate::service) fn note(&self, presented: &Presented, now: Timestamp) {
        let waiting = (presented.session(), presented.generation(), now);
        *self
            .slot(presented)
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(waiting);
    }

    fn slot(&self, presented: &Presented) -> &Mutex<Option<Waiting>> {
        let [.., last] = *presented.session().as_bytes();
        &self.0[usize::from(last)]
    }
}
