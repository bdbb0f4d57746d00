//! Refreshes over 64 connections, beside single-row commits on the same disk with the same durability.

use std::{
    io,
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use tokio::task::spawn_local;

use crate::{
    Outcome,
    client::Client,
    load::{self, Latencies, median},
    report,
    server::{CHEAP, Server, UNLIMITED},
    users::{self, Session},
};

pub const CONNECTIONS: usize = 64;
const ROUNDS: usize = 7;
pub const ROUND: Duration = Duration::from_secs(3);
const GOAL: f64 = 1.0;

pub fn measure(binary: &Path) -> Outcome {
    let folder = tempfile::tempdir()?;
    let settings = [&UNLIMITED[..], &CHEAP].concat();
    let server = Server::started(binary, folder.path(), &settings)?;
    let names = (0..CONNECTIONS).map(|number| format!("user{number}"));
    let names = load::run(users::register(server.address, names))?;
    let commits = Commits::new(folder.path())?;
    let (mut bare_rates, mut rates, mut ratios, mut latencies) = (vec![], vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        let bare = commits.rate()?;
        let (rate, mut seen) = load::run(refreshes(&[&server], &names))?;
        bare_rates.push(bare);
        rates.push(rate);
        ratios.push(rate / bare);
        latencies.append(&mut seen);
    }
    let (ratio, latencies) = (median(&mut ratios), Latencies::new(latencies));
    report(
        "refreshes",
        &format!(
            "{:.0}/s (p50 {:.1?}, p99 {:.1?}), single-row commits {:.0}/s, {ratio:.2} ×",
            median(&mut rates),
            latencies.quantile(0.5),
            latencies.quantile(0.99),
            median(&mut bare_rates),
        ),
        &format!("≥ {GOAL:.1} ×"),
        ratio >= GOAL,
    );
    Ok(())
}

/// One row, changed again and again, each time on the disk before the next.
struct Commits(Connection);

impl Commits {
    fn new(folder: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(folder.join("bare.db"))?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             CREATE TABLE rows (id BLOB PRIMARY KEY, generation INTEGER, rotated_at INTEGER) WITHOUT ROWID;",
        )?;
        let mut insert = connection.prepare("INSERT INTO rows VALUES (?1, 0, 0)")?;
        for number in 0..CONNECTIONS {
            insert.execute([number.to_be_bytes()])?;
        }
        drop(insert);
        Ok(Self(connection))
    }

    fn rate(&self) -> rusqlite::Result<f64> {
        let sql = "UPDATE rows SET generation = generation + 1, rotated_at = ?2 WHERE id = ?1";
        let mut update = self.0.prepare(sql)?;
        let (began, mut commits) = (Instant::now(), 0_usize);
        while began.elapsed() < ROUND {
            update.execute((&(commits % CONNECTIONS).to_be_bytes()[..], commits as i64))?;
            commits += 1;
        }
        Ok(commits as f64 / began.elapsed().as_secs_f64())
    }
}

/// Everybody over a connection of their own, the servers in turn: refreshes a second, and how long each took.
pub async fn refreshes(servers: &[&Server], names: &[String]) -> io::Result<(f64, Vec<Duration>)> {
    let mut sessions = Vec::new();
    for (name, server) in names.iter().zip(servers.iter().cycle()) {
        let mut client = Client::connect(server.address).await?;
        let session = users::sign_in(&mut client, name).await?;
        sessions.push((client, session));
    }
    let began = Instant::now();
    let end = began + ROUND;
    let tasks: Vec<_> = sessions
        .into_iter()
        .map(|(client, session)| spawn_local(refresh_until(end, client, session)))
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.append(&mut task.await??);
    }
    Ok((latencies.len() as f64 / began.elapsed().as_secs_f64(), latencies))
}

async fn refresh_until(end: Instant, mut client: Client, mut session: Session) -> io::Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    while Instant::now() < end {
        let began = Instant::now();
        let answer = client.refresh(&session.refresh).await?;
        latencies.push(began.elapsed());
        session = answer.json()?;
    }
    Ok(latencies)
}
