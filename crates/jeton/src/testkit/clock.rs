use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock that stands still until it is told to move. Clones show the same time.
///
/// ```
/// # use std::time::{Duration, SystemTime};
/// # use jeton::testkit::Clock;
/// let clock = Clock::default();
/// let noon = clock.now();
/// clock.advance(Duration::from_mins(5));
/// assert_eq!(clock.now(), noon + Duration::from_mins(5));
/// ```
#[derive(Clone, Debug)]
pub struct Clock {
    now: Arc<Mutex<SystemTime>>,
}

impl Clock {
    /// A clock that shows this time.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use jeton::testkit::Clock;
    /// let clock = Clock::at(SystemTime::UNIX_EPOCH);
    /// assert_eq!(clock.now(), SystemTime::UNIX_EPOCH);
    /// ```
    #[must_use]
    pub fn at(time: SystemTime) -> Self {
        Self {
            now: Arc::new(Mutex::new(time)),
        }
    }

    /// The time the clock shows.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.change(|now| now)
    }

    /// Moves the clock ahead.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use jeton::testkit::Clock;
    /// let clock = Clock::at(SystemTime::UNIX_EPOCH);
    /// clock.advance(Duration::from_secs(1));
    /// assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(1));
    /// ```
    pub fn advance(&self, by: Duration) {
        self.change(|now| now + by);
    }

    /// Moves the clock back.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use jeton::testkit::Clock;
    /// let clock = Clock::at(SystemTime::UNIX_EPOCH);
    /// clock.rewind(Duration::from_secs(1));
    /// assert_eq!(clock.now(), SystemTime::UNIX_EPOCH - Duration::from_secs(1));
    /// ```
    pub fn rewind(&self, by: Duration) {
        self.change(|now| now - by);
    }

    /// Sets the clock.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use jeton::testkit::Clock;
    /// let clock = Clock::default();
    /// clock.set(SystemTime::UNIX_EPOCH);
    /// assert_eq!(clock.now(), SystemTime::UNIX_EPOCH);
    /// ```
    pub fn set(&self, time: SystemTime) {
        self.change(|_| time);
    }

    fn change(&self, to: impl FnOnce(SystemTime) -> SystemTime) -> SystemTime {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = to(*now);
        *now
    }
}

/// Noon on the first day of 2030: a time that is nobody's present.
impl Default for Clock {
    fn default() -> Self {
        Self::at(UNIX_EPOCH + Duration::from_hours(525_972))
    }
}
