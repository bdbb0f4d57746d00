//! This binary beside another, such as that of an earlier commit: the two in turn, round by round, on the same machine.
//! A ratio above one is this binary's gain.

use std::{
    io,
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    Outcome, checks,
    load::{self, median},
    logins, refresh,
    server::{CHEAP, Server, UNLIMITED},
    servers, start, users,
};

const STARTS: usize = 21;
const IDLES: usize = 5;
/// Of a quarter of a second: the cost of a request is counted, not timed.
const CHECKS: usize = 40;
/// Of three seconds.
const ROUNDS: usize = 11;

pub fn measure(binary: &Path, other: &Path) -> Outcome {
    let binaries = [binary, other];
    starts(binaries)?;
    routes(binaries)?;
    writes(binaries, "on SQLite", [&[], &[]])?;
    let (one, another) = (servers::postgres(true), servers::postgres(true));
    let settings = [one.url(), another.url()].map(|url| ["--database-url", url]);
    writes(
        binaries,
        "on PostgreSQL",
        settings.each_ref().map(|pair| &pair[..]),
    )
}

fn starts(binaries: [&Path; 2]) -> Outcome {
    let folders = [tempfile::tempdir()?, tempfile::tempdir()?];
    for (binary, folder) in binaries.iter().zip(&folders) {
        // Makes the database and the keys.
        start::start(binary, folder.path())?;
    }
    compare("start, ms", Best::Less, STARTS, |which| {
        let took = start::start(binaries[which], folders[which].path())?;
        Ok(took.as_secs_f64() * 1e3)
    })?;
    compare("resident when idle, MiB", Best::Less, IDLES, |which| {
        let kib = start::idle(binaries[which], folders[which].path())?;
        Ok(kib as f64 / 1024.0)
    })
}

/// Compares the server's work for a request of each route, in microseconds.
fn routes(binaries: [&Path; 2]) -> Outcome {
    let both = Both::start(binaries, [&[], &[]])?;
    let mut tokens = Vec::new();
    for server in &both.servers {
        tokens.push(load::run(checks::tokens(server.address))?);
    }
    for path in [checks::UNCHECKED]
        .into_iter()
        .chain(checks::CHECKED)
        .chain([checks::PROFILE])
    {
        compare(&format!("{path}, µs"), Best::Less, CHECKS, |which| {
            let round = checks::round(&both.servers[which], path, &tokens[which])?;
            Ok(round.cost)
        })?;
    }
    Ok(())
}

/// Refreshes and sign-ins a second, with a password hash that costs next to nothing.
fn writes(binaries: [&Path; 2], place: &str, settings: [&[&str]; 2]) -> Outcome {
    let both = Both::start(binaries, settings)?;
    let names = (0..refresh::CONNECTIONS).map(|number| format!("user{number}"));
    let names: Vec<String> = names.collect();
    for server in &both.servers {
        load::run(users::register(server.address, names.iter().cloned()))?;
    }
    compare(&format!("refreshes {place}"), Best::More, ROUNDS, |which| {
        both.all_sealed()?;
        Ok(load::run(refresh::refreshes(&[&both.servers[which]], &names))?.0)
    })?;
    compare(&format!("sign-ins {place}"), Best::More, ROUNDS, |which| {
        both.all_sealed()?;
        load::run(logins::sign_ins(&both.servers[which], &names))
    })
}

/// A server of each binary, in folders of their own.
struct Both {
    servers: [Server; 2],
    _folders: [tempfile::TempDir; 2],
}

impl Both {
    fn start(binaries: [&Path; 2], settings: [&[&str]; 2]) -> io::Result<Self> {
        let folders = [tempfile::tempdir()?, tempfile::tempdir()?];
        let start = |which: usize| {
            let settings = [settings[which], &UNLIMITED, &CHEAP].concat();
            Server::started(binaries[which], folders[which].path(), &settings)
        };
        Ok(Self {
            servers: [start(0)?, start(1)?],
            _folders: folders,
        })
    }

    /// Waits until neither has anything left to seal: what one wrote in its round, it seals in that of the other.
    fn all_sealed(&self) -> io::Result<()> {
        self.servers
            .iter()
            .try_for_each(|server| server.sealed(Duration::from_secs(60)))
    }
}

#[derive(Clone, Copy)]
enum Best {
    Less,
    More,
}

/// Takes a figure of each in turn, beginning with the one and with the other, and reports the medians and that of
/// the rounds' ratios.
fn compare(
    what: &str,
    best: Best,
    rounds: usize,
    mut figure: impl FnMut(usize) -> io::Result<f64>,
) -> Outcome {
    let began = Instant::now();
    let (mut ours, mut theirs, mut ratios) = (vec![], vec![], vec![]);
    for round in 0..rounds {
        let mut figures = [0.0; 2];
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        for which in order {
            figures[which] = figure(which)?;
        }
        let [this, other] = figures;
        ours.push(this);
        theirs.push(other);
        ratios.push(match best {
            Best::Less => other / this,
            Best::More => this / other,
        });
    }
    println!(
        "{what:<28}{:>9.1}, the other's {:>9.1}: {:.3} × (median of {rounds}, {:.0?})",
        median(&mut ours),
        median(&mut theirs),
        median(&mut ratios),
        began.elapsed(),
    );
    Ok(())
}
