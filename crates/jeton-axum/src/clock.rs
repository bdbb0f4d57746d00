//! Where the guard takes the time from.

use std::{sync::Arc, time::SystemTime};

/// Tells the guard what time it is.
///
/// Services use [`SystemClock`]. Any closure is a clock too, so a test hands in one it can move:
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use jeton_axum::{Clock, SystemClock};
///
/// let an_hour_ago = || SystemClock.now() - Duration::from_hours(1);
/// assert!(Clock::now(&an_hour_ago) < SystemClock.now());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not tell the time",
    label = "not a clock",
    note = "services use `jeton_axum::SystemClock`, tests a closure: `move || now`"
)]
pub trait Clock: Send + Sync + 'static {
    /// The time at which a token is verified.
    fn now(&self) -> SystemTime;
}

/// The clock of the machine.
///
/// ```
/// use jeton_axum::{Clock, SystemClock};
/// let now = SystemClock.now();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the outermost layer: everything below is told the time"
    )]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

impl<F> Clock for F
where
    F: Fn() -> SystemTime + Send + Sync + 'static,
{
    fn now(&self) -> SystemTime {
        self()
    }
}

/// The clock of the library's test kit.
#[cfg(feature = "testkit")]
impl Clock for jeton::testkit::Clock {
    fn now(&self) -> SystemTime {
        Self::now(self)
    }
}

impl<K: Clock + ?Sized> Clock for Arc<K> {
    fn now(&self) -> SystemTime {
        (**self).now()
    }
}
