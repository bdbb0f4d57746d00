use clap::Args;

use super::{
    acting::{Force, Named, administrate},
    output,
};
use crate::{
    cli::{
        arguments::Json,
        running::{Outcome, root},
    },
    config::Config,
    service::machinery::fingerprints::Fingerprints,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Reset {
    #[command(flatten)]
    named: Named,
    /// Make the present password good for nothing and end every session
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    output: Json,
}

pub(super) fn reset(config: &Config, arguments: &Reset) -> Outcome {
    administrate(config, Force::default(), async |administration| {
        let user = arguments.named.find(administration).await?;
        let issued = administration.reset_password(user.id, arguments.force).await?;
        if arguments.output.json {
            output::code_as_json(&issued);
        } else {
            output::code(&issued);
        }
        Ok(())
    })
}

pub(super) fn unlock(config: &Config, named: &Named) -> Outcome {
    administrate(config, Force::default(), async |administration| {
        let user = named.find(administration).await?;
        let fingerprints = Fingerprints::new(&root(config, &**administration.context.store).await?)?;
        administration.forgive(&user, &fingerprints).await?;
        println!("{} {} is unlocked", user.id, user.username);
        Ok(())
    })
}
