//! `jeton service-accounts`: programs that call on their own behalf. A running server knows of changes at once.

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
        id::UserId,
        scope::{Scope, joined},
        service_account::{AccountName, ClientSecret, ServiceAccount},
    },
    service::clients::service_accounts::ServiceAccounts,
    store::Store,
};

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Make one, and print its secret: once
    Create {
        /// What people call it
        name: AccountName,
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
        account: Account,
        /// All its scopes from now on; may be repeated, none for none
        #[arg(long)]
        scope: Vec<Scope>,
    },
    /// Refuse it tokens, and those it has
    Disable(Account),
    /// Let it have tokens again
    Enable(Account),
    /// Print a new secret: once. The old one is good for nothing then
    Rotate {
        #[command(flatten)]
        account: Account,
        #[command(flatten)]
        output: Json,
    },
    /// Remove it
    Delete(Account),
}

#[derive(Debug, Args)]
pub(super) struct Account {
    #[arg(help = "The account's id, its client_id")]
    id: UserId,
}

pub(super) fn run(config: &Config, task: Task) -> Outcome {
    let only_reads = matches!(task, Task::List(_));
    let work = async |store: &Arc<dyn Store>| work(&accounts(store), task).await;
    if only_reads {
        reading(config, work)
    } else {
        writing(config, work)
    }
}

fn accounts(store: &Arc<dyn Store>) -> ServiceAccounts<'_> {
    ServiceAccounts {
        context: context(store),
        by: Actor::CommandLine,
    }
}

async fn work(accounts: &ServiceAccounts<'_>, task: Task) -> Outcome {
    match task {
        Task::Create { name, scope, output } => show_secret(&accounts.create(name, scope).await?, output),
        Task::List(output) => {
            for account in accounts.list().await? {
                show(&account, output.json);
            }
        }
        Task::Set { account, scope } => show(&accounts.change(account.id, Some(scope), None).await?, false),
        Task::Disable(account) => show(&accounts.change(account.id, None, Some(true)).await?, false),
        Task::Enable(account) => show(&accounts.change(account.id, None, Some(false)).await?, false),
        Task::Rotate { account, output } => show_secret(&accounts.rotate(account.id).await?, output),
        Task::Delete(account) => {
            accounts.delete(account.id).await?;
            println!("deleted");
        }
    }
    Ok(())
}

fn show(account: &ServiceAccount, as_json: bool) {
    if as_json {
        println!(
            "{}",
            json!({
                "id": account.id,
                "name": account.name.as_str(),
                "scopes": account.scopes.iter().map(Scope::as_str).collect::<Vec<_>>(),
                "disabled": account.disabled,
                "created_at": account.created_at.seconds(),
            })
        );
        return;
    }
    let disabled = if account.disabled { " (disabled)" } else { "" };
    println!(
        "{} {} [{}]{disabled}",
        account.id,
        account.name.as_str(),
        joined(&account.scopes)
    );
}

fn show_secret((account, secret): &(ServiceAccount, ClientSecret), output: Json) {
    if output.json {
        println!(
            "{}",
            json!({ "client_id": account.id, "client_secret": secret.expose() })
        );
    } else {
        println!("client_id     {}\nclient_secret {}", account.id, secret.expose());
        eprintln!("The secret is shown this once. Programs get tokens with it at POST /oauth/token.");
    }
}
