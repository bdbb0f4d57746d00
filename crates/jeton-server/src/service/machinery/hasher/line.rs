//! The line before the threads that hash. Every place has a lane of its own, and the lanes take turns: a flood from one
//! place waits behind itself, whatever its hashes cost.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

pub(super) struct Line<K, T> {
    lanes: Mutex<Lanes<K, T>>,
    changed: Condvar,
    places: usize,
}

struct Lanes<K, T> {
    of: HashMap<K, VecDeque<T>>,
    /// Lanes that are not empty, in the order of their turns.
    turns: VecDeque<K>,
    waiting: usize,
    closed: bool,
}

impl<K: Copy + Eq + Hash, T> Line<K, T> {
    pub(super) fn new(places: usize) -> Self {
        Self {
            lanes: Mutex::new(Lanes {
                of: HashMap::new(),
                turns: VecDeque::new(),
                waiting: 0,
                closed: false,
            }),
            changed: Condvar::new(),
            places,
        }
    }

    /// Puts a job in line. When every place is taken, somebody is turned away and returned: the last of the longest
    /// lane if that is longer than the newcomer's would be, else the newcomer.
    pub(super) fn join(&self, from: K, who: T) -> Option<T> {
        let mut lanes = self.lock();
        let turned_away = if lanes.waiting < self.places {
            None
        } else {
            match lanes.last_of_a_longer_lane(from) {
                Some(last) => Some(last),
                None => return Some(who),
            }
        };
        lanes.add(from, who);
        drop(lanes);
        self.changed.notify_one();
        turned_away
    }

    /// Waits for the next in line; none when the line is closed.
    pub(super) fn next(&self) -> Option<T> {
        let mut lanes = self.lock();
        loop {
            if lanes.closed {
                return None;
            }
            if let Some(next) = lanes.take() {
                return Some(next);
            }
            lanes = self.changed.wait(lanes).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn waiting(&self) -> usize {
        self.lock().waiting
    }

    /// Sends everybody away, and lets the threads end.
    pub(super) fn close(&self) {
        let mut lanes = self.lock();
        lanes.closed = true;
        lanes.of.clear();
        lanes.turns.clear();
        lanes.waiting = 0;
        drop(lanes);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Lanes<K, T>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash, T> Lanes<K, T> {
    fn add(&mut self, from: K, who: T) {
        let lane = self.of.entry(from).or_default();
        if lane.is_empty() {
            self.turns.push_back(from);
        }
        lane.push_back(who);
        self.waiting += 1;
    }

    /// The first of the lane whose turn it is; that lane waits for its next turn.
    fn take(&mut self) -> Option<T> {
        let turn = self.turns.pop_front()?;
        let lane = self.of.get_mut(&turn)?;
        let next = lane.pop_front();
        if lane.is_empty() {
            self.of.remove(&turn);
        } else {
            self.turns.push_back(turn);
        }
        self.waiting -= usize::from(next.is_some());
        next
    }

    fn last_of_a_longer_lane(&mut self, than: K) -> Option<T> {
        let theirs = self.of.get(&than).map_or(0, VecDeque::len) + 1;
        let longest = self.of.values_mut().max_by_key(|lane| lane.len())?;
        if longest.len() <= theirs {
            return None;
        }
        // Longer than another, so not empty after this.
        let last = longest.pop_back();
        self.waiting -= usize::from(last.is_some());
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_take_turns() {
        let line = Line::new(9);
        for who in ["a1", "a2", "a3"] {
            assert_eq!(line.join('a', who), None);
        }
        assert_eq!(line.join('b', "b1"), None);
        let served: Vec<_> = (0..4).filter_map(|_| line.next()).collect();
        assert_eq!(served, ["a1", "b1", "a2", "a3"]);
        assert_eq!(line.waiting(), 0);
    }

    #[test]
    fn the_longest_lane_makes_room() {
        let line = Line::new(3);
        for who in ["a1", "a2", "a3"] {
            assert_eq!(line.join('a', who), None);
        }
        assert_eq!(line.join('a', "a4"), Some("a4"));
        assert_eq!(line.join('b', "b1"), Some("a3"));
        assert_eq!(
            line.join('b', "b2"),
            Some("b2"),
            "no lane is longer than theirs would be"
        );
        assert_eq!(line.join('c', "c1"), Some("a2"));
        assert_eq!(line.waiting(), 3);
        let served: Vec<_> = (0..3).filter_map(|_| line.next()).collect();
        assert_eq!(served, ["a1", "b1", "c1"]);
    }

    #[test]
    fn a_closed_line_serves_nobody() {
        let line = Line::new(3);
        assert_eq!(line.join('a', "a1"), None);
        line.close();
        assert_eq!(line.next(), None);
    }
}
