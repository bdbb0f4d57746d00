use std::{
    fs::OpenOptions,
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
};

use clap::Subcommand;
use indicatif::ProgressBar;

use super::{
    counted::counted,
    progress,
    running::{Outcome, reading, root},
    writing::writing,
};
use crate::{
    config::Config,
    model::audit::{Actor, Head},
    service::{
        audit::{self, Chain},
        machinery::clock::{Clock, SystemClock},
    },
    store::Store,
};

mod list;

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Check every event against the chain; needs the master key
    Verify {
        /// A head printed or logged earlier, which must be in the chain: shows when its end was cut off; may be repeated
        #[arg(long, alias = "expect", value_name = "POSITION:MAC")]
        head: Vec<Head>,
    },
    /// After an upgrade one node after the other: accept the events that nodes of the version before wrote meanwhile
    Upgraded,
    /// Show what happened, the newest last
    List(list::Arguments),
    /// Write the whole trail and its chain as JSON lines
    Export {
        /// Where to write; - for standard output
        file: String,
    },
}

pub(super) fn run(config: &Config, task: Task) -> Outcome {
    match task {
        Task::Verify { head } => verify(config, &head),
        Task::Upgraded => upgraded(config),
        Task::List(arguments) => list::run(config, &arguments),
        Task::Export { file } => export(config, &file),
    }
}

fn verify(config: &Config, expected: &[Head]) -> Outcome {
    let report = reading(config, async |store| verify_in(&**store, config, expected).await)?;
    let audit::Report {
        seals,
        events,
        forgotten,
        erased,
        unproven,
        unsealed,
        head,
    } = report;
    println!(
        "The trail is as it was written: {} under {}.",
        counted(events, "event", "events"),
        counted(seals, "seal", "seals"),
    );
    if forgotten > 0 {
        let events = counted(forgotten, "event was", "events were");
        println!("{events} given up when their time was over.");
    }
    if erased > 0 {
        let events = counted(erased, "event", "events");
        println!("The personal fields of {events} were erased.");
    }
    if unproven > 0 {
        let events = counted(unproven, "event is", "events are");
        println!("{events} from before each event was proven by itself; the seals cover what was before.");
    }
    if unsealed > 0 {
        let events = counted(unsealed, "event is", "events are");
        println!("{events} not sealed yet; a running service seals within a second.");
    }
    if let Some(head) = head {
        println!("Keep this head elsewhere and give it to --head next time:\n{head}");
    }
    Ok(())
}

async fn verify_in(store: &dyn Store, config: &Config, expected: &[Head]) -> Outcome<audit::Report> {
    let chain = Chain::new(&root(config, store).await?)?;
    let bar = progress::count();
    let outcome = audit::verify(store, &chain, expected, &mut moving(&bar)).await;
    bar.finish_and_clear();
    Ok(outcome?)
}

fn upgraded(config: &Config) -> Outcome {
    let through = writing(config, async |store| {
        let now = SystemClock.now().into();
        Ok(audit::accept_unproven(&**store, Actor::CommandLine, now).await?)
    })?;
    println!(
        "Events up to number {through} may be without a proof. Check the trail with jeton audit verify."
    );
    Ok(())
}

fn export(config: &Config, path: &str) -> Outcome {
    let mut out: Box<dyn Write + Send> = if path == "-" {
        Box::new(BufWriter::new(io::stdout()))
    } else {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|error| format!("{path}: {error}"))?;
        Box::new(BufWriter::new(file))
    };
    let written = reading(config, async |store| {
        let bar = progress::count();
        let written = audit::export(&**store, &mut out, &mut moving(&bar)).await;
        bar.finish_and_clear();
        Ok(written?)
    })?;
    eprintln!("{} written", counted(written, "event was", "events were"));
    Ok(())
}

fn moving(bar: &ProgressBar) -> impl FnMut(u64, u64) {
    move |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    }
}
