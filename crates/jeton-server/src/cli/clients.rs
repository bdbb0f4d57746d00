//! `jeton clients`, once called `jeton service-accounts`: programs that call on their own behalf. A running server knows of changes at once.

use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::json;

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
            Client, ClientName, ClientSecret,
            change::{ClientEdit, NewClient, RegistrationChange},
        },
        id::ClientId,
        scope::{Scope, joined},
    },
    service::clients::administration::Clients,
    store::Store,
};

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Make one, and print its secret: once
    Create {
        /// The name people call it by
        name: ClientName,
        /// A scope it may have; may be repeated
        #[arg(long)]
        scope: Vec<Scope>,
        #[command(flatten)]
        output: Json,
    },
    /// List them
    List(Json),
    /// Give it other scopes
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

pub(super) fn run(config: &Config, task: Task) -> Outcome {
    let only_reads = matches!(task, Task::List(_));
    let work = async |store: &Arc<dyn Store>| work(&clients(store), task).await;
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

async fn work(clients: &Clients<'_>, task: Task) -> Outcome {
    match task {
        Task::Create { name, scope, output } => {
            let new = NewClient {
                name,
                scopes: scope,
                registration: RegistrationChange::default(),
            };
            let made = clients.create(new).await?;
            show_secret(&made.client, made.secret.as_ref(), output);
        }
        Task::List(output) => {
            for client in clients.list().await? {
                show(&client, output.json);
            }
        }
        Task::Set { client, scope } => {
            let edit = ClientEdit {
                scopes: Some(scope),
                ..ClientEdit::default()
            };
            show(&clients.change(client.id, edit).await?, false);
        }
        Task::Disable(client) => show(&clients.change(client.id, disabling(true)).await?, false),
        Task::Enable(client) => show(&clients.change(client.id, disabling(false)).await?, false),
        Task::Rotate { client, output } => {
            let (client, secret) = clients.rotate(client.id).await?;
            show_secret(&client, Some(&secret), output);
        }
        Task::Delete(client) => {
            clients.delete(client.id).await?;
            println!("deleted");
        }
    }
    Ok(())
}

fn disabling(disabled: bool) -> ClientEdit {
    ClientEdit {
        disabled: Some(disabled),
        ..ClientEdit::default()
    }
}

fn show(client: &Client, as_json: bool) {
    if as_json {
        println!(
            "{}",
            json!({
                "id": client.id,
                "name": client.name.as_str(),
                "scopes": client.scopes.iter().map(Scope::as_str).collect::<Vec<_>>(),
                "disabled": client.disabled,
                "created_at": client.created_at.seconds(),
            })
        );
        return;
    }
    let disabled = if client.disabled { " (disabled)" } else { "" };
    println!(
        "{} {} [{}]{disabled}",
        client.id,
        client.name.as_str(),
        joined(&client.scopes)
    );
}

fn show_secret(client: &Client, secret: Option<&ClientSecret>, output: Json) {
    if output.json {
        let mut answer = json!({ "client_id": client.id });
        if let Some(secret) = secret {
            answer["client_secret"] = secret.expose().into();
        }
        println!("{answer}");
        return;
    }
    println!("client_id     {}", client.id);
    if let Some(secret) = secret {
        println!("client_secret {}", secret.expose());
        eprintln!("The secret is shown this once. Programs get tokens with it at POST /oauth/token.");
    }
}
