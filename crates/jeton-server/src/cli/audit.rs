use std::{
    error::Error,
    fs::OpenOptions,
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
};

use clap::{Arg, ArgMatches, Command, value_parser};
use indicatif::ProgressBar;

use super::{Outcome, block_on, open_store, progress, root};
use crate::{
    config::Config,
    model::audit::Head,
    service::audit::{self, Chain},
    store::Store,
};

mod list;

pub(super) fn command() -> Command {
    let expect = Arg::new("expect")
        .long("expect")
        .value_name("POSITION:MAC")
        .value_parser(value_parser!(Head))
        .help("A head printed earlier, which must be in the chain: shows when its end was cut off");
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
                .arg(expect),
        )
        .subcommand(list::command())
        .subcommand(
            Command::new("export")
                .about("Write the whole trail and its chain as JSON lines")
                .arg(file),
        )
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    match arguments.subcommand() {
        Some(("verify", arguments)) => verify(config, arguments.get_one("expect").copied()),
        Some(("list", arguments)) => list::run(config, arguments),
        Some(("export", arguments)) => export(config, arguments),
        _ => Ok(()),
    }
}

fn verify(config: &Config, expected: Option<Head>) -> Outcome {
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
    if unsealed > 0 {
        println!("{unsealed} events are not sealed yet; a running service seals them within a second.");
    }
    if let Some(head) = head {
        println!("Keep this head elsewhere and give it to --expect next time:\n{head}");
    }
    Ok(())
}

async fn verify_in(
    store: &dyn Store,
    config: &Config,
    expected: Option<Head>,
) -> Result<audit::Report, Box<dyn Error>> {
    let chain = Chain::new(&root(config, store).await?)?;
    let bar = progress::count();
    let outcome = audit::verify(store, &chain, expected, &mut moving(&bar)).await;
    bar.finish_and_clear();
    Ok(outcome?)
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
