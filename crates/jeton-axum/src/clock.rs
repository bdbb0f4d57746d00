//! Where the guard takes the time from.

use std::{sync::Arc, time::SystemTime};

/// Tells the guard what time it is.
///
/// Services use [`SystemClock`]. Any closure is a clock too, so a test hands in one it can move.
pub trait Clock: Send + Sync + 'static {
    /// The time at which a token is judged.
    fn now(&self) -> SystemTime;
}

/// The clock of the machine.
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
