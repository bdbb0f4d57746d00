//! The room for answers that go on.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::model::id::UserId;

/// How many answers may go on at once, and how many of them one person's. Each keeps a connection.
const AT_ONCE: usize = 32;
const AT_ONCE_EACH: usize = 4;

/// The room for answers that go on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streams(Arc<Mutex<BTreeMap<UserId, usize>>>);

/// A place among those whose answers go on; free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    streams: Streams,
    user: UserId,
}

impl Streams {
    /// Takes a place for somebody; none where too many are taken, by them or by all.
    pub(crate) fn take(&self, user: UserId) -> Option<Place> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.values().sum::<usize>() >= AT_ONCE {
            return None;
        }
        let own = taken.entry(user).or_default();
        if *own >= AT_ONCE_EACH {
            return None;
        }
        *own += 1;
        Some(Place {
            streams: self.clone(),
            user,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.user) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: u8) -> UserId {
        UserId::from_bytes([number; 16])
    }

    #[test]
    fn nobody_takes_the_places_of_all() {
        let streams = Streams::default();
        let own: Vec<_> = std::iter::from_fn(|| streams.take(user(0))).collect();
        assert_eq!(own.len(), AT_ONCE_EACH);
        let others = (1..=u8::MAX).filter_map(|number| streams.take(user(number)));
        assert_eq!(others.collect::<Vec<_>>().len(), AT_ONCE - AT_ONCE_EACH);
    }

    #[test]
    fn a_place_is_free_again_when_its_answer_ends() {
        let streams = Streams::default();
        let taken: Vec<_> = std::iter::from_fn(|| streams.take(user(0))).collect();
        assert!(streams.take(user(0)).is_none());
        drop(taken);
        assert!(streams.take(user(0)).is_some());
        assert!(streams.0.lock().unwrap().is_empty());
    }
}
