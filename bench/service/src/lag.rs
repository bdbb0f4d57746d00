//! How late a node hears of what another revokes, at a thousand a second.

use std::{
    cell::Cell,
    io,
    net::SocketAddr,
    path::Path,
    rc::Rc,
    time::{Duration, Instant},
};

use serde::de::IgnoredAny;
use tokio::task::{JoinHandle, spawn_local};

use crate::{
    Outcome,
    client::Client,
    load::{self, Latencies, Pace},
    report,
    server::{CHEAP, Server, UNLIMITED},
    servers,
    users::{self, Session},
};

const A_SECOND: u32 = 1000;
const SECONDS: u32 = 5;
/// Over so many connections, each at its share of the pace.
const CONNECTIONS: u32 = 50;
/// One of so many is asked about at the other node.
const SAMPLE: usize = 50;
/// A user may have a hundred.
const SESSIONS_EACH: u32 = A_SECOND * SECONDS / CONNECTIONS;

pub fn measure(binary: &Path) -> Outcome {
    let redis = servers::redis();
    for (what, redis, goal) in [
        ("lag without Redis", None, Duration::from_secs(1)),
        ("lag with Redis", Some(redis.url()), Duration::from_millis(100)),
    ] {
        let seen = seen(binary, redis)?;
        let worst = seen.times.quantile(1.0);
        report(
            what,
            &format!(
                "{:.0}/s revoked; refused elsewhere after p50 {:.1?}, p99 {:.1?}, at most {worst:.1?}; \
                 revocation_lag_seconds at most {:.3}",
                seen.rate,
                seen.times.quantile(0.5),
                seen.times.quantile(0.99),
                seen.lag.as_secs_f64(),
            ),
            &format!("< {goal:?}"),
            worst < goal && seen.lag < goal,
        );
    }
    Ok(())
}

struct Seen {
    rate: f64,
    /// From the answer of one node to the refusal of the other.
    times: Latencies,
    /// The highest that either node said of itself.
    lag: Duration,
}

fn seen(binary: &Path, redis: Option<&str>) -> Result<Seen, Box<dyn std::error::Error>> {
    let (postgres, folder) = (servers::postgres(true), tempfile::tempdir()?);
    let mut settings = [&["--database-url", postgres.url()], &UNLIMITED[..], &CHEAP].concat();
    if let Some(url) = redis {
        settings.extend(["--redis-url", url]);
    }
    let one = Server::started(binary, folder.path(), &settings)?;
    let other = Server::started(binary, folder.path(), &settings)?;
    if redis.is_some() {
        for node in [&one, &other] {
            node.until_metric("redis_up 1", Duration::from_secs(10))?;
        }
    }
    let names = (0..CONNECTIONS).map(|number| format!("user{number}"));
    let names = load::run(users::register(one.address, names))?;
    Ok(load::run(revoke(&one, &other, &names))?)
}

async fn revoke(one: &Server, other: &Server, names: &[String]) -> io::Result<Seen> {
    let mut signed_in = Vec::new();
    let mut client = Client::connect(one.address).await?;
    for name in names {
        let mut sessions = Vec::new();
        for _ in 0..SESSIONS_EACH {
            sessions.push(users::sign_in(&mut client, name).await?);
        }
        signed_in.push(sessions);
    }
    let lag = Rc::new(Cell::new(Duration::ZERO));
    let watching = spawn_local(watch([one.address, other.address], Rc::clone(&lag)));
    let began = Instant::now();
    let tasks: Vec<_> = signed_in
        .into_iter()
        .enumerate()
        .map(|(number, sessions)| spawn_local(log_out(one.address, sessions, number, other.address)))
        .collect();
    let mut witnesses = Vec::new();
    for task in tasks {
        witnesses.append(&mut task.await??);
    }
    let took = began.elapsed();
    watching.abort();
    let mut times = Vec::new();
    for witness in witnesses {
        times.push(witness.await??);
    }
    Ok(Seen {
        rate: f64::from(A_SECOND * SECONDS) / took.as_secs_f64(),
        times: Latencies::new(times),
        lag: lag.get(),
    })
}

type Witness = JoinHandle<io::Result<Duration>>;

/// Logs out of one session after the other at its share of the pace.
async fn log_out(
    one: SocketAddr,
    sessions: Vec<Session>,
    place: usize,
    other: SocketAddr,
) -> io::Result<Vec<Witness>> {
    let mut client = Client::connect(one).await?;
    let (mut pace, mut witnesses) = (
        Pace::new(Duration::from_secs(1) * CONNECTIONS / A_SECOND),
        Vec::new(),
    );
    for (number, session) in sessions.into_iter().enumerate() {
        // Each asks at another time, so that all times between two readings are among them.
        let witness = if (number + place).is_multiple_of(SAMPLE) {
            Some(Client::connect(other).await?)
        } else {
            None
        };
        pace.next().await;
        client.log_out(&session.access).await?.json::<IgnoredAny>()?;
        if let Some(witness) = witness {
            witnesses.push(spawn_local(refused(witness, session, Instant::now())));
        }
    }
    Ok(witnesses)
}

/// How long after the answer the other node refuses.
async fn refused(mut witness: Client, session: Session, answered: Instant) -> io::Result<Duration> {
    while witness.get("/protected", &session.access).await?.status != 401 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(answered.elapsed())
}

/// Keeps the highest lag that any of the nodes says it has.
async fn watch(nodes: [SocketAddr; 2], highest: Rc<Cell<Duration>>) -> io::Result<()> {
    let mut clients = Vec::new();
    for node in nodes {
        clients.push(Client::connect(node).await?);
    }
    // Before there was anything to hear of, there was nothing to be late with.
    tokio::time::sleep(Duration::from_secs(1)).await;
    loop {
        for client in &mut clients {
            let metrics = client.get("/metrics", "").await?;
            let metrics = String::from_utf8_lossy(&metrics.body);
            let lag = metrics
                .lines()
                .find_map(|line| line.strip_prefix("revocation_lag_seconds "));
            let lag: Option<f64> = lag.and_then(|text| text.parse().ok());
            let lag = lag.ok_or_else(|| io::Error::other("no revocation_lag_seconds"))?;
            highest.set(highest.get().max(Duration::from_secs_f64(lag)));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
