//! `jeton service-accounts`: programs that call on their own behalf. A running server knows of changes at once.

use std::{error::Error, sync::Arc};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::json;

use super::{Outcome, block_on, context, open_store, writing::Writing};
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

pub(super) fn command() -> Command {
    let scopes = || {
        Arg::new("scope")
            .long("scope")
            .value_name("SCOPE")
            .value_parser(value_parser!(Scope))
            .action(ArgAction::Append)
    };
    let json = || {
        Arg::new("json")
            .long("json")
            .action(ArgAction::SetTrue)
            .help("JSON for scripts")
    };
    let about_one = |name: &'static str, about: &'static str| {
        Command::new(name).about(about).arg(
            Arg::new("id")
                .value_name("ID")
                .value_parser(value_parser!(UserId))
                .required(true)
                .help("The account's id, its client_id"),
        )
    };
    let name = Arg::new("name")
        .value_name("NAME")
        .value_parser(value_parser!(AccountName))
        .required(true)
        .help("What people call it");
    Command::new("service-accounts")
        .about("Manage programs that call on their own behalf")
        .subcommand_required(true)
        .subcommand(
            Command::new("create")
                .about("Make one, and print its secret: once")
                .arg(name)
                .arg(scopes().help("A scope it may have; may be repeated"))
                .arg(json()),
        )
        .subcommand(Command::new("list").about("List them").arg(json()))
        .subcommand(
            about_one("set", "Give it other scopes")
                .arg(scopes().help("All its scopes from now on; may be repeated, none for none")),
        )
        .subcommand(about_one("disable", "Refuse it tokens, and those it has"))
        .subcommand(about_one("enable", "Let it have tokens again"))
        .subcommand(
            about_one(
                "rotate",
                "Print a new secret: once. The old one is good for nothing then",
            )
            .arg(json()),
        )
        .subcommand(about_one("delete", "Remove it"))
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    let Some((name, arguments)) = arguments.subcommand() else {
        return Ok(());
    };
    block_on(async {
        if name == "list" {
            let store = open_store(config).await?;
            let outcome = work(&accounts(&store), name, arguments).await;
            store.close().await;
            return outcome;
        }
        let store = Writing::open(config).await?;
        let outcome = work(&accounts(&store), name, arguments).await;
        store.close().await;
        outcome
    })?
}

fn accounts(store: &Arc<dyn Store>) -> ServiceAccounts<'_> {
    ServiceAccounts {
        context: context(store),
        by: Actor::CommandLine,
    }
}

async fn work(accounts: &ServiceAccounts<'_>, name: &str, arguments: &ArgMatches) -> Outcome {
    let as_json = arguments
        .try_get_one("json")
        .ok()
        .flatten()
        .copied()
        .unwrap_or(false);
    match name {
        "create" => {
            let name: &AccountName = arguments.get_one("name").ok_or("a name is missing")?;
            show_secret(&accounts.create(name.clone(), scopes(arguments)).await?, as_json);
        }
        "list" => {
            for account in accounts.list().await? {
                show(&account, as_json);
            }
        }
        "rotate" => show_secret(&accounts.rotate(id(arguments)?).await?, as_json),
        "delete" => {
            accounts.delete(id(arguments)?).await?;
            println!("deleted");
        }
        change => {
            let (scopes, disabled) = match change {
                "disable" => (None, Some(true)),
                "enable" => (None, Some(false)),
                _ => (Some(scopes(arguments)), None),
            };
            show(&accounts.change(id(arguments)?, scopes, disabled).await?, false);
        }
    }
    Ok(())
}

fn id(arguments: &ArgMatches) -> Result<UserId, Box<dyn Error>> {
    Ok(*arguments.get_one("id").ok_or("an id is missing")?)
}

fn scopes(arguments: &ArgMatches) -> Vec<Scope> {
    arguments.get_many("scope").unwrap_or_default().cloned().collect()
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

fn show_secret((account, secret): &(ServiceAccount, ClientSecret), as_json: bool) {
    if as_json {
        println!(
            "{}",
            json!({ "client_id": account.id, "client_secret": secret.expose() })
        );
    } else {
        println!("client_id     {}\nclient_secret {}", account.id, secret.expose());
        eprintln!("The secret is shown this once. Programs get tokens with it at POST /oauth/token.");
    }
}
