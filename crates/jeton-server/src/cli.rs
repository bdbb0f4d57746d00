//! The command line: `serve` when nothing else is asked for.

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode};

use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::{Config, Entry, Kind, Loaded, Sources, settings::ALL};

mod arguments;
mod audit;
mod calibrate;
mod clients;
mod config;
mod counted;
mod descriptors;
mod doctor;
#[cfg(test)]
mod documented;
mod input;
mod keys;
mod log;
mod migrate;
mod progress;
mod restored;
mod running;
mod serve;
mod token;
mod users;
mod writing;

use running::{Exit, Outcome};

/// JWT authentication for APIs: accounts, sessions and tokens that can be revoked
#[derive(Debug, Parser)]
#[command(name = "jeton", version)]
struct CommandLine {
    /// The configuration file [default: jeton.toml, if it is there]
    #[arg(long, value_name = "PATH", global = true, display_order = 900)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Serve HTTP (the default)
    Serve,
    /// Show every setting, its value and where it comes from
    Config,
    /// Say what the configuration lacks, and what mends it
    Doctor(doctor::Arguments),
    /// Read the audit trail and check its chain
    #[command(subcommand)]
    Audit(audit::Task),
    /// Measure password hashes on this machine and recommend settings
    Calibrate(calibrate::Arguments),
    /// See, rotate and retire the keys that sign
    #[command(subcommand)]
    Keys(keys::Task),
    /// Bring the database schema up to date and end, or move the database into another
    Migrate(migrate::Arguments),
    /// After restoring a back-up: revoke everything that was issued before
    Restored,
    /// Manage clients: programs and applications that get tokens
    #[command(subcommand, alias = "service-accounts")]
    Clients(clients::Task),
    /// Look at tokens
    #[command(subcommand)]
    Token(token::Task),
    /// Manage accounts
    #[command(subcommand)]
    Users(users::Task),
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
    let line = CommandLine::from_arg_matches(matches)?;
    let sources = Sources::read(flags(matches), line.config.as_deref())?;
    let loaded = Loaded::from_sources(&sources)?;
    let config = || Config::from_loaded(&loaded);
    match line.task.unwrap_or(Task::Serve) {
        Task::Serve => serve::run(config()?),
        Task::Config => config::show(&loaded),
        Task::Doctor(arguments) => doctor::run(&config()?, arguments),
        Task::Audit(task) => audit::run(&config()?, task),
        Task::Calibrate(arguments) => calibrate::run(&config()?, &arguments),
        Task::Keys(task) => keys::run(&config()?, &task),
        Task::Migrate(arguments) => migrate::run(&config()?, &arguments),
        Task::Restored => restored::run(&config()?),
        Task::Clients(task) => clients::run(&config()?, task),
        Task::Token(task) => token::run(&config()?, &task),
        Task::Users(task) => users::run(&config()?, task),
    }
}

/// The settings by which every command finds the service it is about.
const OF_EVERY_COMMAND: [&str; 2] = ["database-url", "master-key-file"];

/// The commands with their arguments, and a flag for every setting.
fn command() -> Command {
    CommandLine::command()
        .args(settings())
        .after_help(secrets())
        .mut_subcommands(|command| match command.get_name() {
            "serve" | "config" => command.after_help(secrets()),
            _ => with_few_settings(command),
        })
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
    command
        .arg_required_else_help(false)
        .after_help(note)
        .mut_subcommands(|below| with_note(below, note))
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

/// The settings that are no secrets.
fn open_settings() -> impl Iterator<Item = &'static Entry> {
    ALL.iter().filter(|setting| setting.kind != Kind::Secret)
}

fn settings() -> impl Iterator<Item = Arg> {
    open_settings().map(|setting| {
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

/// The settings that were given as flags, before the command or behind it.
fn flags(matches: &ArgMatches) -> BTreeMap<String, String> {
    let below = matches.subcommand().map(|(_, below)| below);
    let given = |setting: &Entry| {
        let places = below.into_iter().chain([matches]);
        let mut values = places.filter_map(|matches| matches.get_one::<String>(setting.name));
        Some((setting.name.to_owned(), values.next()?.clone()))
    };
    open_settings().filter_map(given).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_well_formed() {
        super::command().debug_assert();
    }
}
