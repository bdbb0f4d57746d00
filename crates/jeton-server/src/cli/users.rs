//! `jeton users`: what administrators do over HTTP, for whoever has the machine. A running server knows of it at once.

use std::{error::Error, sync::Arc};

use clap::{Args, Subcommand};

use super::{Outcome, arguments::Json, context, reading, writing::writing};
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

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Make an account; without a password, with a code that sets one
    Create(create::Arguments),
    #[command(about = import::ABOUT, long_about = import::LONG_ABOUT)]
    Import(import::Arguments),
    /// List accounts in the order in which they were made
    List(list::Arguments),
    /// Show an account
    Show(Shown),
    /// Change an account's roles, claims or e-mail address
    Set(change::Arguments),
    /// End a user's sessions and let them sign in no more
    Disable {
        #[command(flatten)]
        shown: Shown,
        #[command(flatten)]
        force: Force,
    },
    /// Let a disabled user sign in again
    Enable(Shown),
    /// Erase an account, its sessions, and what the audit trail holds of the person
    Delete(delete::Arguments),
    /// Make a code with which a user sets a new password: once, within 24 hours
    ResetPassword(passwords::Reset),
    /// Forget failures to sign in as a user; needs the master key
    Unlock(Named),
    /// List where a user is signed in
    Sessions(Shown),
    /// End a user's sessions; their tokens are refused from now on
    Revoke(sessions::Revoke),
}

pub(super) fn run(config: &Config, task: Task) -> Outcome {
    match task {
        Task::Create(arguments) => create::run(config, arguments),
        Task::Import(arguments) => import::run(config, &arguments),
        Task::List(arguments) => list::list(config, &arguments),
        Task::Show(shown) => list::show(config, &shown),
        Task::Set(arguments) => change::set(config, arguments),
        Task::Disable { shown, force } => change::switch(config, &shown, force, true),
        Task::Enable(shown) => change::switch(config, &shown, Force::default(), false),
        Task::Delete(arguments) => delete::run(config, &arguments),
        Task::ResetPassword(arguments) => passwords::reset(config, &arguments),
        Task::Unlock(named) => passwords::unlock(config, &named),
        Task::Sessions(shown) => sessions::list(config, &shown),
        Task::Revoke(arguments) => sessions::revoke(config, &arguments),
    }
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// The username or the user's id
    #[arg(value_name = "NAME|ID")]
    user: String,
}

#[derive(Debug, Args)]
pub(super) struct Shown {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    output: Json,
}

#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct Force {
    /// Even if this is the last administrator
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Args)]
struct Attributes {
    /// An object whose members go into the user's access tokens
    #[arg(long, value_name = "JSON")]
    claims: Option<String>,
    /// The e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
}

impl Named {
    /// The user of this name or id.
    async fn find(&self, administration: &Administration<'_>) -> Outcome<User> {
        if let Ok(id) = self.user.parse::<UserId>() {
            match administration.find(id).await {
                Err(AdminError::UserNotFound) => {}
                found => return Ok(found?),
            }
        }
        let name = UsernameKey::parse(&self.user).map_err(|_| AdminError::UserNotFound)?;
        Ok(administration.find_by_name(&name).await?)
    }
}

/// Does something on the database, in the name of the command line.
fn administrate(
    config: &Config,
    force: Force,
    work: impl AsyncFnOnce(&Administration<'_>) -> Outcome,
) -> Outcome {
    writing(config, async |store| {
        with_administration(config, store, force, work).await
    })
}

/// Looks something up, which takes no master key.
fn look(config: &Config, work: impl AsyncFnOnce(&Administration<'_>) -> Outcome) -> Outcome {
    reading(config, async |store| {
        with_administration(config, store, Force::default(), work).await
    })
}

async fn with_administration(
    config: &Config,
    store: &Arc<dyn Store>,
    Force { force }: Force,
    work: impl AsyncFnOnce(&Administration<'_>) -> Outcome,
) -> Outcome {
    // Nothing is checked here: no decoy is drawn.
    let hasher = Hasher::new(config.cost, &[0; 32])?;
    let administration = Administration {
        context: context(store),
        hasher: &hasher,
        by: Actor::CommandLine,
        may_take_last_admin: force,
        issuer: &config.rules.issuer,
    };
    work(&administration).await.map_err(explained)
}

/// Says what else there is to do here.
fn explained(error: Box<dyn Error>) -> Box<dyn Error> {
    match error.downcast_ref() {
        Some(AdminError::LastAdmin) => format!("{error}; --force does it all the same").into(),
        _ => error,
    }
}
