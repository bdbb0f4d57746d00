//! `jeton migrate`: the schema brought up to date, or a whole database moved into another.

use clap::{Arg, ArgMatches, Command};

use super::{Outcome, block_on, open_store, writing::signing};
use crate::{
    config::{Config, DatabaseUrl},
    service::machinery::clock::{Clock, SystemClock},
    store::transfer::{self, Reopened},
};

mod transferring;

pub(super) fn command() -> Command {
    let url = |name: &'static str| Arg::new(name).long(name).value_name("URL");
    Command::new("migrate")
        .about("Bring the database schema up to date and end, or move the database into another")
        .arg(
            url("from")
                .requires("to")
                .help("Move everything out of this database, which stays in use meanwhile"),
        )
        .arg(
            url("to")
                .requires("from")
                .help("The empty database to move it into"),
        )
        .arg(
            url("reopen")
                .conflicts_with("from")
                .help("Set a database free again that a move has shut"),
        )
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    let url = |name| arguments.get_one::<String>(name);
    match (url("from"), url("to"), url("reopen")) {
        (Some(from), Some(to), _) => transferring::run(from, to),
        (_, _, Some(url)) => reopen(&config.for_database(url), url),
        _ => bring_up_to_date(config),
    }
}

/// Opening the store is what brings its schema up to date.
fn bring_up_to_date(config: &Config) -> Outcome {
    block_on(async {
        let store = open_store(config).await?;
        store.close().await;
        println!("the database schema is up to date");
        Ok(())
    })?
}

fn reopen(config: &Config, url: &str) -> Outcome {
    let now = SystemClock.now().into();
    match block_on(transfer::reopen(url, now, &signing(config)))?? {
        Reopened::WasOpen => println!("the database was not shut: nothing has changed"),
        Reopened::GivenUp => {
            println!("the database is in use again, with everything in it; the move was given up");
        }
        Reopened::CameBack(restored) => {
            println!("the database is in use again, as it was when it was moved");
            super::restored::wait_out(restored)?;
        }
    }
    println!("name it in database-url: {}", DatabaseUrl::new(url.to_owned()));
    Ok(())
}
