//! `jeton users`: what administrators do over HTTP, for whoever has the machine. A running server knows of it at once.

use clap::Subcommand;

use super::running::Outcome;
use crate::config::Config;

mod acting;
mod change;
mod create;
mod delete;
mod import;
mod list;
mod output;
mod passwords;
mod sessions;

use acting::{Force, Named, Shown};

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
