//! Limits on how often unknown keys are looked for.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use tokio::time::Instant;

/// How many look-ups are saved up: one for a rotation is left after a few strangers.
const SAVED: u32 = 5;

/// How many names are remembered; more cannot be looked for in a cooldown, unless they come at once.
const REMEMBERED: usize = 256;

/// The look-ups that are free, and the names that were looked for a moment ago.
#[derive(Default)]
pub(super) struct LookUps {
    /// When all look-ups would be free again.
    full_at: Option<Instant>,
    /// Names by keyed hashes: a name is as long as its sender likes.
    made: HashMap<u64, Instant>,
    hasher: RandomState,
}

impl LookUps {
    /// Takes a look-up, if one is free. Each cooldown frees another.
    pub(super) fn take(&mut self, now: Instant, cooldown: Duration) -> bool {
        let full_at = self.full_at.map_or(now, |at| at.max(now));
        if full_at > now + cooldown * (SAVED - 1) {
            return false;
        }
        self.full_at = Some(full_at + cooldown);
        true
    }

    /// Notes that a fetch which began at this time would have brought the key of this name.
    pub(super) fn note(&mut self, kid: Option<&str>, begun: Instant, cooldown: Duration) {
        if self.made.len() >= REMEMBERED {
            self.made.retain(|_, at| begun < *at + cooldown);
        }
        if self.made.len() < REMEMBERED {
            self.made.insert(self.hasher.hash_one(kid), begun);
        }
    }

    /// Whether the key of this name was looked for within the cooldown.
    pub(super) fn has(&self, kid: Option<&str>, now: Instant, cooldown: Duration) -> bool {
        let made = self.made.get(&self.hasher.hash_one(kid));
        made.is_some_and(|at| now < *at + cooldown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COOLDOWN: Duration = Duration::from_secs(30);

    #[test]
    fn a_few_are_free_at_once_and_then_one_for_each_cooldown() {
        let (mut look_ups, start) = (LookUps::default(), Instant::now());
        let mut taken = |after| look_ups.take(start + after, COOLDOWN);
        for _ in 0..SAVED {
            assert!(taken(Duration::ZERO));
        }
        assert!(!taken(COOLDOWN / 2));
        assert!(taken(COOLDOWN));
        assert!(!taken(COOLDOWN));
        // And no more than that are ever saved.
        for _ in 0..SAVED {
            assert!(taken(COOLDOWN * 100));
        }
        assert!(!taken(COOLDOWN * 100));
    }

    #[test]
    fn names_are_remembered_for_a_cooldown_and_not_without_end() {
        let (mut look_ups, start) = (LookUps::default(), Instant::now());
        look_ups.note(Some("one"), start, COOLDOWN);
        assert!(look_ups.has(Some("one"), start + COOLDOWN / 2, COOLDOWN));
        assert!(!look_ups.has(Some("one"), start + COOLDOWN, COOLDOWN));
        assert!(!look_ups.has(Some("other"), start, COOLDOWN));
        assert!(!look_ups.has(None, start, COOLDOWN));
        for number in 0..2 * REMEMBERED {
            look_ups.note(Some(&number.to_string()), start, COOLDOWN);
        }
        assert_eq!(look_ups.made.len(), REMEMBERED);
        look_ups.note(Some("later"), start + COOLDOWN, COOLDOWN);
        assert!(look_ups.has(Some("later"), start + COOLDOWN, COOLDOWN));
        assert_eq!(look_ups.made.len(), 1);
    }
}
