//! `jeton clients`, once called `jeton service-accounts`: programs and applications that get tokens. A running server
//! knows of changes at once.

use std::sync::Arc;

use clap::{Args, Subcommand, builder::PossibleValuesParser};

use super::{
    arguments::Json,
    running::{Outcome, context, reading},
    writing::writing,
};
use crate::{
    config::Config,
    model::{
        audit::Actor,
        client::{
            ClientName,
            change::{ClientEdit, NewClient, RegistrationChange},
            registration::ClientAuthentication,
        },
        id::ClientId,
        scope::Scope,
    },
    service::clients::{
        administration::Clients,
        presets::{self, Preset},
    },
    store::Store,
};

mod arguments;
mod output;

use arguments::Registering;

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Make one, and print its secret: once
    ///
    /// With a redirect URI it signs people in; without, it is a program that calls on its own behalf.
    Create {
        /// The name people call it by
        name: ClientName,
        /// Register what a well-known program needs, and print the settings to paste into it
        #[arg(long, value_name = "NAME", value_parser = preset_names())]
        preset: Option<String>,
        /// Where that program is reached
        #[arg(long, value_name = "APP_URL", requires = "preset")]
        url: Option<String>,
        #[command(flatten)]
        registering: Box<Registering>,
        #[command(flatten)]
        output: Json,
    },
    /// List them
    List(Json),
    /// Show one, with what it registered
    Show {
        #[command(flatten)]
        client: Named,
        #[command(flatten)]
        output: Json,
    },
    /// Change one: what no flag names stays, an empty text takes away
    #[command(alias = "update")]
    Change {
        #[command(flatten)]
        client: Named,
        /// Another name
        #[arg(long)]
        name: Option<ClientName>,
        #[command(flatten)]
        registering: Box<Registering>,
        #[command(flatten)]
        output: Json,
    },
    /// Give it other scopes
    #[command(hide = true)]
    Set {
        #[command(flatten)]
        client: Named,
        /// All its scopes from now on; may be repeated, none for none
        #[arg(long)]
        scope: Vec<Scope>,
    },
    /// Refuse it tokens, and those it has
    Disable(Named),
    /// Let it have tokens again
    Enable(Named),
    /// Print a new secret: once. The old one is good for nothing then
    Rotate {
        #[command(flatten)]
        client: Named,
        #[command(flatten)]
        output: Json,
    },
    /// Remove it
    Delete(Named),
}

#[derive(Debug, Args)]
pub(super) struct Named {
    #[arg(help = "The client's id, its client_id")]
    id: ClientId,
}

fn preset_names() -> PossibleValuesParser {
    PossibleValuesParser::new(presets::ALL.iter().map(|preset| preset.name))
}

pub(super) fn run(config: &Config, task: Task) -> Outcome {
    let only_reads = matches!(task, Task::List(_) | Task::Show { .. });
    let issuer = config.issuer.as_str();
    let work = async |store: &Arc<dyn Store>| work(&clients(store), task, issuer).await;
    if only_reads {
        reading(config, work)
    } else {
        writing(config, work)
    }
}

fn clients(store: &Arc<dyn Store>) -> Clients<'_> {
    Clients {
        context: context(store),
        by: Actor::CommandLine,
    }
}

async fn work(clients: &Clients<'_>, task: Task, issuer: &str) -> Outcome {
    match task {
        Task::Create {
            name,
            preset,
            url,
            registering,
            output,
        } => {
            let preset = preset.as_deref().and_then(Preset::named);
            let url = url
                .as_deref()
                .or(preset.map(|preset| preset.url))
                .unwrap_or_default();
            let made = clients
                .create(new_client(name, preset, url, *registering)?)
                .await?;
            match preset {
                Some(preset) => output::settings(preset, issuer, url, &made, output),
                None => output::credentials(&made.client, made.secret.as_ref(), output),
            }
        }
        Task::List(output) => {
            for client in clients.list().await? {
                output::line(&client, output);
            }
        }
        Task::Show { client, output } => output::whole(&clients.find(client.id).await?, output),
        Task::Change {
            client,
            name,
            mut registering,
            output,
        } => {
            let edit = ClientEdit {
                name,
                scopes: arguments::list(std::mem::take(&mut registering.scope)),
                disabled: None,
                registration: registering.over(RegistrationChange::default())?,
            };
            let proves_by_secret = edit.registration.authentication == Some(ClientAuthentication::Secret);
            let changed = clients.change(client.id, edit).await?;
            output::whole(&changed, output);
            if proves_by_secret {
                eprintln!(
                    "If it had no secret before, it gets one by: jeton clients rotate {}",
                    changed.id
                );
            }
        }
        Task::Set { client, scope } => {
            let edit = ClientEdit {
                scopes: Some(scope),
                ..ClientEdit::default()
            };
            output::line(&clients.change(client.id, edit).await?, Json { json: false });
        }
        Task::Disable(client) => disable(clients, client.id, true).await?,
        Task::Enable(client) => disable(clients, client.id, false).await?,
        Task::Rotate { client, output } => {
            let (client, secret) = clients.rotate(client.id).await?;
            output::credentials(&client, Some(&secret), output);
        }
        Task::Delete(client) => {
            clients.delete(client.id).await?;
            println!("deleted");
        }
    }
    Ok(())
}

/// The client asked for; flags stand in the place of what the preset has.
fn new_client(
    name: ClientName,
    preset: Option<&Preset>,
    url: &str,
    mut registering: Registering,
) -> Outcome<NewClient> {
    let (mut registration, mut scopes) = (RegistrationChange::default(), Vec::new());
    if let Some(preset) = preset {
        registration = preset
            .registration(url)
            .map_err(|error| format!("--url {url} cannot be where {} is reached: {error}", preset.title))?;
        scopes = preset.scopes();
    }
    if let Some(given) = arguments::list(std::mem::take(&mut registering.scope)) {
        scopes = given;
    }
    Ok(NewClient {
        name,
        scopes,
        registration: registering.over(registration)?,
    })
}

async fn disable(clients: &Clients<'_>, id: ClientId, disabled: bool) -> Outcome {
    let edit = ClientEdit {
        disabled: Some(disabled),
        ..ClientEdit::default()
    };
    output::line(&clients.change(id, edit).await?, Json { json: false });
    Ok(())
}
