use std::time::{Duration, Instant};

use crate::contenders::Contender;

/// How long one batch of one contender takes: long beside the clock's error, short beside a time slice, so that
/// a busy machine spoils some batches and not the median.
const BATCH: Duration = Duration::from_micros(300);

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
        // The best of a few tries: one that was interrupted would make batches too short to measure.
        let repeats = (0..5).map(|_| fitting(&mut contender)).max().unwrap_or(1);
        let counted = allocation_counter::measure(|| {
            for _ in 0..10 {
                (contender.operation)();
            }
        });
        let allocations = counted.count_total as f64 / 10.0;
        Self {
            contender,
            repeats,
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

/// How many operations fit into a batch.
fn fitting(contender: &mut Contender) -> u32 {
    let started = Instant::now();
    let mut repeats = 0;
    while started.elapsed() < BATCH {
        (contender.operation)();
        repeats += 1;
    }
    repeats
}
