//! The source of the time.

use std::{
    fmt,
    time::{Instant, SystemTime},
};

/// A clock. Tests move their own.
pub trait Clock: Send + Sync + fmt::Debug {
    fn now(&self) -> SystemTime;

    /// The monotonic time, by which ages are told whatever becomes of the other.
    fn instant(&self) -> Instant {
        Instant::now()
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the machine for the time"
    )]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
