use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock that stands still until it is told to move. Clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock {
    now: Arc<Mutex<SystemTime>>,
}

impl Clock {
    /// A clock that shows this time.
    #[must_use]
    pub fn at(time: SystemTime) -> Self {
        Self {
            now: Arc::new(Mutex::new(time)),
        }
    }

    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.change(|now| now)
    }

    /// Moves it ahead.
    pub fn advance(&self, by: Duration) {
        self.change(|now| now + by);
    }

    /// Moves it back.
    pub fn rewind(&self, by: Duration) {
        self.change(|now| now - by);
    }

    /// Sets it.
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
