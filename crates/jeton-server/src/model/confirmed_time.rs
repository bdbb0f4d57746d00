//! The time that has certainly come: rows are deleted by it, and by no clock alone.
//!
//! Deleting too late costs some room; deleting too early cannot be undone: a live session would be lost, or a revoked
//! token accepted again. And clocks jump: a machine wakes up, starts without a battery in 1970, goes back to a
//! snapshot, or somebody mistypes a date. So this time is counted by the monotonic clock, which no correction moves,
//! from one kept in the database. The wall clock is followed as long as it agrees with the count. A clock that jumped
//! ahead is believed only after it has gone on so long that a wrong one does no harm; one that was set back holds
//! deletions up at once.

use std::time::{Duration, Instant};

use super::time::Timestamp;

/// How far the clock may be from the count, and by how much deletions lag behind it: restarts, and the corrections of
/// NTP, are shorter.
pub const TOLERANCE: Duration = Duration::from_mins(2);

/// How long a clock that jumped must go on before it is believed. By then every earlier access token has expired: the
/// longest live a day.
pub const BELIEVED_AFTER: Duration = Duration::from_hours(25);

/// A time counted on by the monotonic clock, and the wall clock it is compared with.
#[derive(Clone, Copy, Debug)]
pub struct ConfirmedTime {
    /// The confirmed time, as of `counted_from` on the monotonic clock.
    time: Timestamp,
    counted_from: Instant,
    /// The wall clock when it was last read.
    clock: Timestamp,
    doubt: Option<Doubt>,
}

/// A wall clock that does not agree with the counted time.
#[derive(Clone, Copy, Debug)]
struct Doubt {
    since: Instant,
    apart: Apart,
}

/// How far the wall clock is ahead of the counted time, in seconds; negative when it is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Apart(i64);

/// News about the clock, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The wall clock has jumped.
    Jumped(Apart),
    /// The wall clock agrees with the counted time again, or has been believed.
    Confirmed,
}

impl ConfirmedTime {
    /// Goes on from a time kept before; without one, from the clock.
    #[must_use]
    pub fn new(kept: Option<Timestamp>, clock: Timestamp, at: Instant) -> Self {
        Self {
            time: kept.unwrap_or(clock),
            counted_from: at,
            clock,
            doubt: None,
        }
    }

    /// Compares the wall clock with the count, `at` being the monotonic time.
    pub fn observe(&mut self, clock: Timestamp, at: Instant) -> Option<Turn> {
        self.clock = clock;
        let apart = Apart::between(clock, self.counted(at));
        let went_on = |doubt: &Doubt| apart.is_like(doubt.apart);
        match self.doubt.filter(went_on) {
            _ if apart.is_tolerable() => self.believe(clock, at),
            Some(doubt) if at.saturating_duration_since(doubt.since) < BELIEVED_AFTER => None,
            Some(_) => self.believe(clock, at),
            None => {
                self.doubt = Some(Doubt { since: at, apart });
                Some(Turn::Jumped(apart))
            }
        }
    }

    /// Takes over the count of another process, which ran while this one did not. Not beyond the clock: the count may
    /// come from a clock that was wrong then.
    pub fn learn(&mut self, kept: Timestamp, at: Instant) {
        if kept > self.counted(at) && kept <= self.clock.plus(TOLERANCE) {
            self.time = kept;
            self.counted_from = at;
        }
    }

    /// The time by now, by the monotonic clock.
    #[must_use]
    pub fn counted(&self, at: Instant) -> Timestamp {
        self.time.plus(at.saturating_duration_since(self.counted_from))
    }

    /// The time by which an expired row may be deleted: by the slower of both clocks, less the tolerance.
    #[must_use]
    pub fn passed(&self, at: Instant) -> Timestamp {
        self.counted(at).min(self.clock).minus(TOLERANCE)
    }

    fn believe(&mut self, clock: Timestamp, at: Instant) -> Option<Turn> {
        self.time = clock;
        self.counted_from = at;
        self.doubt.take().map(|_| Turn::Confirmed)
    }
}

impl Apart {
    const fn between(clock: Timestamp, counted: Timestamp) -> Self {
        Self(clock.seconds().saturating_sub(counted.seconds()))
    }

    const fn is_tolerable(self) -> bool {
        self.0.unsigned_abs() <= TOLERANCE.as_secs()
    }

    const fn is_like(self, other: Self) -> bool {
        Self(self.0.saturating_sub(other.0)).is_tolerable()
    }

    #[must_use]
    pub const fn is_ahead(self) -> bool {
        self.0 > 0
    }

    #[must_use]
    pub const fn by(self) -> Duration {
        Duration::from_secs(self.0.unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);
    const DAY: Duration = Duration::from_hours(24);
    const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

    /// A machine whose clock and whose monotonic time are moved apart.
    struct Machine {
        clock: Timestamp,
        at: Instant,
        time: ConfirmedTime,
    }

    impl Machine {
        fn new() -> Self {
            Self::on(None)
        }

        fn on(kept: Option<Timestamp>) -> Self {
            let at = Instant::now();
            let mut machine = Self {
                clock: START,
                at,
                time: ConfirmedTime::new(kept, START, at),
            };
            machine.time.observe(START, at);
            machine
        }

        /// The process runs on, and looks at the clock every minute.
        fn runs(&mut self, span: Duration) -> Option<Turn> {
            let mut last = None;
            for _ in 0..span.as_secs() / 60 {
                self.at += Duration::from_mins(1);
                self.clock = self.clock.plus(Duration::from_mins(1));
                last = self.time.observe(self.clock, self.at).or(last);
            }
            last
        }

        fn jumps(&mut self, span: Duration) -> Option<Turn> {
            self.clock = self.clock.plus(span);
            self.time.observe(self.clock, self.at)
        }

        fn is_set_back(&mut self, span: Duration) -> Option<Turn> {
            self.clock = self.clock.minus(span);
            self.time.observe(self.clock, self.at)
        }

        fn passed(&self) -> Timestamp {
            self.time.passed(self.at)
        }
    }

    fn after_start(span: Duration) -> Timestamp {
        START.plus(span).minus(TOLERANCE)
    }

    #[test]
    fn a_clock_that_goes_on_is_followed() {
        let mut machine = Machine::new();
        assert_eq!(machine.runs(DAY), None);
        assert_eq!(machine.passed(), after_start(DAY));
        assert_eq!(
            machine.jumps(Duration::from_secs(90)),
            None,
            "NTP corrects so much"
        );
        assert_eq!(machine.passed(), after_start(DAY + Duration::from_secs(90)));
    }

    #[test]
    fn a_clock_that_jumped_ahead_and_back_has_moved_nothing() {
        let mut machine = Machine::new();
        for jump in [HOUR, 400 * DAY] {
            let before = machine.passed();
            assert!(matches!(machine.jumps(jump), Some(Turn::Jumped(apart)) if apart.is_ahead()));
            assert_eq!(machine.passed(), before);
            machine.runs(HOUR);
            assert_eq!(machine.passed(), before.plus(HOUR), "what was counted has passed");
            assert_eq!(machine.is_set_back(jump), Some(Turn::Confirmed));
            assert_eq!(machine.passed(), before.plus(HOUR));
        }
    }

    #[test]
    fn a_jump_is_believed_when_it_has_gone_on_longer_than_any_access_token_lives() {
        let mut machine = Machine::new();
        machine.jumps(400 * DAY);
        assert_eq!(
            machine.runs(BELIEVED_AFTER.saturating_sub(Duration::from_mins(1))),
            None
        );
        assert!(machine.passed() < after_start(2 * DAY));
        assert_eq!(machine.runs(Duration::from_mins(1)), Some(Turn::Confirmed));
        assert_eq!(machine.passed(), after_start(400 * DAY + BELIEVED_AFTER));
    }

    #[test]
    fn a_second_jump_is_waited_for_anew() {
        let mut machine = Machine::new();
        machine.jumps(HOUR);
        machine.runs(DAY);
        assert!(matches!(machine.jumps(HOUR), Some(Turn::Jumped(_))));
        assert_eq!(machine.runs(DAY), None);
        assert_eq!(machine.runs(2 * HOUR), Some(Turn::Confirmed));
    }

    #[test]
    fn a_clock_that_is_set_back_holds_deletions_up_at_once() {
        let mut machine = Machine::new();
        machine.runs(DAY + HOUR);
        let turn = machine.is_set_back(HOUR);
        assert!(matches!(turn, Some(Turn::Jumped(apart)) if !apart.is_ahead() && apart.by() == HOUR));
        assert_eq!(machine.passed(), after_start(DAY));
        machine.runs(BELIEVED_AFTER);
        assert_eq!(machine.passed(), after_start(DAY + BELIEVED_AFTER));
    }

    /// A machine without a battery starts in 1970 and is set right by NTP.
    #[test]
    fn a_start_in_1970_loses_nothing_and_what_was_kept_is_gone_on_from() {
        let (at, clock) = (Instant::now(), Timestamp::from_seconds(30));
        let mut time = ConfirmedTime::new(Some(START), clock, at);
        assert!(matches!(time.observe(clock, at), Some(Turn::Jumped(_))));
        assert!(time.passed(at) < Timestamp::from_seconds(60));
        let set_right = START.plus(Duration::from_mins(1));
        assert_eq!(time.observe(set_right, at), Some(Turn::Confirmed));
        assert_eq!(time.passed(at), after_start(Duration::from_mins(1)));
    }

    #[test]
    fn a_short_restart_is_no_jump_and_a_long_one_is_waited_out() {
        let short = Machine::on(Some(START.minus(Duration::from_secs(100))));
        assert_eq!(short.passed(), after_start(Duration::ZERO));
        let mut long = Machine::on(Some(START.minus(DAY)));
        assert_eq!(long.passed(), START.minus(DAY).minus(TOLERANCE));
        long.runs(HOUR);
        assert_eq!(long.passed(), START.minus(DAY).plus(HOUR).minus(TOLERANCE));
        assert_eq!(long.runs(DAY), Some(Turn::Confirmed));
    }

    #[test]
    fn what_another_process_has_counted_is_taken_over_and_never_what_it_has_not() {
        let mut machine = Machine::on(Some(START.minus(DAY)));
        machine
            .time
            .learn(START.minus(Duration::from_mins(1)), machine.at);
        assert_eq!(machine.runs(Duration::from_mins(1)), Some(Turn::Confirmed));
        assert_eq!(machine.passed(), after_start(Duration::from_mins(1)));
        machine.time.learn(START.minus(DAY), machine.at);
        machine.time.learn(START.plus(DAY), machine.at);
        assert_eq!(machine.passed(), after_start(Duration::from_mins(1)));
    }
}
