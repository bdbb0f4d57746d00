//! The command line.

use std::{path::PathBuf, time::Duration};

pub const USAGE: &str = "\
usage: jeton-fuzz-service BINARY requests [--seconds N] [--seed S] [--clients N]
       jeton-fuzz-service BINARY races [--seconds N] [--seed S] [--clients N] [--nodes 1|3] [--redis] [--clock]";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fuzzer {
    Requests,
    Races,
}

pub struct Options {
    pub binary: PathBuf,
    pub fuzzer: Fuzzer,
    pub duration: Duration,
    pub seed: u64,
    pub clients: usize,
    pub nodes: usize,
    /// Whether the nodes share a Redis.
    pub redis: bool,
    /// Whether a clock goes astray.
    pub clock: bool,
}

impl Options {
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let binary = words.next().ok_or("the path of the binary is missing")?.into();
        let (fuzzer, seconds, clients) = match words.next().as_deref() {
            Some("requests") => (Fuzzer::Requests, 600, 4),
            Some("races") => (Fuzzer::Races, 120, 16),
            _ => return Err("name a fuzzer: requests or races".to_owned()),
        };
        let mut options = Self {
            binary,
            fuzzer,
            duration: Duration::from_secs(seconds),
            seed: fresh_seed(),
            clients,
            nodes: 1,
            redis: false,
            clock: false,
        };
        while let Some(word) = words.next() {
            let mut number = || {
                let value = words.next().and_then(|text| text.parse::<u64>().ok());
                value.ok_or_else(|| format!("{word} takes a number"))
            };
            match word.as_str() {
                "--seconds" => options.duration = Duration::from_secs(number()?),
                "--seed" => options.seed = number()?,
                "--clients" => options.clients = number()?.max(1) as usize,
                "--nodes" if fuzzer == Fuzzer::Races => options.nodes = number()? as usize,
                "--redis" if fuzzer == Fuzzer::Races => options.redis = true,
                "--clock" if fuzzer == Fuzzer::Races => options.clock = true,
                _ => return Err(format!("{word} is not one of the options")),
            }
        }
        if !matches!(options.nodes, 1 | 3) {
            return Err("--nodes is 1, on SQLite, or 3, on PostgreSQL".to_owned());
        }
        Ok(options)
    }
}

/// Short enough to be typed.
fn fresh_seed() -> u64 {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    u64::from(now.subsec_nanos()) % 1_000_000
}
