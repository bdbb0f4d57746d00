use std::{
    error::Error,
    io::{IsTerminal, stdin},
};

use clap::{Arg, ArgAction, Command};
use jeton::Algorithm;

use super::{Call, Outcome, file, json, output, yes};
use crate::{
    model::key::{Phase, Purpose},
    service::keys::KeyAdministration,
};

/// What every way to a new key takes.
pub(super) fn arguments(command: Command, algorithm: &'static str) -> Command {
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    command
        .arg(
            Arg::new("purpose")
                .long("purpose")
                .value_name("access|refresh|playground")
                .value_parser(purpose)
                .help("Which tokens it signs [default: access]"),
        )
        .arg(
            Arg::new("algorithm")
                .long("algorithm")
                .value_name("NAME")
                .value_parser(self::algorithm)
                .help(algorithm),
        )
        .arg(switch("plan", "Print the times it would take, and do nothing"))
        .arg(switch(
            "emergency",
            "The key that signs is lost: the new one signs at once, and nothing the others signed is accepted",
        ))
        .arg(yes())
        .arg(json("JSON for scripts"))
}

pub(super) async fn rotate(call: &Call<'_>, administration: &KeyAdministration<'_>) -> Outcome {
    let (purpose, emergency) = (call.purpose(), call.arguments.get_flag("emergency"));
    if call.arguments.get_flag("plan") {
        return plan(call, administration).await;
    }
    prepare(call, administration).await?;
    let vault = call.vault()?;
    let rotated = administration.rotate(&vault, purpose, call.algorithm(), emergency);
    output::plan(&rotated.await?, call.arguments.get_flag("json"));
    Ok(())
}

pub(super) async fn import(call: &Call<'_>, administration: &KeyAdministration<'_>) -> Outcome {
    let key = file::read(call.text("file"), call.algorithm())?;
    if call.arguments.get_flag("plan") {
        return plan(call, administration).await;
    }
    prepare(call, administration).await?;
    let (vault, emergency) = (call.vault()?, call.arguments.get_flag("emergency"));
    let imported = administration.import(&vault, call.purpose(), &key, emergency);
    output::plan(&imported.await?, call.arguments.get_flag("json"));
    Ok(())
}

pub(super) async fn retire(call: &Call<'_>, administration: &KeyAdministration<'_>) -> Outcome {
    let kid = call.text("kid");
    let keys = administration.list().await?;
    let found = keys.iter().find(|(key, _)| key.kid == kid);
    match found {
        Some((_, Phase::Retired)) => {
            println!("{kid} is retired already");
            return Ok(());
        }
        Some((key, Phase::Accepted)) => confirm(call, key.purpose)?,
        _ => {}
    }
    let sessions = administration.retire(kid).await?;
    println!("{kid} is retired");
    output::sessions_ended(sessions);
    Ok(())
}

async fn plan(call: &Call<'_>, administration: &KeyAdministration<'_>) -> Outcome {
    let emergency = call.arguments.get_flag("emergency");
    let plan = administration.plan(call.purpose(), emergency).await?;
    output::plan(&plan, call.arguments.get_flag("json"));
    Ok(())
}

/// What has to be true before a key is made. What cannot be is said before anything is asked.
async fn prepare(call: &Call<'_>, administration: &KeyAdministration<'_>) -> Outcome {
    let emergency = call.arguments.get_flag("emergency");
    administration.plan(call.purpose(), emergency).await?;
    if emergency {
        confirm(call, call.purpose())?;
    }
    Ok(())
}

fn confirm(call: &Call<'_>, purpose: Purpose) -> Outcome {
    if call.arguments.get_flag("yes") {
        return Ok(());
    }
    let what = match purpose {
        Purpose::Access => "Access tokens under the key are refused from now on; clients that refresh go on.",
        Purpose::Refresh => "Every session under the key ends: its user has to sign in again.",
        Purpose::Playground | Purpose::Root => "Samples of the playground are refused from now on.",
    };
    if !stdin().is_terminal() {
        return Err(format!("{what} There is nobody to ask: confirm with --yes").into());
    }
    eprint!("{what} Type yes to go on: ");
    let mut line = String::new();
    stdin().read_line(&mut line)?;
    if line.trim() == "yes" {
        Ok(())
    } else {
        Err("nothing was done".into())
    }
}

fn purpose(name: &str) -> Result<Purpose, String> {
    Purpose::SIGNING
        .into_iter()
        .find(|purpose| purpose.as_str() == name)
        .ok_or_else(|| "it is none of access, refresh and playground".to_owned())
}

fn algorithm(name: &str) -> Result<Algorithm, Box<dyn Error + Send + Sync>> {
    let names = || {
        let names: Vec<_> = Algorithm::ALL.iter().map(|algorithm| algorithm.name()).collect();
        format!("it is none of {}", names.join(", ")).into()
    };
    name.parse().map_err(|_| names())
}
