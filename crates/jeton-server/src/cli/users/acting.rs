//! Acts on accounts in the name of the command line, and the arguments they share.

use std::{error::Error, sync::Arc};

use clap::Args;

use crate::{
    cli::{
        arguments::Json,
        running::{Outcome, context, reading},
        writing::writing,
    },
    config::Config,
    model::{audit::Actor, id::UserId, user::User, username::UsernameKey},
    service::{
        accounts::admin::{AdminError, Administration},
        machinery::hasher::Hasher,
    },
    store::Store,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Named {
    /// The username or the user's id
    #[arg(value_name = "NAME|ID")]
    pub(super) user: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Shown {
    #[command(flatten)]
    pub(super) named: Named,
    #[command(flatten)]
    pub(super) output: Json,
}

#[derive(Clone, Copy, Debug, Default, Args)]
pub(in crate::cli) struct Force {
    /// Even if this is the last administrator
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Attributes {
    /// An object whose members go into the user's access tokens
    #[arg(long, value_name = "JSON")]
    pub(super) claims: Option<String>,
    /// The e-mail address
    #[arg(long, value_name = "ADDRESS")]
    pub(super) email: Option<String>,
}

impl Named {
    /// The user of this name or id.
    pub(super) async fn find(&self, administration: &Administration<'_>) -> Outcome<User> {
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
pub(in crate::cli) fn administrate(
    config: &Config,
    force: Force,
    work: impl AsyncFnOnce(&Administration<'_>) -> Outcome,
) -> Outcome {
    writing(config, async |store| {
        with_administration(config, store, force, work).await
    })
}

/// Looks something up, which takes no master key.
pub(in crate::cli) fn look(
    config: &Config,
    work: impl AsyncFnOnce(&Administration<'_>) -> Outcome,
) -> Outcome {
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
