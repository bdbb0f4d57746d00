use clap::Args;
use jeton::Algorithm;

use super::{file, output, sealer};
use crate::{
    cli::{
        arguments::{Json, Yes},
        input,
        running::Outcome,
    },
    config::Config,
    model::key::{Phase, Purpose},
    service::keys::KeyAdministration,
};

/// Arguments of every way to a new key.
#[derive(Debug, Args)]
pub(in crate::cli) struct Change {
    /// Which tokens it signs: access, refresh, playground, id-es256, id-rs256 or id-eddsa [default: access]
    #[arg(long, value_name = "PURPOSE", value_parser = purpose)]
    purpose: Option<Purpose>,
    /// Print the times it would take, and do nothing
    #[arg(long)]
    plan: bool,
    /// The key that signs is lost: the new one signs at once, and nothing the others signed is accepted
    #[arg(long)]
    emergency: bool,
    #[command(flatten)]
    confirmation: Yes,
    #[command(flatten)]
    output: Json,
}

impl Change {
    fn purpose(&self) -> Purpose {
        self.purpose.unwrap_or(Purpose::Access)
    }
}

pub(super) async fn rotate(
    administration: &KeyAdministration<'_>,
    config: &Config,
    algorithm: Option<Algorithm>,
    change: &Change,
) -> Outcome {
    if change.plan {
        return plan(administration, change).await;
    }
    prepare(administration, change).await?;
    let rotated = administration
        .rotate(&sealer(config)?, change.purpose(), algorithm, change.emergency)
        .await?;
    output::plan(&rotated, change.output.json);
    Ok(())
}

pub(super) async fn import(
    administration: &KeyAdministration<'_>,
    config: &Config,
    file: &str,
    algorithm: Option<Algorithm>,
    change: &Change,
) -> Outcome {
    let key = file::read(file, algorithm)?;
    if change.plan {
        return plan(administration, change).await;
    }
    prepare(administration, change).await?;
    let imported = administration
        .import(&sealer(config)?, change.purpose(), &key, change.emergency)
        .await?;
    output::plan(&imported, change.output.json);
    Ok(())
}

pub(super) async fn retire(administration: &KeyAdministration<'_>, kid: &str, confirmation: Yes) -> Outcome {
    let keys = administration.list().await?;
    let found = keys.iter().find(|(key, _)| key.kid == kid);
    match found {
        Some((_, Phase::Retired)) => {
            println!("{kid} is retired already");
            return Ok(());
        }
        Some((key, Phase::Accepted)) => confirm(confirmation, key.purpose)?,
        Some((_, Phase::Pending | Phase::Signing)) | None => {}
    }
    let sessions = administration.retire(kid).await?;
    println!("{kid} is retired");
    output::sessions_ended(sessions);
    Ok(())
}

async fn plan(administration: &KeyAdministration<'_>, change: &Change) -> Outcome {
    let plan = administration.plan(change.purpose(), change.emergency).await?;
    output::plan(&plan, change.output.json);
    Ok(())
}

/// Conditions for making a key. What cannot be is said before anything is asked.
async fn prepare(administration: &KeyAdministration<'_>, change: &Change) -> Outcome {
    administration.plan(change.purpose(), change.emergency).await?;
    if change.emergency {
        confirm(change.confirmation, change.purpose())?;
    }
    Ok(())
}

fn confirm(confirmation: Yes, purpose: Purpose) -> Outcome {
    if confirmation.yes {
        return Ok(());
    }
    let what = match purpose {
        Purpose::Access => "Access tokens under the key are refused from now on; clients that refresh go on.",
        Purpose::Refresh => "Every session under the key ends: its user has to sign in again.",
        Purpose::IdToken(_) => {
            "Applications refuse what the key signed once they have read the key set again; nobody is signed out."
        }
        Purpose::Playground | Purpose::Root => "Samples of the playground are refused from now on.",
    };
    match input::answer(&format!("{what} Type yes to go on: "))?.as_deref() {
        None => Err(format!("{what} There is nobody to ask: confirm with --yes").into()),
        Some("yes") => Ok(()),
        Some(_) => Err("nothing was done".into()),
    }
}

fn purpose(name: &str) -> Result<Purpose, String> {
    Purpose::signing(name).ok_or_else(|| format!("it is none of {}", Purpose::SIGNING_NAMES))
}
