//! `jeton keys`: which keys there are, and how one takes the place of another. A running server heeds it within the
//! second.

use std::{error::Error, sync::Arc};

use clap::{Arg, ArgAction, ArgMatches, Command};
use jeton::Algorithm;

use super::{Outcome, block_on, context, open_store, writing::Writing};
use crate::{
    config::Config,
    model::{audit::Actor, key::Purpose},
    service::{
        keys::KeyAdministration,
        machinery::{keys::Vault, random::SystemRandom},
    },
    store::Store,
};

mod file;
mod output;
mod rotate;

pub(super) fn command() -> Command {
    let file = Arg::new("file")
        .value_name("FILE")
        .required(true)
        .help("A private key in PEM or as a JWK, or a secret as a JWK; - reads standard input");
    let kid = Arg::new("kid")
        .value_name("KID")
        .required(true)
        .help("The key's name");
    Command::new("keys")
        .about("See, rotate and retire the keys that sign")
        .subcommand_required(true)
        .subcommand(
            Command::new("list")
                .about("List the keys, the newest first")
                .arg(json("JSON, one object a line")),
        )
        .subcommand(rotate::arguments(
            Command::new("rotate").about("Put a new key in the place of the one that signs"),
            "The new key's algorithm [default: that of the key it replaces]",
        ))
        .subcommand(
            rotate::arguments(
                Command::new("import").about("Put a key that was made elsewhere in the place of the one that signs"),
                "Its algorithm, where the file does not say",
            )
            .arg(file),
        )
        .subcommand(
            Command::new("retire")
                .about("Accept what a key signed no longer, or give up one that does not sign yet")
                .arg(kid)
                .arg(yes()),
        )
        .subcommand(Command::new("reseal").about(
            "Put every key under the new master key, JETON_MASTER_KEY; JETON_MASTER_KEY_PREVIOUS is the one before",
        ))
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    let Some((name, arguments)) = arguments.subcommand() else {
        return Ok(());
    };
    block_on(async {
        let call = Call { config, arguments };
        if name == "list" {
            let store = open_store(config).await?;
            let outcome = list(&call, &administration(config, &store)).await;
            store.close().await;
            return outcome;
        }
        let store = Writing::open(config).await?;
        let administration = administration(config, &store);
        let outcome = match name {
            "rotate" => rotate::rotate(&call, &administration).await,
            "import" => rotate::import(&call, &administration).await,
            "retire" => rotate::retire(&call, &administration).await,
            _ => reseal(&call, &administration).await,
        };
        store.close().await;
        outcome
    })?
}

fn administration<'a>(config: &'a Config, store: &'a Arc<dyn Store>) -> KeyAdministration<'a> {
    KeyAdministration {
        context: context(store),
        rules: &config.rules,
        has_secret: config.secrets.current.is_some(),
        by: Actor::CommandLine,
    }
}

/// A command somebody typed.
struct Call<'a> {
    config: &'a Config,
    arguments: &'a ArgMatches,
}

impl Call<'_> {
    fn text(&self, name: &str) -> &str {
        self.arguments.get_one::<String>(name).map_or("", String::as_str)
    }

    fn purpose(&self) -> Purpose {
        self.arguments
            .get_one("purpose")
            .copied()
            .unwrap_or(Purpose::Access)
    }

    fn algorithm(&self) -> Option<Algorithm> {
        self.arguments.get_one("algorithm").copied()
    }

    fn vault(&self) -> Result<Vault, Box<dyn Error>> {
        Ok(Vault::new(self.config.master_keys(true, &SystemRandom)?)?)
    }
}

async fn list(call: &Call<'_>, administration: &KeyAdministration<'_>) -> Outcome {
    for (key, phase) in administration.list().await? {
        output::key(&key, phase, call.arguments.get_flag("json"));
    }
    if administration.has_secret {
        eprintln!("Access tokens are signed with JWT_SECRET, and with none of these.");
    }
    Ok(())
}

async fn reseal(call: &Call<'_>, administration: &KeyAdministration<'_>) -> Outcome {
    let resealed = administration.reseal(&call.vault()?).await?;
    match resealed {
        0 => println!("every key was under this master key already"),
        1 => println!("1 key is under the new master key now"),
        keys => println!("{keys} keys are under the new master key now"),
    }
    Ok(())
}

fn json(help: &'static str) -> Arg {
    Arg::new("json")
        .long("json")
        .action(ArgAction::SetTrue)
        .help(help)
}

fn yes() -> Arg {
    Arg::new("yes")
        .long("yes")
        .action(ArgAction::SetTrue)
        .help("Do not ask")
}
