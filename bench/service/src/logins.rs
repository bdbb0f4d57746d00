//! Sign-ins, beside bare Argon2id with the same parameters on the same cores.

use std::{
    io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::task::spawn_local;

use crate::{
    Outcome,
    client::Client,
    load::{self, median},
    report,
    server::{Server, UNLIMITED},
    users,
};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(4);
const CONNECTIONS: usize = 16;
const GOAL: f64 = 0.95;
/// The service's defaults.
const MEMORY_KIB: u32 = 19_456;
const ITERATIONS: u32 = 2;

pub fn measure(binary: &Path) -> Outcome {
    let cores = thread::available_parallelism()?.get();
    let folder = tempfile::tempdir()?;
    let threads = cores.to_string();
    let settings = [&UNLIMITED[..], &["--hash-threads", &threads]].concat();
    let server = Server::started(binary, folder.path(), &settings)?;
    let names = (0..CONNECTIONS).map(|number| format!("user{number}"));
    let names = load::run(users::register(server.address, names))?;
    let (mut bare_rates, mut rates, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let bare = bare(cores);
        let rate = load::run(sign_ins(&server, &names))?;
        bare_rates.push(bare);
        rates.push(rate);
        ratios.push(rate / bare);
    }
    let ratio = median(&mut ratios);
    report(
        "sign-ins",
        &format!(
            "{:.1}/s, bare Argon2id {:.1}/s on {cores} cores, {ratio:.3} ×",
            median(&mut rates),
            median(&mut bare_rates)
        ),
        &format!("≥ {GOAL} ×"),
        ratio >= GOAL,
    );
    Ok(())
}

/// Hashes a second, each thread in memory it keeps.
fn bare(threads: usize) -> f64 {
    let hash_until = |end: Instant| {
        let params = Params::new(MEMORY_KIB, ITERATIONS, 1, Some(32)).expect("these are in range");
        let mut memory = vec![Block::default(); params.block_count()];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let (mut output, mut hashes) = ([0; 32], 0_u32);
        while Instant::now() < end {
            argon2
                .hash_password_into_with_memory(
                    users::PASSWORD.as_bytes(),
                    &[7; 16],
                    &mut output,
                    &mut memory,
                )
                .expect("these are in range");
            hashes += 1;
        }
        hashes
    };
    let began = Instant::now();
    let end = began + ROUND;
    let hashes: u32 = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(|| hash_until(end))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(0)).sum()
    });
    f64::from(hashes) / began.elapsed().as_secs_f64()
}

pub async fn sign_ins(server: &Server, names: &[String]) -> io::Result<f64> {
    let began = Instant::now();
    let end = began + ROUND;
    let mut tasks = Vec::new();
    for name in names {
        let (address, name) = (server.address, name.clone());
        tasks.push(spawn_local(async move {
            let mut client = Client::connect(address).await?;
            let mut done = 0_u32;
            while Instant::now() < end {
                users::sign_in(&mut client, &name).await?;
                done += 1;
            }
            io::Result::Ok(done)
        }));
    }
    let mut done = 0;
    for task in tasks {
        done += task.await??;
    }
    Ok(f64::from(done) / began.elapsed().as_secs_f64())
}
