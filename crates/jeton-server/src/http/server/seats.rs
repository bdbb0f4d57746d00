//! The table of connections: where each comes from, and since when the service waits for its client.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::service::machinery::addresses::Neighbourhood;

/// Phase of a connection: what has to happen next on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The head of a request is waited for: it has not begun, or not ended.
    Head,
    /// The body of a request is waited for.
    Body,
    /// A request is here as a whole and is being answered: nobody waits for the client.
    Handler,
    /// A request waits for something to happen: it can be asked again when room is needed.
    LongPoll,
    /// An answer is ready, and the client has yet to take it.
    Answer,
}

/// The state of one connection, written by its task and read by the listening loop.
#[derive(Debug)]
pub(super) struct Seat {
    epoch: Instant,
    /// Microseconds since the epoch above three bits for the phase.
    state: AtomicU64,
    /// Whether the body of the last request was given up before its end.
    gave_up_body: AtomicBool,
}

impl Seat {
    /// A connection that was just made.
    pub(super) fn new(epoch: Instant) -> Self {
        let seat = Self {
            epoch,
            state: AtomicU64::new(0),
            gave_up_body: AtomicBool::new(false),
        };
        seat.enter(Phase::Head);
        seat
    }

    pub(super) fn enter(&self, phase: Phase) {
        let micros = u64::try_from(self.epoch.elapsed().as_micros()).unwrap_or(u64::MAX >> 3);
        self.state.store(micros << 3 | phase as u64, Ordering::Relaxed);
    }

    /// Moves on from `from`, and stays where it is in any other phase. The time stays.
    pub(super) fn go_on(&self, from: Phase, to: Phase) {
        let state = self.state.load(Ordering::Relaxed);
        if phase(state) == from {
            self.state.store(state & !7 | to as u64, Ordering::Relaxed);
        }
    }

    pub(super) fn set_gave_up_body(&self, given_up: bool) {
        self.gave_up_body.store(given_up, Ordering::Relaxed);
    }

    pub(super) fn gave_up_body(&self) -> bool {
        self.gave_up_body.load(Ordering::Relaxed)
    }

    pub(super) fn phase(&self) -> Phase {
        phase(self.state.load(Ordering::Relaxed))
    }

    /// The phase, and since when.
    fn standing(&self) -> (Phase, Instant) {
        let state = self.state.load(Ordering::Relaxed);
        (phase(state), self.epoch + Duration::from_micros(state >> 3))
    }
}

const fn phase(state: u64) -> Phase {
    match state & 7 {
        0 => Phase::Head,
        1 => Phase::Body,
        2 => Phase::Handler,
        3 => Phase::LongPoll,
        _ => Phase::Answer,
    }
}

/// All connections, by the names of their tasks.
pub(super) struct Seats<K> {
    taken: HashMap<K, Taken>,
    /// How many there are from each place; those of proxies are not counted.
    of: HashMap<Neighbourhood, usize>,
}

struct Taken {
    seat: Arc<Seat>,
    /// None for a proxy's.
    from: Option<Neighbourhood>,
}

impl<K: Copy + Eq + Hash> Seats<K> {
    pub(super) fn new() -> Self {
        Self {
            taken: HashMap::new(),
            of: HashMap::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.taken.len()
    }

    pub(super) fn count(&self, from: Neighbourhood) -> usize {
        self.of.get(&from).copied().unwrap_or_default()
    }

    pub(super) fn take(&mut self, key: K, seat: Arc<Seat>, from: Option<Neighbourhood>) {
        if let Some(from) = from {
            *self.of.entry(from).or_default() += 1;
        }
        self.taken.insert(key, Taken { seat, from });
    }

    pub(super) fn leave(&mut self, key: &K) {
        let Some(Taken { from: Some(from), .. }) = self.taken.remove(key) else {
            return;
        };
        if let Some(count) = self.of.get_mut(&from) {
            *count -= 1;
            if *count == 0 {
                self.of.remove(&from);
            }
        }
    }

    /// Of the connections from a place, the one that has kept the service waiting longest.
    pub(super) fn longest_waiting_from(&self, from: Neighbourhood) -> Option<K> {
        self.waiting()
            .filter(|(_, taken, ..)| taken.from == Some(from))
            .min_by_key(|(.., since)| *since)
            .map(|(key, ..)| key)
    }

    /// Of all connections, the one that has kept the service waiting longest among those from the place that has most;
    /// a proxy's last.
    pub(super) fn longest_waiting(&self) -> Option<K> {
        let crowd = |taken: &Taken| taken.from.map_or(0, |from| self.count(from));
        self.waiting()
            .min_by_key(|(_, taken, _, since)| (std::cmp::Reverse(crowd(taken)), *since))
            .map(|(key, ..)| key)
    }

    /// Connections that wait for their client, for longer than is allowed.
    pub(super) fn overdue(&self, is_overdue: impl Fn(Phase, Instant) -> bool) -> Vec<K> {
        self.waiting()
            .filter(|(_, _, phase, since)| is_overdue(*phase, *since))
            .map(|(key, ..)| key)
            .collect()
    }

    /// The connections that wait for their client or for something to happen, and since when.
    fn waiting(&self) -> impl Iterator<Item = (K, &Taken, Phase, Instant)> {
        self.taken.iter().filter_map(|(key, taken)| {
            let (phase, since) = taken.seat.standing();
            (phase != Phase::Handler).then_some((*key, taken, phase, since))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn addresses_of_one_64_are_one_place() {
        let of = |text: &str| Neighbourhood::of(text.parse::<IpAddr>().unwrap());
        let (epoch, mut seats) = (Instant::now(), Seats::new());
        for (key, from) in [
            "2001:db8:1:2::1",
            "2001:db8:1:2:ffff::9",
            "2001:db8:1:3::1",
            "192.0.2.1",
        ]
        .into_iter()
        .enumerate()
        {
            seats.take(key, Arc::new(Seat::new(epoch)), Some(of(from)));
        }
        assert_eq!(seats.count(of("2001:db8:1:2::7")), 2);
        assert_eq!(seats.count(of("2001:db8:1:3::7")), 1);
        assert_eq!(seats.count(of("192.0.2.2")), 0);
        seats.leave(&0);
        assert_eq!(seats.count(of("2001:db8:1:2::7")), 1);
    }
}
