//! What a login storm does to everybody who is signed in already.

use std::{
    io,
    path::Path,
    time::{Duration, Instant},
};

use serde::de::IgnoredAny;
use tokio::task::{JoinHandle, spawn_local};

use crate::{
    Outcome,
    client::Client,
    load::{self, Latencies, Pace},
    report,
    server::{Server, UNLIMITED},
    users::{self, Session},
};

const STORM_CONNECTIONS: usize = 64;
/// Several times what the hash threads can do.
const STORM_EVERY: Duration = Duration::from_millis(250);
const CALM_CONNECTIONS: usize = 4;
/// Each calm connection asks 50 times a second, in turn for a protected route and for a refresh.
const CALM_EVERY: Duration = Duration::from_millis(20);
const LENGTH: Duration = Duration::from_secs(15);
const FLOOR: Duration = Duration::from_millis(10);

pub fn measure(binary: &Path) -> Outcome {
    let folder = tempfile::tempdir()?;
    let server = Server::started(binary, folder.path(), &UNLIMITED)?;
    let names = (0..CALM_CONNECTIONS).map(|number| format!("user{number}"));
    let names = load::run(users::register(server.address, names))?;
    let quiet = load::run(seen_by_the_calm(&server, &names))?;
    let stormy = load::run(async {
        let storm: Vec<_> = (0..STORM_CONNECTIONS)
            .map(|_| spawn_local(storm(server.address)))
            .collect();
        let seen = seen_by_the_calm(&server, &names).await;
        let (mut let_in, mut sent_away) = (0, 0);
        for task in storm {
            let (yes, no) = task.await??;
            let_in += yes;
            sent_away += no;
        }
        println!(
            "{:<24}{let_in} sign-ins answered, {sent_away} told to come back",
            "login storm"
        );
        seen
    })?;
    for (what, quiet, stormy) in [
        ("verify in a storm", &quiet.verify, &stormy.verify),
        ("refresh in a storm", &quiet.refresh, &stormy.refresh),
    ] {
        let goal = (3 * quiet.quantile(0.99)).max(FLOOR);
        let p99 = stormy.quantile(0.99);
        report(
            what,
            &format!(
                "p99 {p99:.1?} of {}, quiet {:.1?}",
                stormy.len(),
                quiet.quantile(0.99)
            ),
            &format!("≤ {goal:.1?}"),
            p99 <= goal,
        );
    }
    Ok(())
}

struct Seen {
    verify: Latencies,
    refresh: Latencies,
}

async fn seen_by_the_calm(server: &Server, names: &[String]) -> io::Result<Seen> {
    let mut tasks: Vec<JoinHandle<io::Result<(Vec<Duration>, Vec<Duration>)>>> = Vec::new();
    for name in names {
        let mut client = Client::connect(server.address).await?;
        let session = signed_in(&mut client, name).await?;
        tasks.push(spawn_local(calm(client, session)));
    }
    let (mut verify, mut refresh) = (Vec::new(), Vec::new());
    for task in tasks {
        let (mut first, mut second) = task.await??;
        verify.append(&mut first);
        refresh.append(&mut second);
    }
    Ok(Seen {
        verify: Latencies::new(verify),
        refresh: Latencies::new(refresh),
    })
}

/// In a storm even an honest sign-in is told to come back a few times.
async fn signed_in(client: &mut Client, name: &str) -> io::Result<Session> {
    loop {
        let answer = client.post("/login", &users::credentials(name)).await?;
        if answer.status != 503 {
            return answer.json();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn calm(mut client: Client, mut session: Session) -> io::Result<(Vec<Duration>, Vec<Duration>)> {
    let (mut verify, mut refresh) = (Vec::new(), Vec::new());
    let (end, mut pace) = (Instant::now() + LENGTH, Pace::new(CALM_EVERY));
    while Instant::now() < end {
        let due = pace.next().await;
        client
            .get("/protected", &session.access)
            .await?
            .json::<IgnoredAny>()?;
        verify.push(due.elapsed());
        let due = pace.next().await;
        let answer = client.refresh(&session.refresh).await?;
        refresh.push(due.elapsed());
        session = answer.json()?;
    }
    Ok((verify, refresh))
}

/// Somebody who guesses: names nobody has, at a fixed pace.
async fn storm(address: std::net::SocketAddr) -> io::Result<(u32, u32)> {
    let mut client = Client::connect(address).await?;
    let (mut answered, mut sent_away) = (0, 0);
    let (end, mut pace) = (Instant::now() + LENGTH, Pace::new(STORM_EVERY));
    while Instant::now() < end {
        pace.next().await;
        match client.post("/login", &users::credentials("nobody")).await?.status {
            503 => sent_away += 1,
            _ => answered += 1,
        }
    }
    Ok((answered, sent_away))
}
