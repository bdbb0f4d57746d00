use std::{
    sync::Mutex,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jeton_server::service::machinery::clock::Clock;

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub(crate) struct MovableClock(Mutex<SystemTime>);

impl MovableClock {
    /// A quarter past a whole second, so that no test passes only because seconds are whole.
    pub(crate) fn new() -> Self {
        Self(Mutex::new(UNIX_EPOCH + Duration::from_millis(1_767_323_045_250)))
    }

    pub(crate) fn advance(&self, span: Duration) {
        *self.0.lock().unwrap() += span;
    }

    pub(crate) fn set(&self, now: SystemTime) {
        *self.0.lock().unwrap() = now;
    }

    /// Whole seconds since the epoch, as claims give the time.
    pub(crate) fn seconds(&self) -> i64 {
        let since = self.now().duration_since(UNIX_EPOCH).unwrap();
        since.as_secs().try_into().unwrap()
    }
}

impl Clock for MovableClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}
