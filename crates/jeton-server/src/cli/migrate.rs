//! `jeton migrate`: the schema brought up to date, or a whole database moved into another.

use clap::Args;

use super::{
    running::{Outcome, block_on, reading},
    writing::signing,
};
use crate::{
    config::{Config, DatabaseUrl},
    service::machinery::clock::{Clock, SystemClock},
    store::transfer::{self, Reopened},
};

mod transferring;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Move everything out of this database, which stays in use meanwhile
    #[arg(long, value_name = "URL", requires = "to")]
    from: Option<String>,
    /// The empty database to move it into
    #[arg(long, value_name = "URL", requires = "from")]
    to: Option<String>,
    /// Set a database free again that a move has shut
    #[arg(long, value_name = "URL", conflicts_with = "from")]
    reopen: Option<String>,
}

pub(super) fn run(config: &Config, Arguments { from, to, reopen }: &Arguments) -> Outcome {
    match (from, to, reopen) {
        (Some(from), Some(to), _) => transferring::run(from, to),
        (_, _, Some(url)) => set_free(&config.for_database(url), url),
        (_, _, None) => bring_up_to_date(config),
    }
}

/// Opening the store is what brings its schema up to date.
fn bring_up_to_date(config: &Config) -> Outcome {
    reading(config, async |_| Ok(()))?;
    println!("the database schema is up to date");
    Ok(())
}

fn set_free(config: &Config, url: &str) -> Outcome {
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
