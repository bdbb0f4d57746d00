use std::time::Duration;

use clap::Args;

use super::running::Outcome;
use crate::{config::Config, service::machinery::hasher::measure};

/// From what OWASP asks for at least up to 128 MiB.
const MEMORY_KIB: [u32; 6] = [19_456, 32_768, 47_104, 65_536, 98_304, 131_072];
const ITERATIONS: [u32; 4] = [1, 2, 3, 4];

/// The weakest that is recommended: below 46 MiB, one pass is not enough.
const MIN_WORK_KIB: u32 = 38_912;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// How long one hash may take, as in 250ms
    #[arg(long, value_name = "TIME", default_value = "250ms", value_parser = milliseconds)]
    target: Duration,
}

/// A pair of settings, measured.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Measured {
    memory_kib: u32,
    iterations: u32,
    time: Duration,
}

pub(super) fn run(config: &Config, &Arguments { target }: &Arguments) -> Outcome {
    let threads = config.cost.threads;
    println!("One hash, while {threads} of hash-threads work at once:");
    println!();
    println!("memory in KiB   1 pass   2 passes   3 passes   4 passes");
    let mut measured = Vec::new();
    for memory_kib in MEMORY_KIB {
        print!("{memory_kib:>13}");
        for (iterations, width) in ITERATIONS.into_iter().zip([9, 11, 11, 11]) {
            let time = measure::time(memory_kib, iterations, threads);
            print!("{:>width$}", shown(time));
            measured.push(Measured {
                memory_kib,
                iterations,
                time,
            });
            if time > target {
                // More passes take longer still.
                break;
            }
        }
        println!();
    }
    println!();
    recommend(&measured, target, threads)
}

fn recommend(measured: &[Measured], target: Duration, threads: usize) -> Outcome {
    let best = strongest(measured, target).ok_or_else(|| {
        format!(
            "nothing that is strong enough takes {} or less here: allow more with --target",
            shown(target)
        )
    })?;
    let per_second = f64::from(u32::try_from(threads).unwrap_or(u32::MAX)) / best.time.as_secs_f64();
    println!(
        "The strongest within {} takes {} and allows {per_second:.0} logins a second. In the environment or .env:",
        shown(target),
        shown(best.time)
    );
    println!();
    println!("JETON_ARGON2_MEMORY_KIB={}", best.memory_kib);
    println!("JETON_ARGON2_ITERATIONS={}", best.iterations);
    Ok(())
}

/// The settings that cost an attacker most: memory times passes, and of two alike the one with more memory.
fn strongest(measured: &[Measured], target: Duration) -> Option<Measured> {
    let work = |one: &Measured| one.memory_kib * one.iterations;
    let within = measured
        .iter()
        .filter(|one| one.time <= target && work(one) >= MIN_WORK_KIB);
    within.copied().max_by_key(|one| (work(one), one.memory_kib))
}

fn shown(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

fn milliseconds(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix("ms").and_then(|number| number.parse().ok());
    number
        .filter(|number| *number > 0)
        .map(Duration::from_millis)
        .ok_or_else(|| "write a whole number of milliseconds, as in 250ms".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(rows: &[(u32, u32, u64)]) -> Vec<Measured> {
        let rows = rows.iter().map(|(memory_kib, iterations, time)| Measured {
            memory_kib: *memory_kib,
            iterations: *iterations,
            time: Duration::from_millis(*time),
        });
        rows.collect()
    }

    #[test]
    fn the_strongest_within_the_target_is_recommended() {
        let measured = measured(&[(19_456, 2, 20), (19_456, 4, 40), (65_536, 1, 45), (65_536, 2, 90)]);
        let best = |target| {
            strongest(&measured, Duration::from_millis(target)).map(|best| (best.memory_kib, best.iterations))
        };
        assert_eq!(best(10), None);
        assert_eq!(best(20), Some((19_456, 2)));
        assert_eq!(best(44), Some((19_456, 4)));
        assert_eq!(best(1000), Some((65_536, 2)));
    }

    #[test]
    fn of_two_alike_the_one_with_more_memory_is() {
        let measured = measured(&[(65_536, 2, 90), (131_072, 1, 90), (32_768, 4, 90)]);
        let best = strongest(&measured, Duration::from_millis(100)).unwrap();
        assert_eq!((best.memory_kib, best.iterations), (131_072, 1));
    }

    #[test]
    fn what_is_too_weak_is_never_recommended() {
        let measured = measured(&[(19_456, 1, 10), (32_768, 1, 15)]);
        assert_eq!(strongest(&measured, Duration::from_secs(1)), None);
    }

    #[test]
    fn the_target_is_in_milliseconds() {
        assert_eq!(milliseconds("250ms").unwrap(), Duration::from_millis(250));
        for bad in ["", "250", "0ms", "-1ms", "1s", "ms"] {
            assert!(milliseconds(bad).is_err(), "{bad}");
        }
    }
}
