//! Whether the time of an answer tells a name that exists from one that does not: Welch's t over interleaved pairs.

use std::{
    fmt::Write as _,
    fs, io,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    Outcome,
    client::Client,
    load, report,
    server::{Server, UNLIMITED},
    users,
};

const PAIRS: usize = 2000;
const USERS: usize = 60;
const GOAL: f64 = 4.5;

pub fn measure(binary: &Path) -> Outcome {
    let folder = tempfile::tempdir()?;
    let own: Vec<_> = (0..USERS).map(|number| format!("user{number}")).collect();
    {
        let server = Server::started(binary, folder.path(), &UNLIMITED)?;
        load::run(users::register(server.address, own.iter().cloned()))?;
        told_apart(&server, "unknown or wrong", &own)?;
    }
    let imported = import(binary, folder.path())?;
    let server = Server::started(binary, folder.path(), &UNLIMITED)?;
    let all: Vec<_> = own.into_iter().chain(imported).collect();
    told_apart(&server, "the same, with imported", &all)
}

fn told_apart(server: &Server, what: &str, names: &[String]) -> Outcome {
    let (known, unknown) = load::run(pairs(server, names))?;
    let t = welch(&known, &unknown);
    report(
        what,
        &format!(
            "|t| = {:.2} over {PAIRS} pairs, means {:.2} and {:.2} ms",
            t.abs(),
            mean(&known) * 1e3,
            mean(&unknown) * 1e3
        ),
        &format!("< {GOAL}"),
        t.abs() < GOAL,
    );
    Ok(())
}

/// Seconds of wrong passwords for names that exist, and for names that do not; which comes first alternates.
async fn pairs(server: &Server, names: &[String]) -> io::Result<(Vec<f64>, Vec<f64>)> {
    let mut client = Client::connect(server.address).await?;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for pair in 0..PAIRS {
        let name = &names[pair % names.len()];
        // As many letters, and a name of its own each time.
        let nobody = format!("no{pair:0width$}", width = name.len().max(6) - 2);
        let turns = if pair % 2 == 0 {
            [true, false]
        } else {
            [false, true]
        };
        for is_known in turns {
            let name = if is_known { name } else { &nobody };
            let took = refused(&mut client, name).await?.as_secs_f64();
            if is_known {
                known.push(took)
            } else {
                unknown.push(took)
            }
        }
    }
    Ok((known, unknown))
}

async fn refused(client: &mut Client, name: &str) -> io::Result<Duration> {
    let body = json!({"username": name, "password": "not the passphrase"});
    let began = Instant::now();
    let status = client.post("/login", &body).await?.status;
    let took = began.elapsed();
    if status == 401 {
        Ok(took)
    } else {
        Err(io::Error::other(format!("a wrong password answered {status}")))
    }
}

/// Users of other systems, a third of each scheme. Nobody knows their passwords, which is all this needs.
fn import(binary: &Path, folder: &Path) -> io::Result<Vec<String>> {
    let (mut table, mut names) = ("username,password_hash\n".to_owned(), Vec::new());
    for number in 0..USERS {
        let hash = match number % 3 {
            0 => format!("scrypt:32768:8:1$salt{number:04}$"),
            1 => format!("pbkdf2:sha256:600000$salt{number:04}$"),
            _ => format!("$2b$10$abcdefghijklmnopqrstu.{number:02}aaaaaaaaaaaaaaaaaaaaaaaaaaaau"),
        };
        let digest = match number % 3 {
            0 => "5a".repeat(64),
            1 => "5a".repeat(32),
            _ => String::new(),
        };
        let name = format!("moved{number}");
        let _ = writeln!(table, "{name},{hash}{digest}");
        names.push(name);
    }
    let file = folder.join("users.csv");
    fs::write(&file, table)?;
    let status = Command::new(binary)
        .env_clear()
        .current_dir(folder)
        .args(["users", "import", "users.csv"])
        .stdout(Stdio::null())
        .status()?;
    if status.success() {
        Ok(names)
    } else {
        Err(io::Error::other("the import refused some of its users"))
    }
}

fn mean(seconds: &[f64]) -> f64 {
    seconds.iter().sum::<f64>() / seconds.len() as f64
}

fn welch(first: &[f64], second: &[f64]) -> f64 {
    let spread = |seconds: &[f64]| {
        let mean = mean(seconds);
        let squares = seconds.iter().map(|second| (second - mean).powi(2)).sum::<f64>();
        squares / (seconds.len() - 1) as f64 / seconds.len() as f64
    };
    (mean(first) - mean(second)) / (spread(first) + spread(second)).sqrt()
}
