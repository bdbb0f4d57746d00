//! `jeton keys`: which keys there are, and how one takes the place of another. A running server heeds it within the
//! second.

use std::sync::Arc;

use clap::Subcommand;
use jeton::Algorithm;

use super::{
    arguments::{Json, Yes},
    counted::counted,
    running::{Outcome, context, reading},
    writing::writing,
};
use crate::{
    config::Config,
    model::audit::Actor,
    service::{
        keys::KeyAdministration,
        machinery::{keys::KeySealer, random::SystemRandom},
    },
    store::Store,
};

mod file;
mod output;
mod rotate;

use rotate::Change;

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// List the keys, the newest first
    List(Json),
    /// Put a new key in the place of the one that signs
    Rotate {
        /// The new key's algorithm [default: that of the key it replaces]
        #[arg(long, value_name = "NAME", value_parser = algorithm)]
        algorithm: Option<Algorithm>,
        #[command(flatten)]
        change: Change,
    },
    /// Put a key that was made elsewhere in the place of the one that signs
    Import {
        /// A private key in PEM or as a JWK, or a secret as a JWK; - reads standard input
        file: String,
        /// Its algorithm, where the file does not say
        #[arg(long, value_name = "NAME", value_parser = algorithm)]
        algorithm: Option<Algorithm>,
        #[command(flatten)]
        change: Change,
    },
    /// Accept what a key signed no longer, or give up one that does not sign yet
    Retire {
        /// The key's name
        kid: String,
        #[command(flatten)]
        confirmation: Yes,
    },
    #[command(
        about = "Put every key under the new master key, JETON_MASTER_KEY; JETON_MASTER_KEY_PREVIOUS is the one before"
    )]
    Reseal,
}

pub(super) fn run(config: &Config, task: &Task) -> Outcome {
    let work = async |store: &Arc<dyn Store>| work(config, &administration(config, store), task).await;
    if matches!(task, Task::List(_)) {
        reading(config, work)
    } else {
        writing(config, work)
    }
}

async fn work(config: &Config, administration: &KeyAdministration<'_>, task: &Task) -> Outcome {
    match task {
        Task::List(output) => list(administration, *output).await,
        Task::Rotate { algorithm, change } => {
            rotate::rotate(administration, config, *algorithm, change).await
        }
        Task::Import {
            file,
            algorithm,
            change,
        } => rotate::import(administration, config, file, *algorithm, change).await,
        Task::Retire { kid, confirmation } => rotate::retire(administration, kid, *confirmation).await,
        Task::Reseal => reseal(administration, &sealer(config)?).await,
    }
}

fn sealer(config: &Config) -> Outcome<KeySealer> {
    Ok(KeySealer::new(config.master_keys(true, &SystemRandom)?)?)
}

fn administration<'a>(config: &'a Config, store: &'a Arc<dyn Store>) -> KeyAdministration<'a> {
    KeyAdministration {
        context: context(store),
        rules: &config.rules,
        has_secret: config.secrets.current.is_some(),
        by: Actor::CommandLine,
    }
}

async fn list(administration: &KeyAdministration<'_>, output: Json) -> Outcome {
    for (key, phase) in administration.list().await? {
        output::key(&key, phase, output.json);
    }
    if administration.has_secret {
        eprintln!("Access tokens are signed with JWT_SECRET, and with none of these.");
    }
    Ok(())
}

async fn reseal(administration: &KeyAdministration<'_>, sealer: &KeySealer) -> Outcome {
    match administration.reseal(sealer).await? {
        0 => println!("every key was under this master key already"),
        keys => println!(
            "{} under the new master key now",
            counted(keys, "key is", "keys are")
        ),
    }
    Ok(())
}

fn algorithm(name: &str) -> Result<Algorithm, String> {
    name.parse().map_err(|_| {
        let names: Vec<_> = Algorithm::ALL.iter().map(|algorithm| algorithm.name()).collect();
        format!("it is none of {}", names.join(", "))
    })
}
