//! `jeton migrate --from … --to …`: a move, told as it goes.

use std::{fmt::Write, time::Instant};

use crate::{
    cli::{
        counted::counted,
        progress,
        running::{Outcome, block_on},
    },
    model::hex,
    store::transfer::{self, Progress, Report, Stage},
};

pub(super) fn run(from: &str, to: &str) -> Outcome {
    let bar = progress::count();
    let mut read_only_since = None;
    let mut watch = |progress| match progress {
        Progress::Begins(stage, rows) => {
            bar.set_position(0);
            bar.set_length(rows);
            if stage == Stage::Finishing {
                read_only_since = Some(Instant::now());
            }
            bar.suspend(|| eprintln!("{}", announcement(stage)));
        }
        Progress::Rows(rows) => bar.inc(rows),
    };
    let moved = block_on(transfer::transfer(from, to, &mut watch));
    bar.finish_and_clear();
    let report = moved??;
    let read_only = read_only_since.map(|since| since.elapsed()).unwrap_or_default();
    println!("{}", told(&report));
    println!(
        "The source was read-only for {:.1} s, and is marked as moved: no server starts on it any more. Name the new \
         database in database-url, with the same master key, and start the service.",
        read_only.as_secs_f64()
    );
    Ok(())
}

const fn announcement(stage: Stage) -> &'static str {
    match stage {
        Stage::Copying => "Copying; the source stays in use.",
        Stage::CatchingUp => "Copying what has changed meanwhile.",
        Stage::Finishing => {
            "From here on the source takes nothing new: what writes gets 503 with Retry-After, and access tokens are \
             checked as before. If this is interrupted, run it again to finish, or run `jeton migrate --reopen` with \
             the source's URL to stay there."
        }
    }
}

fn told(report: &Report) -> String {
    let mut text = format!("{}\n→ {}\n", report.from, report.to);
    for moved in &report.tables {
        // Writing to a text cannot fail.
        let _ = writeln!(
            text,
            "{:<18}{:>17}  sha256 {}",
            moved.table,
            counted(moved.rows, "row ", "rows"),
            hex::encode(&moved.hash)
        );
    }
    text.push_str("Both sides have the same rows and the same hashes.");
    text
}
