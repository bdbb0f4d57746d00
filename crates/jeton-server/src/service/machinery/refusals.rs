//! Refusals in the audit trail: the first of each bearer is recorded at once; those of the next minute are counted and
//! recorded together, so that a flood of refusals does not flood the trail.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::model::{
    audit::Event,
    id::{ClientId, UserId},
    time::Timestamp,
};

/// How long refusals are counted before they are recorded.
const COUNTED_FOR: Duration = Duration::from_mins(1);

/// How many bearers are counted apart; any more are counted together.
const APART: usize = 4096;

/// The bearer or client that a refusal is counted for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::service) enum Refused {
    /// A client whose secret was wrong; none where there is no such client.
    Client(Option<ClientId>),
    /// The bearer of a token, who lacks a role or a scope.
    Bearer(UserId, &'static str),
    /// All those who found no place.
    Others,
}

/// Refusals that are not recorded yet.
#[derive(Default)]
pub(in crate::service) struct Refusals(Mutex<HashMap<Refused, Count>>);

struct Count {
    since: Timestamp,
    /// How many there were after the first.
    more: u32,
    /// The event to be recorded of them.
    event: Event,
}

impl Refusals {
    /// Counts a refusal. Returns the event to be recorded of it now, if any is.
    pub(in crate::service) fn count(&self, who: Refused, event: Event) -> Option<Event> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let who = if counts.len() < APART || counts.contains_key(&who) {
            who
        } else {
            Refused::Others
        };
        if let Some(count) = counts.get_mut(&who) {
            count.more = count.more.saturating_add(1);
            return None;
        }
        let count = Count {
            since: event.at,
            more: 0,
            event: event.clone(),
        };
        counts.insert(who, count);
        Some(event)
    }

    /// Takes the events of refusals that were counted for long enough; of all, where `now` is none.
    pub(in crate::service) fn take(&self, now: Option<Timestamp>) -> Vec<Event> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let over = |count: &Count| now.is_none_or(|now| now.since(count.since) >= COUNTED_FOR);
        let told = counts.extract_if(|_, count| over(count));
        told.filter(|(_, count)| count.more > 0)
            .map(|(_, count)| Event {
                at: now.unwrap_or(count.since),
                ..count.event.detail("more", count.more)
            })
            .collect()
    }
}

impl fmt::Debug for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusals").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::audit::Action;

    fn refused(second: i64) -> Event {
        Event::new(Action::AccessRefused, Timestamp::from_seconds(second))
    }

    fn bearer(number: u16) -> Refused {
        let mut id = [0; 16];
        id[..2].copy_from_slice(&number.to_be_bytes());
        Refused::Bearer(UserId::from_bytes(id), "role admin")
    }

    #[test]
    fn the_first_is_told_at_once_and_the_others_of_its_minute_together() {
        let refusals = Refusals::default();
        assert!(refusals.count(bearer(1), refused(0)).is_some());
        assert!(refusals.count(bearer(2), refused(0)).is_some());
        for second in 0..59 {
            assert!(refusals.count(bearer(1), refused(second)).is_none());
        }
        let at = |second| Some(Timestamp::from_seconds(second));
        assert!(refusals.take(at(59)).is_empty());
        let told = refusals.take(at(60));
        assert_eq!(told.len(), 1, "of the second there were no more");
        assert_eq!(told[0].detail["more"], 59);
        assert!(refusals.count(bearer(1), refused(61)).is_some());
        assert!(refusals.count(bearer(1), refused(61)).is_none());
        assert_eq!(refusals.take(None).len(), 1, "the end waits for no minute");
    }

    #[test]
    fn however_many_are_refused_a_bounded_number_is_counted() {
        let refusals = Refusals::default();
        let told = (0..6000).filter(|number| refusals.count(bearer(*number), refused(0)).is_some());
        assert_eq!(told.count(), APART + 1);
        let at_the_end = refusals.take(None);
        assert_eq!(at_the_end.len(), 1);
        assert_eq!(at_the_end[0].detail["more"], 6000 - APART - 1);
    }
}
