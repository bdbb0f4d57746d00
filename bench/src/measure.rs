use std::time::{Duration, Instant};

use stats_alloc::Region;

use crate::ALLOCATOR;
use crate::contenders::Contender;

/// How long one batch of one contender takes: long beside the clock's error, short beside the machine's moods.
const BATCH: Duration = Duration::from_millis(3);

pub struct Result {
    pub name: &'static str,
    /// Nanoseconds an operation takes: the median of all batches.
    pub median: f64,
    /// The middle half of all batches, as a share of the median.
    pub spread: f64,
    pub allocations: f64,
}

/// Runs all contenders in turn, a batch each, round after round.
pub fn interleaved(contenders: Vec<Contender>, rounds: usize) -> Vec<Result> {
    let mut running: Vec<_> = contenders.into_iter().map(Running::new).collect();
    for _ in 0..rounds {
        for one in &mut running {
            let batch = one.batch();
            one.batches.push(batch);
        }
    }
    running.into_iter().map(Running::finish).collect()
}

struct Running {
    contender: Contender,
    repeats: u32,
    batches: Vec<f64>,
    allocations: f64,
}

impl Running {
    fn new(mut contender: Contender) -> Self {
        (contender.operation)();
        let started = Instant::now();
        let mut warm = 0;
        while started.elapsed() < BATCH {
            (contender.operation)();
            warm += 1;
        }
        let region = Region::new(ALLOCATOR);
        for _ in 0..10 {
            (contender.operation)();
        }
        let change = region.change();
        let allocations = (change.allocations + change.reallocations) as f64 / 10.0;
        Self {
            contender,
            repeats: warm,
            batches: Vec::new(),
            allocations,
        }
    }

    fn batch(&mut self) -> f64 {
        let started = Instant::now();
        for _ in 0..self.repeats {
            (self.contender.operation)();
        }
        started.elapsed().as_nanos() as f64 / f64::from(self.repeats)
    }

    fn finish(mut self) -> Result {
        self.batches.sort_by(f64::total_cmp);
        let at = |share: f64| self.batches[(share * (self.batches.len() - 1) as f64) as usize];
        let median = at(0.5);
        Result {
            name: self.contender.name,
            median,
            spread: (at(0.75) - at(0.25)) / median,
            allocations: self.allocations,
        }
    }
}
