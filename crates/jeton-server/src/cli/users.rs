use std::io::Read;

use clap::{Arg, ArgAction, ArgMatches, Command};
use zeroize::Zeroizing;

use super::{Outcome, block_on};
use crate::{
    config::Config,
    model::{
        audit::Actor,
        password::{NewPassword, Password},
        role::Role,
        username::Username,
    },
    service::{
        clock::SystemClock,
        hasher::Hasher,
        random::SystemRandom,
        register::{Accounts, Maker, Registration},
    },
    store,
};

mod import;

pub(super) fn command() -> Command {
    let create = Command::new("create")
        .about("Make an account")
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .required(true)
                .help("The username"),
        )
        .arg(
            Arg::new("role")
                .long("role")
                .value_name("ROLE")
                .action(ArgAction::Append)
                .help("A role; may be repeated"),
        )
        .arg(
            Arg::new("email")
                .long("email")
                .value_name("ADDRESS")
                .help("The e-mail address"),
        )
        .arg(
            Arg::new("password-stdin")
                .long("password-stdin")
                .action(ArgAction::SetTrue)
                .required(true)
                .help("Read the password from standard input: an argument would show in the process list"),
        );
    Command::new("users")
        .about("Manage accounts")
        .subcommand_required(true)
        .subcommand(create)
        .subcommand(import::command())
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    match arguments.subcommand() {
        Some(("create", arguments)) => create(config, arguments),
        Some(("import", arguments)) => import::run(config, arguments),
        _ => Ok(()),
    }
}

fn create(config: &Config, arguments: &ArgMatches) -> Outcome {
    let username = arguments.get_one::<String>("name").map_or("", String::as_str);
    let registration = Registration {
        username: Username::parse(username)?,
        email: arguments
            .get_one::<String>("email")
            .map(|text| text.parse())
            .transpose()?,
        password: NewPassword::choose(password_from_stdin()?, config.rules.password_min_chars)?,
    };
    let roles = arguments.get_many::<String>("role").unwrap_or_default();
    let roles = roles.map(|name| name.parse()).collect::<Result<Vec<Role>, _>>()?;
    // Nothing is checked here: no decoy is drawn.
    let hasher = Hasher::new(config.cost, &[0; 32])?;
    block_on(async {
        let store = store::open(&config.database_url).await?;
        let accounts = Accounts {
            store: &*store,
            hasher: &hasher,
            clock: &SystemClock,
            random: &SystemRandom,
        };
        let created = accounts
            .create(registration, roles, Maker::Other(Actor::CommandLine))
            .await;
        store.close().await;
        let user = created?;
        println!("{} {}", user.id, user.username);
        Ok(())
    })?
}

/// All of standard input, without the end of its last line.
fn password_from_stdin() -> std::io::Result<Password> {
    let mut text = Zeroizing::new(String::new());
    std::io::stdin().read_to_string(&mut text)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Ok(Password::presented(line.to_owned()))
}
