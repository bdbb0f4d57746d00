//! Refreshes on PostgreSQL over 64 connections, at one node and at two, beside the bare rotation by pgbench: one row of
//! a session changed in each transaction, with 32 clients, on the same server, which waits for the disk.

use std::{
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    Outcome,
    load::{self, Latencies, median},
    refresh::{CONNECTIONS, ROUND, refreshes},
    report,
    server::{CHEAP, Server, UNLIMITED},
    servers, users,
};

const ROUNDS: usize = 7;
const GOAL: f64 = 0.5;
const GOAL_OF_TWO: f64 = 0.85;

pub fn measure(binary: &Path) -> Outcome {
    let (postgres, folder) = (servers::postgres(true), tempfile::tempdir()?);
    let bare = Bare::new(postgres.url(), folder.path())?;
    let settings = [&["--database-url", postgres.url()], &UNLIMITED[..], &CHEAP].concat();
    // In one folder, so that both find the one master key.
    let one = Server::started(binary, folder.path(), &settings)?;
    let other = Server::started(binary, folder.path(), &settings)?;
    let names = (0..CONNECTIONS).map(|number| format!("user{number}"));
    let names = load::run(users::register(one.address, names))?;
    let (mut bare_rates, mut rates, mut ratios, mut of_two, mut latencies) =
        (vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        let bare = bare.rate()?;
        let (rate, mut seen) = load::run(refreshes(&[&one], &names))?;
        let (both, _) = load::run(refreshes(&[&one, &other], &names))?;
        bare_rates.push(bare);
        rates.push(rate);
        ratios.push(rate / bare);
        of_two.push(both / rate);
        latencies.append(&mut seen);
    }
    let (ratio, of_two, latencies) = (
        median(&mut ratios),
        median(&mut of_two),
        Latencies::new(latencies),
    );
    report(
        "refreshes on PostgreSQL",
        &format!(
            "{:.0}/s (p50 {:.1?}, p99 {:.1?}), pgbench {:.0}/s, {ratio:.2} ×",
            median(&mut rates),
            latencies.quantile(0.5),
            latencies.quantile(0.99),
            median(&mut bare_rates),
        ),
        &format!("≥ {GOAL} ×"),
        ratio >= GOAL,
    );
    report(
        "two nodes",
        &format!("{of_two:.2} × of one"),
        &format!("≥ {GOAL_OF_TWO} ×"),
        of_two >= GOAL_OF_TWO,
    );
    Ok(())
}

/// pgbench, and a table that is like that of the sessions.
struct Bare {
    url: String,
    script: PathBuf,
}

/// As many as sessions would be spread over.
const ROWS: usize = 10_000;

impl Bare {
    fn new(url: &str, folder: &Path) -> io::Result<Self> {
        let script = folder.join("rotate.sql");
        std::fs::write(
            &script,
            format!(
                "\\set row random(1, {ROWS})\n\
                 UPDATE bare SET generation = generation + 1, rotated_at = 1, last_seen_at = 1, expires_at = 1 \
                 WHERE id = :row AND generation >= 0;\n"
            ),
        )?;
        let bare = Self {
            url: url.to_owned(),
            script,
        };
        bare.run(
            "psql",
            &[
                "--quiet",
                "--command",
                &format!(
                    "CREATE TABLE bare (id INTEGER PRIMARY KEY, user_id UUID NOT NULL, generation BIGINT NOT NULL, \
                     secret BYTEA NOT NULL, rotated_at BIGINT, last_seen_at BIGINT, expires_at BIGINT) \
                     WITH (fillfactor = 70); \
                     INSERT INTO bare SELECT row, gen_random_uuid(), 0, decode(repeat('00', 32), 'hex'), 0, 0, 0 \
                     FROM generate_series(1, {ROWS}) AS row"
                ),
            ],
        )?;
        Ok(bare)
    }

    fn rate(&self) -> io::Result<f64> {
        let script = self.script.to_string_lossy();
        let seconds = ROUND.as_secs().to_string();
        let said = self.run(
            "pgbench",
            &[
                "--no-vacuum",
                "--protocol=prepared",
                "--client=32",
                "--jobs=1",
                "--time",
                &seconds,
                "--file",
                &script,
            ],
        )?;
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = "));
        let rate = rate.and_then(|rest| rest.split(' ').next()?.parse().ok());
        rate.ok_or_else(|| io::Error::other(format!("pgbench names no rate: {said}")))
    }

    fn run(&self, program: &str, arguments: &[&str]) -> io::Result<String> {
        let ended = Command::new(self::program(program))
            .args(arguments)
            .arg(&self.url)
            .stderr(Stdio::inherit())
            .output()?;
        if !ended.status.success() {
            return Err(io::Error::other(format!("{program} failed")));
        }
        String::from_utf8(ended.stdout).map_err(io::Error::other)
    }
}

/// From where the server's own programs are, or from the path.
fn program(name: &str) -> PathBuf {
    let beside = Path::new(&servers::postgres_programs()).join(name);
    if beside.exists() { beside } else { name.into() }
}
