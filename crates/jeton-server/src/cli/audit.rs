use std::{
    error::Error,
    fs::OpenOptions,
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use indicatif::ProgressBar;

use super::{Outcome, block_on, open_store, progress, root, writing::Writing};
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

pub(super) fn command() -> Command {
    let head = Arg::new("head")
        .long("head")
        .alias("expect")
        .value_name("POSITION:MAC")
        .value_parser(value_parser!(Head))
        .action(ArgAction::Append)
        .help(
            "A head printed or logged earlier, which must be in the chain: shows when its end was cut off; may be repeated",
        );
    let file = Arg::new("file")
        .value_name("FILE")
        .required(true)
        .help("Where to write; - for standard output");
    Command::new("audit")
        .about("Read the audit trail and check its chain")
        .subcommand_required(true)
        .subcommand(
            Command::new("verify")
                .about("Check every event against the chain; needs the master key")
                .arg(head),
        )
        .subcommand(Command::new("upgraded").about(
            "After an upgrade one node after the other: accept the events that nodes of the version before wrote meanwhile",
        ))
        .subcommand(list::command())
        .subcommand(
            Command::new("export")
                .about("Write the whole trail and its chain as JSON lines")
                .arg(file),
        )
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    match arguments.subcommand() {
        Some(("verify", arguments)) => {
            let heads = arguments.get_many("head").unwrap_or_default();
            verify(config, &heads.copied().collect::<Vec<_>>())
        }
        Some(("upgraded", _)) => upgraded(config),
        Some(("list", arguments)) => list::run(config, arguments),
        Some(("export", arguments)) => export(config, arguments),
        _ => Ok(()),
    }
}

fn verify(config: &Config, expected: &[Head]) -> Outcome {
    let report = block_on(async {
        let store = open_store(config).await?;
        let outcome = verify_in(&*store, config, expected).await;
        store.close().await;
        outcome
    })??;
    let audit::Report {
        seals,
        events,
        forgotten,
        erased,
        unproven,
        unsealed,
        head,
    } = report;
    println!("The trail is as it was written: {events} events under {seals} seals.");
    if forgotten > 0 {
        println!("{forgotten} events were given up when their time was over.");
    }
    if erased > 0 {
        println!("The personal fields of {erased} events were erased.");
    }
    if unproven > 0 {
        println!("{unproven} events are from before events were proven one by one; the seals cover them.");
    }
    if unsealed > 0 {
        println!("{unsealed} events are not sealed yet; a running service seals them within a second.");
    }
    if let Some(head) = head {
        println!("Keep this head elsewhere and give it to --head next time:\n{head}");
    }
    Ok(())
}

async fn verify_in(
    store: &dyn Store,
    config: &Config,
    expected: &[Head],
) -> Result<audit::Report, Box<dyn Error>> {
    let chain = Chain::new(&root(config, store).await?)?;
    let bar = progress::count();
    let outcome = audit::verify(store, &chain, expected, &mut moving(&bar)).await;
    bar.finish_and_clear();
    Ok(outcome?)
}

fn upgraded(config: &Config) -> Outcome {
    let through = block_on(async {
        let store = Writing::open(config).await?;
        let through = audit::accept_unproven(&**store, Actor::CommandLine, SystemClock.now().into()).await;
        store.close().await;
        Ok::<_, Box<dyn Error>>(through?)
    })??;
    println!(
        "Events up to number {through} may be without a proof. Check the trail with jeton audit verify."
    );
    Ok(())
}

fn export(config: &Config, arguments: &ArgMatches) -> Outcome {
    let path = arguments.get_one::<String>("file").map_or("-", String::as_str);
    let mut out: Box<dyn Write + Send> = match path {
        "-" => Box::new(BufWriter::new(io::stdout())),
        path => {
            let file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)
                .map_err(|error| format!("{path}: {error}"))?;
            Box::new(BufWriter::new(file))
        }
    };
    let written = block_on(async {
        let store = open_store(config).await?;
        let bar = progress::count();
        let written = audit::export(&*store, &mut out, &mut moving(&bar)).await;
        bar.finish_and_clear();
        store.close().await;
        written
    })??;
    eprintln!("{written} events were written");
    Ok(())
}

fn moving(bar: &ProgressBar) -> impl FnMut(u64, u64) {
    move |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    }
}
