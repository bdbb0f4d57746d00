//! The throttle: the rule by which attempts to sign in are slowed down. No input, no output.
//!
//! An attempt counts as a failure before anybody knows whether it is one, so that no number of attempts at the same
//! time can get past the count; success takes it back.
//!
//! Devices that have signed in before have failures of their own, which success forgets. All others share theirs, and
//! a success takes back its own attempt and nothing else: if it forgot what others failed, an observer of the count
//! would learn that the name has an owner. Failures are forgotten by time alone, for names nobody has as for all.

use std::{fmt, time::Duration};

use super::{known_device::DeviceNonce, time::Timestamp};

/// The longest wait between attempts.
pub const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// How long failures are remembered: after a day without one, all are forgotten.
const MEMORY: Duration = Duration::from_hours(24);

/// How fast failures fade: one is forgotten for each hour without another. That is longer than any wait, so waiting
/// alone forgets nothing.
const FADING: Duration = Duration::from_hours(1);

/// The account an attempt names: a keyed hash of the name, which may be nobody's.
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

/// The account and device whose failures are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claimant {
    pub account: AccountKey,
    /// A device that has signed in to this account before; all others are counted together.
    pub device: Option<DeviceNonce>,
}

/// Failures that are not forgotten, as they are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    pub failures: u32,
    pub last_failed_at: Timestamp,
    /// Attempts turned away since the last that was let through.
    pub refused: u32,
}

/// The decision about an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The attempt may be made, and counts as a failure until it succeeds.
    Admitted(Counted),
    /// The attempt comes too early, by this long.
    Wait(Duration),
    /// The account is locked to unknown devices until an administrator unlocks it.
    Locked,
}

/// An admitted attempt, counted as a failure until it is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    pub who: Claimant,
    limits: Limits,
    before: Option<Tally>,
    tally: Tally,
}

impl Counted {
    /// How many attempts were turned away before this one.
    #[must_use]
    pub fn refused(&self) -> u32 {
        self.before.map_or(0, |before| before.refused)
    }

    /// The failures including this attempt, as they were stored with it.
    #[must_use]
    pub const fn tally(&self) -> Tally {
        self.tally
    }

    /// The failures once the attempt has succeeded, given those stored now. Where nobody tried since, they are as they
    /// were before it.
    #[must_use]
    pub fn succeeded(&self, now: Tally) -> Option<Tally> {
        match self.who.device {
            Some(_) => None,
            None => self.taken_back(now, 0),
        }
    }

    /// The failures without this attempt, whose password was never checked. The attempts turned away before it stay
    /// counted, to be reported.
    #[must_use]
    pub fn withdrawn(&self, now: Tally) -> Option<Tally> {
        self.taken_back(now, self.refused())
    }

    /// When these failures are forgotten; none where that is never.
    #[must_use]
    pub fn forget_at(&self, tally: &Tally) -> Option<Timestamp> {
        self.limits.forget_at(&self.who, tally)
    }

    fn taken_back(&self, now: Tally, untold: u32) -> Option<Tally> {
        let refused = now.refused.saturating_add(untold);
        // Another attempt since then would have raised the count or come later.
        let alone = (now.failures, now.last_failed_at) == (self.tally.failures, self.tally.last_failed_at);
        let left = match self.before {
            Some(before) if alone => Tally { refused, ..before },
            _ => Tally {
                failures: now.failures.saturating_sub(1),
                refused,
                ..now
            },
        };
        (left.failures > 0 || left.refused > 0).then_some(left)
    }
}

/// Settings of the throttle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Failures after which the next attempt has to wait.
    pub free: u32,
    /// Failures after which unknown devices are locked out; `None` for never.
    pub lockout_after: Option<u32>,
}

impl Limits {
    /// Decides about an attempt by the failures before it, and gives the failures including it.
    #[must_use]
    pub fn attempt(&self, who: &Claimant, before: Option<Tally>, now: Timestamp) -> (Tally, Admission) {
        // Bounded, so that a clock that was ahead for a while does not lock anybody out until its time has come.
        let before = before.map(|tally| Tally {
            last_failed_at: tally.last_failed_at.min(now),
            ..tally
        });
        let before =
            before.filter(|tally| self.forget_at(who, tally).is_none_or(|forgotten| now < forgotten));
        let tally = before.unwrap_or(Tally {
            failures: 0,
            last_failed_at: now,
            refused: 0,
        });
        if let Some(refusal) = self.refusal(who, &tally, now) {
            let refused = tally.refused.saturating_add(1);
            return (Tally { refused, ..tally }, refusal);
        }
        let tally = Tally {
            failures: faded(&tally, now).saturating_add(1),
            last_failed_at: now,
            refused: 0,
        };
        let counted = Counted {
            who: *who,
            limits: *self,
            before,
            tally,
        };
        (tally, Admission::Admitted(counted))
    }

    /// When failures are forgotten; none where that is never.
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

    /// Whether the account is locked to this claimant. A known device never is: nobody else can make its failures.
    fn locks(&self, who: &Claimant, tally: &Tally) -> bool {
        who.device.is_none() && self.lockout_after.is_some_and(|bound| tally.failures >= bound)
    }

    /// The wait after so many failures: a second after the last free one, doubled with each further one.
    fn wait_after(&self, failures: u32) -> Duration {
        let Some(doublings) = failures.checked_sub(self.free.max(1)) else {
            return Duration::ZERO;
        };
        let seconds = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
        Duration::from_secs(seconds).min(LONGEST_WAIT)
    }
}

/// How many failures are left after a time without any.
fn faded(tally: &Tally, now: Timestamp) -> u32 {
    let hours = now.since(tally.last_failed_at).as_secs() / FADING.as_secs();
    tally
        .failures
        .saturating_sub(u32::try_from(hours).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
