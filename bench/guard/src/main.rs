//! What a guard costs: the same route, the same request, the same answer, with and without it.
//!
//! `cargo xtask bench guard [ROUNDS]`. One server thread and one client thread, each on a core of its own; every
//! contender is up at once and measured in turn, round by round, so that a ratio holds where a rate does not.

mod load;
mod routes;
mod tokens;

use std::{net::SocketAddr, process::ExitCode, time::Duration};

use load::Client;

const SLICE: Duration = Duration::from_millis(400);
const WARM_UP: Duration = Duration::from_millis(600);

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
        .map_or(Ok(25), |text| text.parse::<usize>());
    let Ok(rounds @ 1..) = rounds else {
        eprintln!("usage: jeton-bench-guard [ROUNDS]");
        return ExitCode::FAILURE;
    };
    let tokens = tokens::Tokens::issue();
    let address = serve(&tokens);
    core_affinity::set_for_current(core(1));
    let clients: Vec<Client> = GOALS
        .iter()
        .map(|(name, _)| Client::new(address, name, tokens.for_route(name)))
        .collect();
    let rates = measure(&clients, rounds);
    print(&rates, rounds);
    ExitCode::SUCCESS
}

/// The server on the first core.
fn serve(tokens: &tokens::Tokens) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener
        .set_nonblocking(true)
        .expect("a socket that does not block");
    let address = listener.local_addr().expect("an address");
    let router = routes::all(tokens);
    std::thread::spawn(move || {
        core_affinity::set_for_current(core(0));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, router).await.expect("it serves");
        });
    });
    address
}

fn core(number: usize) -> core_affinity::CoreId {
    core_affinity::CoreId { id: number }
}

/// Requests per second of each, round by round.
fn measure(clients: &[Client], rounds: usize) -> Vec<Vec<f64>> {
    for client in clients {
        client.rate(WARM_UP);
    }
    let mut rates = vec![Vec::with_capacity(rounds); clients.len()];
    for _ in 0..rounds {
        for (client, rates) in clients.iter().zip(&mut rates) {
            rates.push(client.rate(SLICE));
        }
    }
    rates
}

fn print(rates: &[Vec<f64>], rounds: usize) {
    let open = &rates[0];
    println!("| guard | requests/s, median of {rounds} | × unguarded, median of pairs | goal |");
    println!("|---|---|---|---|");
    for ((name, goal), rates) in GOALS.iter().zip(rates) {
        let ratio = median(
            rates
                .iter()
                .zip(open)
                .map(|(guarded, open)| guarded / open)
                .collect(),
        );
        let verdict = match goal {
            Some(goal) => format!(
                "≥ {goal:.2}: {}",
                if ratio >= *goal { "reached" } else { "missed" }
            ),
            None => String::new(),
        };
        println!(
            "| {name} | {:.0} | {ratio:.3} | {verdict} |",
            median(rates.clone())
        );
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
