//! The command line: `serve` when nothing else is asked for.

use std::{collections::BTreeMap, error::Error, path::Path, process::ExitCode, sync::Arc};

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::{
    config::{
        Config, Loaded, Sources,
        settings::{ALL, Kind},
    },
    service::{keys::Vault, random::SystemRandom, seal::MasterKey},
    store::{self, Pool, Store, StoreError},
};

mod audit;
mod calibrate;
mod config;
mod keys;
mod log;
mod migrate;
mod progress;
mod restored;
mod serve;
mod service_accounts;
mod token;
mod upkeep;
mod users;

/// What a command ends with when it does not end well: a sentence for whoever typed it.
type Outcome = Result<(), Box<dyn Error>>;

/// The end of a command that scripts tell apart from other ends.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Exit {
    code: u8,
    message: String,
}

/// Reads the command line and does what it says.
#[must_use]
pub fn run() -> ExitCode {
    let matches = command().get_matches();
    match dispatch(&matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("jeton: {error}");
            error
                .downcast_ref::<Exit>()
                .map_or(ExitCode::FAILURE, |exit| exit.code.into())
        }
    }
}

fn dispatch(matches: &ArgMatches) -> Outcome {
    let (name, arguments) = matches.subcommand().unwrap_or(("serve", matches));
    let loaded = load(matches, arguments)?;
    match name {
        "audit" => audit::run(&Config::from_loaded(&loaded)?, arguments),
        "calibrate" => calibrate::run(&Config::from_loaded(&loaded)?, arguments),
        "config" => config::show(&loaded),
        "keys" => keys::run(&Config::from_loaded(&loaded)?, arguments),
        "migrate" => migrate::run(&Config::from_loaded(&loaded)?, arguments),
        "restored" => restored::run(&Config::from_loaded(&loaded)?),
        "service-accounts" => service_accounts::run(&Config::from_loaded(&loaded)?, arguments),
        "token" => token::run(&Config::from_loaded(&loaded)?, arguments),
        "users" => users::run(&Config::from_loaded(&loaded)?, arguments),
        _ => serve::run(Config::from_loaded(&loaded)?),
    }
}

/// The database the settings name, with what they let it take.
async fn open_store(config: &Config) -> Result<Arc<dyn Store>, StoreError> {
    let pool = Pool {
        connections: config.database_connections,
        timeout: config.database_timeout,
    };
    store::open_with(&config.database_url, &pool).await
}

fn command() -> Command {
    Command::new("jeton")
        .about("JWT authentication for APIs: accounts, sessions and tokens that can be called back")
        .version(env!("CARGO_PKG_VERSION"))
        .args(settings())
        .arg(
            Arg::new("config")
                .long("config")
                .value_name("PATH")
                .global(true)
                .help("The configuration file [default: jeton.toml, if it is there]"),
        )
        .subcommand(Command::new("serve").about("Serve HTTP (the default)"))
        .subcommand(Command::new("config").about("Show every setting, its value and where it comes from"))
        .subcommand(audit::command())
        .subcommand(calibrate::command())
        .subcommand(keys::command())
        .subcommand(migrate::command())
        .subcommand(
            Command::new("restored")
                .about("After restoring a back-up: call back everything that was issued before"),
        )
        .subcommand(service_accounts::command())
        .subcommand(token::command())
        .subcommand(users::command())
}

/// A flag for every setting that is no secret.
fn settings() -> impl Iterator<Item = Arg> {
    ALL.iter()
        .filter(|setting| setting.kind != Kind::Secret)
        .map(|setting| {
            let default = setting.default.filter(|_| setting.kind != Kind::Switch);
            let default = default.map_or_else(String::new, |value| format!(" [default: {value}]"));
            let flag = Arg::new(setting.name)
                .long(setting.name)
                .value_name(setting.value)
                .help(format!("{}{default} [{}]", setting.help, setting.variable()))
                .global(true)
                .action(ArgAction::Set);
            if setting.kind == Kind::Switch {
                flag.num_args(0..=1)
                    .require_equals(true)
                    .default_missing_value("true")
            } else {
                flag
            }
        })
}

fn load(matches: &ArgMatches, arguments: &ArgMatches) -> Result<Loaded, Box<dyn Error>> {
    let mut flags = BTreeMap::new();
    for setting in ALL.iter().filter(|setting| setting.kind != Kind::Secret) {
        let given = [arguments, matches]
            .into_iter()
            .find_map(|matches| matches.get_one::<String>(setting.name));
        if let Some(value) = given {
            flags.insert(setting.name.to_owned(), value.clone());
        }
    }
    let file = matches.get_one::<String>("config").map(Path::new);
    Ok(Loaded::from_sources(&Sources::read(flags, file)?)?)
}

/// A runtime for a command that works and ends.
fn block_on<T>(work: impl Future<Output = T>) -> std::io::Result<T> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work))
}

/// What the secrets are derived from that are kept nowhere.
async fn root(config: &Config, store: &dyn Store) -> Result<MasterKey, Box<dyn Error>> {
    let vault = Vault::new(config.master_keys(true, &SystemRandom)?)?;
    Ok(vault.root(&store.keys().await?)?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_well_formed() {
        super::command().debug_assert();
    }
}
