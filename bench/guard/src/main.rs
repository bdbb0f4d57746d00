//! What a guard costs: the same route, the same request, the same answer, with and without it.
//!
//! `cargo xtask bench guard [ROUNDS]`. A server with a thread for each of two cores, and a client on the same two;
//! every contender is up at once and measured in turn, round by round, so that a ratio holds where a rate does not.
//! Beside the rate stands the time the server's threads worked for a request: it knows nothing of the client, and
//! other work on the machine disturbs it less.

mod hit;
mod load;
mod routes;
mod spent;
mod tokens;

use std::{net::SocketAddr, process::ExitCode, time::Duration};

use load::Client;
use spent::Accounts;

const SLICE: Duration = Duration::from_millis(100);
const WARM_UP: Duration = Duration::from_millis(600);
/// As many as the goals' machine had.
const CORES: usize = 2;

/// What is compared: its name, and the share of the unguarded rate it should reach.
const GOALS: [(&str, Option<f64>); 7] = [
    (routes::OPEN, None),
    ("jeton HS256, cache", Some(0.90)),
    ("jeton ES256, cache", Some(0.90)),
    ("jeton HS256", Some(0.80)),
    ("jeton ES256", None),
    ("jsonwebtoken 11 HS256", None),
    ("jsonwebtoken 11 ES256", None),
];

fn main() -> ExitCode {
    let rounds = std::env::args()
        .nth(1)
        .map_or(Ok(100), |text| text.parse::<usize>());
    let Ok(rounds @ 1..) = rounds else {
        eprintln!("usage: jeton-bench-guard [ROUNDS]");
        return ExitCode::FAILURE;
    };
    let tokens = tokens::Tokens::issue();
    hit::report(&tokens);
    let (address, server) = serve(&tokens);
    let clients: Vec<Client> = GOALS
        .iter()
        .map(|(name, _)| Client::new(address, name, tokens.for_route(name)))
        .collect();
    let samples = measure(&clients, &server, rounds);
    print(&samples, rounds);
    ExitCode::SUCCESS
}

fn serve(tokens: &tokens::Tokens) -> (SocketAddr, Accounts) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener
        .set_nonblocking(true)
        .expect("a socket that does not block");
    let address = listener.local_addr().expect("an address");
    let router = routes::all(tokens);
    let accounts = Accounts::default();
    let of_server = accounts.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(CORES)
            .on_thread_start(move || of_server.open_for_this_thread())
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, router).await.expect("it serves");
        });
    });
    (address, accounts)
}

/// One contender in one round.
struct Sample {
    /// Requests per second.
    rate: f64,
    /// Microseconds the server worked for each.
    work: f64,
}

/// Each contender's samples, round by round.
fn measure(clients: &[Client], server: &Accounts, rounds: usize) -> Vec<Vec<Sample>> {
    for client in clients {
        client.load(WARM_UP);
    }
    let mut samples: Vec<Vec<Sample>> = clients.iter().map(|_| Vec::with_capacity(rounds)).collect();
    for _ in 0..rounds {
        for (client, samples) in clients.iter().zip(&mut samples) {
            let before = server.spent();
            let load = client.load(SLICE);
            let work = server.spent().saturating_sub(before);
            samples.push(Sample {
                rate: load.answers / load.span.as_secs_f64(),
                work: work.as_secs_f64() * 1e6 / load.answers,
            });
        }
    }
    samples
}

fn print(samples: &[Vec<Sample>], rounds: usize) {
    println!(
        "| guard | requests/s, median of {rounds} | × unguarded, median of pairs | server's µs a request | × unguarded by these | goal |"
    );
    println!("|---|---|---|---|---|---|");
    for ((name, goal), of_one) in GOALS.iter().zip(samples) {
        let pairs = || of_one.iter().zip(&samples[0]);
        let ratio = median(pairs().map(|(guarded, open)| guarded.rate / open.rate));
        let by_work = median(pairs().map(|(guarded, open)| open.work / guarded.work));
        let verdict = match goal {
            Some(goal) if ratio >= *goal => format!("≥ {goal:.2}: reached"),
            Some(goal) => format!("≥ {goal:.2}: missed"),
            None => String::new(),
        };
        let rate = median(of_one.iter().map(|sample| sample.rate));
        let work = median(of_one.iter().map(|sample| sample.work));
        println!("| {name} | {rate:.0} | {ratio:.3} | {work:.2} | {by_work:.3} | {verdict} |");
    }
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
