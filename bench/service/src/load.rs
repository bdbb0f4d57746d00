//! Load: many connections at once, and what they saw.

use std::{
    io,
    time::{Duration, Instant},
};

/// The load generator's own thread: one, so that it takes no more than its share of the machine.
pub fn run<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(tokio::task::LocalSet::new().run_until(work))
}

/// Latencies, sorted.
#[derive(Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    pub fn new(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        Self(all)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The latency that this share of requests did not exceed.
    pub fn quantile(&self, share: f64) -> Duration {
        let last = self.0.len().saturating_sub(1);
        let place = (last as f64 * share).round() as usize;
        self.0.get(place).copied().unwrap_or_default()
    }
}

/// The median of a few figures.
pub fn median(figures: &mut [f64]) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// Requests at a fixed pace, however long each takes; a latency counts from when its request was due, so that a
/// slow answer is not forgiven the requests it held up.
pub struct Pace {
    due: Instant,
    every: Duration,
}

impl Pace {
    pub fn new(every: Duration) -> Self {
        let due = Instant::now() + every;
        Self { due, every }
    }

    /// Waits until the next request is due, and says when that was.
    pub async fn next(&mut self) -> Instant {
        let due = self.due;
        self.due += self.every;
        tokio::time::sleep_until(due.into()).await;
        due
    }
}
