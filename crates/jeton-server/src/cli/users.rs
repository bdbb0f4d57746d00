//! `jeton users`: what administrators do over HTTP, for whoever has the machine. A running server knows of it at once.

use std::{error::Error, sync::Arc};

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{Outcome, block_on, context, open_store, writing::Writing};
use crate::{
    config::Config,
    model::{audit::Actor, id::UserId, user::User, username::UsernameKey},
    service::{
        accounts::admin::{AdminError, Administration},
        machinery::hasher::Hasher,
    },
    store::Store,
};

mod change;
mod create;
mod delete;
mod import;
mod list;
mod output;
mod passwords;
mod sessions;

pub(super) fn command() -> Command {
    Command::new("users")
        .about("Manage accounts")
        .subcommand_required(true)
        .subcommand(create::command())
        .subcommand(import::command())
        .subcommand(list::list_command())
        .subcommand(list::show_command())
        .subcommand(change::set_command())
        .subcommand(change::disable_command())
        .subcommand(change::enable_command())
        .subcommand(delete::command())
        .subcommand(passwords::reset_command())
        .subcommand(passwords::unlock_command())
        .subcommand(sessions::list_command())
        .subcommand(sessions::revoke_command())
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    let Some((name, arguments)) = arguments.subcommand() else {
        return Ok(());
    };
    let call = Call { config, arguments };
    match name {
        "create" => create::run(&call),
        "import" => import::run(config, arguments),
        "list" => list::list(&call),
        "show" => list::show(&call),
        "set" => change::set(&call),
        "disable" => change::switch(&call, true),
        "enable" => change::switch(&call, false),
        "delete" => delete::run(&call),
        "reset-password" => passwords::reset(&call),
        "unlock" => passwords::unlock(&call),
        "sessions" => sessions::list(&call),
        "revoke" => sessions::revoke(&call),
        _ => Ok(()),
    }
}

/// A command somebody typed.
struct Call<'a> {
    config: &'a Config,
    arguments: &'a ArgMatches,
}

impl Call<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.arguments.get_one::<String>(name).map(String::as_str)
    }

    fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.arguments
            .get_many::<String>(name)
            .unwrap_or_default()
            .map(String::as_str)
    }

    fn flag(&self, name: &str) -> bool {
        self.arguments
            .try_get_one::<bool>(name)
            .ok()
            .flatten()
            .copied()
            .unwrap_or_default()
    }

    /// Does something on the database, in the name of the command line.
    fn administrate(&self, work: impl AsyncFnOnce(&Administration<'_>) -> Outcome) -> Outcome {
        block_on(async {
            let store = Writing::open(self.config).await?;
            let outcome = self.work(&store, work).await;
            store.close().await;
            outcome
        })?
    }

    /// Looks something up, which takes no master key.
    fn look(&self, work: impl AsyncFnOnce(&Administration<'_>) -> Outcome) -> Outcome {
        block_on(async {
            let store = open_store(self.config).await?;
            let outcome = self.work(&store, work).await;
            store.close().await;
            outcome
        })?
    }

    async fn work(
        &self,
        store: &Arc<dyn Store>,
        work: impl AsyncFnOnce(&Administration<'_>) -> Outcome,
    ) -> Outcome {
        // Nothing is checked here: no decoy is drawn.
        let hasher = Hasher::new(self.config.cost, &[0; 32])?;
        let administration = Administration {
            context: context(store),
            hasher: &hasher,
            by: Actor::CommandLine,
            may_take_last_admin: self.flag("force"),
            issuer: &self.config.rules.issuer,
        };
        work(&administration).await.map_err(explained)
    }

    /// The user the command is about, by name or id.
    async fn user(&self, administration: &Administration<'_>) -> Result<User, Box<dyn Error>> {
        let text = self.text("user").unwrap_or_default();
        if let Ok(id) = text.parse::<UserId>() {
            match administration.find(id).await {
                Err(AdminError::UserNotFound) => {}
                found => return Ok(found?),
            }
        }
        let name = UsernameKey::parse(text).map_err(|_| AdminError::UserNotFound)?;
        Ok(administration.find_by_name(&name).await?)
    }
}

/// Says what else there is to do here.
fn explained(error: Box<dyn Error>) -> Box<dyn Error> {
    match error.downcast_ref() {
        Some(AdminError::LastAdmin) => format!("{error}; --force does it all the same").into(),
        _ => error,
    }
}

/// The user a command is about.
fn user() -> Arg {
    Arg::new("user")
        .value_name("NAME|ID")
        .required(true)
        .help("The username or the user's id")
}

fn json() -> Arg {
    switch("json", "Print JSON, one object a line")
}

fn force() -> Arg {
    switch("force", "Even if this is the last administrator")
}

fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn role() -> Arg {
    Arg::new("role")
        .long("role")
        .value_name("ROLE")
        .action(ArgAction::Append)
}

fn claims() -> Arg {
    Arg::new("claims")
        .long("claims")
        .value_name("JSON")
        .help("An object whose members go into the user's access tokens")
}

fn email() -> Arg {
    Arg::new("email")
        .long("email")
        .value_name("ADDRESS")
        .help("The e-mail address")
}
