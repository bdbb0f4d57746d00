//! How long a hash takes on this machine.

use std::{
    sync::Barrier,
    time::{Duration, Instant},
};

use super::{OUTPUT_BYTES, SALT_BYTES, compute::Workbench, scheme::Argon2};

/// How often each thread hashes. The median is taken: a single long one says nothing of the machine.
const ROUNDS: usize = 5;

/// The time one hash takes while as many threads hash at once. They share the memory's bandwidth, so each is slower
/// than one alone.
#[must_use]
pub fn time(memory_kib: u32, iterations: u32, threads: usize) -> Duration {
    let start = Barrier::new(threads);
    let mut times: Vec<Duration> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| rounds(Argon2::ours(memory_kib, iterations), &start)))
            .collect();
        workers
            .into_iter()
            .filter_map(|worker| worker.join().ok())
            .flatten()
            .collect()
    });
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn rounds(ours: Argon2, start: &Barrier) -> Vec<Duration> {
    let mut bench = Workbench::new(usize::MAX);
    let mut once = || {
        let began = Instant::now();
        let _ = bench.argon2(
            &ours,
            b"a password to measure with",
            &[0; SALT_BYTES],
            OUTPUT_BYTES,
        );
        began.elapsed()
    };
    // A first run touches the memory, which takes time of its own.
    once();
    start.wait();
    (0..ROUNDS).map(|_| once()).collect()
}
