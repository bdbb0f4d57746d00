//! Routes that check a token, beside one that checks nothing: requests a second over 64 connections, and what each
//! costs the server.

use std::{
    io,
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use tokio::task::spawn_local;

use crate::{
    Outcome,
    client::Client,
    load::{self, median},
    refresh::CONNECTIONS,
    report,
    server::{CHEAP, Server, UNLIMITED},
    users,
};

/// Short, and many: what disturbs the machine then disturbs all routes alike.
const ROUND: Duration = Duration::from_millis(250);
const ROUNDS: usize = 40;
/// The route that checks nothing: the cost of a request by itself.
pub const UNCHECKED: &str = "/healthz";
pub const CHECKED: [&str; 2] = ["/protected", "/get-jwt"];
const CHECKED_GOAL: f64 = 0.95;
/// Reads a row.
pub const PROFILE: &str = "/profile";
const PROFILE_GOAL: f64 = 40.0;

/// One route in every round: requests a second, and the server's microseconds for each.
#[derive(Default)]
struct Figures {
    rates: Vec<f64>,
    costs: Vec<f64>,
}

pub fn measure(binary: &Path) -> Outcome {
    let folder = tempfile::tempdir()?;
    let server = Server::started(binary, folder.path(), &[&UNLIMITED[..], &CHEAP].concat())?;
    let tokens = load::run(tokens(server.address))?;
    let mut routes: Vec<(&str, Figures)> = [UNCHECKED]
        .into_iter()
        .chain(CHECKED)
        .chain([PROFILE])
        .map(|path| (path, Figures::default()))
        .collect();
    for _ in 0..ROUNDS {
        for (path, figures) in &mut routes {
            let round = round(&server, path, &tokens)?;
            figures.rates.push(round.rate);
            figures.costs.push(round.cost);
        }
    }
    let bare = routes[0].1.rates.clone();
    for (path, mut figures) in routes {
        let mut ratios: Vec<_> = figures
            .rates
            .iter()
            .zip(&bare)
            .map(|(rate, bare)| rate / bare)
            .collect();
        let (rate, cost, ratio) = (
            median(&mut figures.rates),
            median(&mut figures.costs),
            median(&mut ratios),
        );
        let figure = format!("{rate:.0}/s, {ratio:.3} × {UNCHECKED}, {cost:.1} µs of the server's time");
        match path {
            UNCHECKED => println!("{path:<24}{rate:.0}/s, {cost:.1} µs of the server's time"),
            PROFILE => report(
                path,
                &figure,
                &format!("≤ {PROFILE_GOAL} µs"),
                cost <= PROFILE_GOAL,
            ),
            _ => report(
                path,
                &figure,
                &format!("≥ {CHECKED_GOAL} ×"),
                ratio >= CHECKED_GOAL,
            ),
        }
    }
    Ok(())
}

/// One round of one route.
pub struct Round {
    pub rate: f64,
    /// The server's microseconds for each request.
    pub cost: f64,
}

pub fn round(server: &Server, path: &str, tokens: &[String]) -> io::Result<Round> {
    let (before, began) = (server.worked()?, Instant::now());
    let answers = load::run(ask(server.address, path, tokens))? as f64;
    let (worked, span) = (server.worked()? - before, began.elapsed());
    Ok(Round {
        rate: answers / span.as_secs_f64(),
        cost: worked.as_secs_f64() * 1e6 / answers,
    })
}

/// An access token for each connection.
pub async fn tokens(address: SocketAddr) -> io::Result<Vec<String>> {
    let names = (0..CONNECTIONS).map(|number| format!("user{number}"));
    let names = users::register(address, names).await?;
    let mut client = Client::connect(address).await?;
    let mut tokens = Vec::new();
    for name in names {
        tokens.push(users::sign_in(&mut client, &name).await?.access);
    }
    Ok(tokens)
}

/// Each connection asks again as soon as it is answered, until the round is over; gives the number of answers.
async fn ask(address: SocketAddr, path: &str, tokens: &[String]) -> io::Result<usize> {
    let end = Instant::now() + ROUND;
    let mut tasks = Vec::new();
    for token in tokens {
        let mut client = Client::connect(address).await?;
        let (path, token) = (path.to_owned(), token.clone());
        tasks.push(spawn_local(async move {
            let mut answers = 0;
            while Instant::now() < end {
                let answer = client.get(&path, &token).await?;
                if answer.status != 200 {
                    return Err(io::Error::other(format!("{path} answered {}", answer.status)));
                }
                answers += 1;
            }
            Ok(answers)
        }));
    }
    let mut answers = 0;
    for task in tasks {
        answers += task.await??;
    }
    Ok(answers)
}
