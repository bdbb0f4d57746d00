//! How attempts to sign in are slowed down: the rule, without input or output.
//!
//! An attempt counts as a failure before anybody knows whether it is one, so that no number of attempts at the same
//! time can get past the count; success forgets it again.

use std::{fmt, time::Duration};

use super::{known_device::DeviceNonce, time::Timestamp};

/// The longest anybody waits.
pub const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// After this long without a failure, those before are forgotten.
const MEMORY: Duration = Duration::from_hours(24);

/// The account somebody wants to sign in to: a keyed hash of the name, which may be nobody's.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccountKey([u8; 32]);

impl AccountKey {
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountKey(..)")
    }
}

/// Whose failures are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claimant {
    pub account: AccountKey,
    /// A device that has signed in to this account before; all others are counted together.
    pub device: Option<DeviceNonce>,
}

/// Failures in a row, as they are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    pub failures: u32,
    pub last_failed_at: Timestamp,
    /// Attempts turned away since the last that was let through.
    pub refused: u32,
}

/// What becomes of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may be made, and stands as a failure until it succeeds. So many were turned away before it.
    Admitted { refused: u32 },
    /// It comes too early.
    Wait(Duration),
    /// Devices nobody knows wait for an administrator.
    Locked,
}

/// The settings of the rule.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Failures in a row that cost nothing.
    pub free: u32,
    /// Failures in a row after which devices nobody knows are locked out; `None` for never.
    pub lockout_after: Option<u32>,
}

impl Limits {
    /// Judges an attempt against the failures before it, and says how they stand with it.
    #[must_use]
    pub fn attempt(&self, who: &Claimant, before: Option<Tally>, now: Timestamp) -> (Tally, Admission) {
        let before = before
            .filter(|tally| self.forget_at(who, tally).is_none_or(|forgotten| now < forgotten))
            .unwrap_or(Tally {
                failures: 0,
                last_failed_at: now,
                refused: 0,
            });
        if let Some(refusal) = self.refusal(who, &before, now) {
            let refused = before.refused.saturating_add(1);
            return (Tally { refused, ..before }, refusal);
        }
        let counted = Tally {
            failures: before.failures.saturating_add(1),
            last_failed_at: now,
            refused: 0,
        };
        let refused = before.refused;
        (counted, Admission::Admitted { refused })
    }

    /// From when on the failures no longer matter; `None` for never.
    #[must_use]
    pub fn forget_at(&self, who: &Claimant, tally: &Tally) -> Option<Timestamp> {
        (!self.locks(who, tally)).then(|| tally.last_failed_at.plus(MEMORY))
    }

    fn refusal(&self, who: &Claimant, tally: &Tally, now: Timestamp) -> Option<Admission> {
        if self.locks(who, tally) {
            return Some(Admission::Locked);
        }
        let left = self
            .wait_after(tally.failures)
            .saturating_sub(now.since(tally.last_failed_at));
        (!left.is_zero()).then_some(Admission::Wait(left))
    }

    /// A device that has signed in before is never locked out: nobody else can make its failures.
    fn locks(&self, who: &Claimant, tally: &Tally) -> bool {
        who.device.is_none() && self.lockout_after.is_some_and(|bound| tally.failures >= bound)
    }

    /// A second after the first failure that is not free, doubling with every further one.
    fn wait_after(&self, failures: u32) -> Duration {
        let Some(doublings) = failures
            .checked_sub(self.free)
            .and_then(|costly| costly.checked_sub(1))
        else {
            return Duration::ZERO;
        };
        let seconds = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
        Duration::from_secs(seconds).min(LONGEST_WAIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        free: 10,
        lockout_after: Some(100),
    };
    const STRANGER: Claimant = Claimant {
        account: AccountKey::from_bytes([1; 32]),
        device: None,
    };
    const OWNER: Claimant = Claimant {
        account: AccountKey::from_bytes([1; 32]),
        device: Some(DeviceNonce::from_bytes([2; 16])),
    };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    fn tally(failures: u32) -> Tally {
        Tally {
            failures,
            last_failed_at: at(0),
            refused: 0,
        }
    }

    fn admitted_at(who: &Claimant, tally: Tally, seconds: i64) -> bool {
        let (_, admission) = LIMITS.attempt(who, Some(tally), at(seconds));
        matches!(admission, Admission::Admitted { .. })
    }

    #[test]
    fn ten_failures_are_free_and_then_the_wait_doubles_up_to_a_quarter_of_an_hour() {
        for failures in 0..=10 {
            assert!(admitted_at(&STRANGER, tally(failures), 0), "{failures}");
        }
        let waits = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900];
        for (failures, wait) in (11..).zip(waits) {
            for who in [&STRANGER, &OWNER] {
                assert!(!admitted_at(who, tally(failures), wait - 1), "{failures}");
                assert!(admitted_at(who, tally(failures), wait), "{failures}");
            }
        }
        assert_eq!(LIMITS.wait_after(u32::MAX), LONGEST_WAIT);
    }

    #[test]
    fn an_attempt_counts_as_a_failure_and_one_during_a_wait_does_not() {
        let (first, admission) = LIMITS.attempt(&STRANGER, None, at(0));
        assert_eq!((first, admission), (tally(1), Admission::Admitted { refused: 0 }));

        let (early, admission) = LIMITS.attempt(&STRANGER, Some(tally(13)), at(1));
        assert_eq!(admission, Admission::Wait(Duration::from_secs(3)));
        assert_eq!(
            early,
            Tally {
                refused: 1,
                ..tally(13)
            }
        );
        let (_, admission) = LIMITS.attempt(&STRANGER, Some(early), at(3));
        assert_eq!(admission, Admission::Wait(Duration::from_secs(1)));

        let (late, admission) = LIMITS.attempt(&STRANGER, Some(early), at(4));
        assert_eq!(admission, Admission::Admitted { refused: 1 });
        assert_eq!((late.failures, late.last_failed_at, late.refused), (14, at(4), 0));
    }

    #[test]
    fn a_hundred_failures_lock_everybody_but_a_known_device_out() {
        assert!(admitted_at(&STRANGER, tally(99), 900));
        let (locked, admission) = LIMITS.attempt(&STRANGER, Some(tally(100)), at(1_000_000_000));
        assert_eq!((locked.refused, admission), (1, Admission::Locked));
        assert!(admitted_at(&OWNER, tally(100), 900));

        let never = Limits {
            lockout_after: None,
            ..LIMITS
        };
        let (_, admission) = never.attempt(&STRANGER, Some(tally(1_000_000)), at(900));
        assert_eq!(admission, Admission::Admitted { refused: 0 });
    }

    #[test]
    fn failures_are_forgotten_after_a_day_unless_they_lock() {
        let day = 24 * 3600;
        let kept = LIMITS.attempt(&STRANGER, Some(tally(50)), at(day - 1)).0;
        assert_eq!(kept.failures, 51);
        let forgotten = LIMITS.attempt(&STRANGER, Some(tally(50)), at(day)).0;
        assert_eq!(forgotten.failures, 1);
        assert_eq!(LIMITS.forget_at(&STRANGER, &tally(99)), Some(at(day)));
        assert_eq!(LIMITS.forget_at(&STRANGER, &tally(100)), None);
        assert_eq!(LIMITS.forget_at(&OWNER, &tally(100)), Some(at(day)));
    }

    #[test]
    fn a_clock_set_back_makes_no_wait_longer_than_it_was() {
        let (_, admission) = LIMITS.attempt(&STRANGER, Some(tally(13)), at(-1_000_000));
        assert_eq!(admission, Admission::Wait(Duration::from_secs(4)));
    }
}
