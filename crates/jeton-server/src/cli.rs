//! The command line: `serve` when nothing else is asked for.

use std::{collections::BTreeMap, error::Error, path::Path, process::ExitCode, sync::Arc};

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::{
    config::{Config, Kind, Loaded, Sources, settings::ALL},
    model::acceptance::CLOCKS_APART,
    service::{
        context::Context,
        machinery::{
            clock::{Clock, SystemClock},
            keys::Vault,
            random::SystemRandom,
            seal::MasterKey,
        },
    },
    store::{self, Pool, Store, StoreError},
};

mod audit;
mod calibrate;
mod config;
mod descriptors;
#[cfg(test)]
mod documented;
mod input;
mod keys;
mod log;
mod migrate;
mod progress;
mod restored;
mod serve;
mod service_accounts;
mod token;
mod users;
mod writing;

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

/// What a command has of a service: nobody is told of revocations, servers read of them.
fn context(store: &Arc<dyn Store>) -> Context<'_> {
    Context {
        store,
        clock: &SystemClock,
        random: &SystemRandom,
        revocations: None,
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

/// Opens the store for a command that writes times, which other nodes heed: refused where the clock is off.
async fn open_store_in_step(config: &Config) -> Result<Arc<dyn Store>, Box<dyn Error>> {
    let store = open_store(config).await?;
    let (here, there) = (SystemClock.now(), store.database_time().await?);
    let apart = here
        .duration_since(there)
        .unwrap_or_else(|behind| behind.duration());
    if apart > CLOCKS_APART {
        let problem = format!(
            "this machine's clock is {} seconds from the database's: set it right first",
            apart.as_secs()
        );
        return Err(problem.into());
    }
    Ok(store)
}

/// The settings by which every command finds the service it is about.
const OF_EVERY_COMMAND: [&str; 2] = ["database-url", "master-key-file"];

fn command() -> Command {
    let whole = [
        Command::new("serve").about("Serve HTTP (the default)"),
        Command::new("config").about("Show every setting, its value and where it comes from"),
    ];
    let others = [
        audit::command(),
        calibrate::command(),
        keys::command(),
        migrate::command(),
        Command::new("restored")
            .about("After restoring a back-up: call back everything that was issued before"),
        service_accounts::command(),
        token::command(),
        users::command(),
    ];
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
        .after_help(secrets())
        .subcommands(whole.map(|command| command.after_help(secrets())))
        .subcommands(others.map(with_few_settings))
}

/// A command that takes every setting, and shows in its help those alone that it is about.
fn with_few_settings(command: Command) -> Command {
    let settings = settings().map(|flag| {
        let is_shown = OF_EVERY_COMMAND.contains(&flag.get_id().as_str());
        flag.hide(!is_shown).help_heading("The service it is about")
    });
    let command = command.args(settings);
    with_note(
        command,
        "Every setting of the service is taken here too: jeton --help lists them.",
    )
}

fn with_note(command: Command, note: &'static str) -> Command {
    let names: Vec<_> = command
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    names.into_iter().fold(command.after_help(note), |command, name| {
        command.mut_subcommand(name, |below| with_note(below, note))
    })
}

/// The settings that no flag takes.
fn secrets() -> String {
    let secrets = ALL.iter().filter(|setting| setting.kind == Kind::Secret);
    let lines = secrets.map(|setting| format!("  {:<29} {}", setting.variable(), setting.help));
    let lines: Vec<_> = lines.collect();
    format!(
        "Secrets, from the environment or .env alone:\n{}",
        lines.join("\n")
    )
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
